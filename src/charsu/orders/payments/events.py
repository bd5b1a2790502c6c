"""What a provider tells of its own accord, before, with or after its answer."""

from uuid import UUID

from msgspec import Struct

from charsu.kernel import NotFound, Tx, operation
from charsu.kernel.processes import wake
from charsu.orders.payments.authorizations import lock_authorization, take_answer
from charsu.orders.payments.provider import Answer, Authorized, Declined, Escalated


class NotePayment(Struct, frozen=True, kw_only=True):
    """How an authorization came out, as its provider says; exactly one of the three.

    The edge has proved that the message comes from the provider. Its id is the idempotency key.
    """

    authorization_id: UUID
    authorized: Authorized | None = None
    escalated: Escalated | None = None
    declined: Declined | None = None

    @property
    def answer(self) -> Answer:
        said = self.authorized or self.escalated or self.declined
        assert said is not None, "the edge has read an answer"
        return said


class PaymentNoted(Struct, frozen=True):
    """How the authorization stands now."""

    authorization_id: UUID
    state: str


@operation("orders.note_payment", permission="payments.note", raises=(NotFound,))
def note_payment(tx: Tx, ask: NotePayment) -> PaymentNoted:
    """Take down what a provider says of an authorization, and let whoever waits for it go on.

    Said twice, too late, or beside the provider's answer it changes nothing more.
    """
    one = take_answer(tx, lock_authorization(tx, ask.authorization_id), ask.answer)
    wake(tx, one.id)
    return PaymentNoted(one.id, one.state)
