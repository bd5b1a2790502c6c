"""What a provider tells of its own accord, before, with or after its answer."""

from typing import Any
from uuid import UUID

from msgspec import Struct

from charsu.kernel import NotFound, Tx, append, operation
from charsu.kernel.processes import wake
from charsu.orders.facts import PaymentMissing
from charsu.orders.loaded import load, settle
from charsu.orders.payments.authorizations import (
    Authorization,
    find_authorization,
    let_go,
    lock_authorization,
    take_answer,
)
from charsu.orders.payments.orphans import begin_to_free
from charsu.orders.payments.provider import Answer, Authorized, Declined, Escalated, Lapsed
from charsu.orders.payments.refunding import undo_refund


class NotePayment(Struct, frozen=True, kw_only=True):
    """How an authorization came out, as its provider says; exactly one of the four.

    The edge has proved that the message comes from the provider. Its id is the idempotency key.

    provider   who says it; of the payments of another it may say nothing
    """

    authorization_id: UUID
    provider: str | None = None
    authorized: Authorized | None = None
    escalated: Escalated | None = None
    declined: Declined | None = None
    lapsed: Lapsed | None = None

    @property
    def answer(self) -> Answer | Lapsed:
        said = self.authorized or self.escalated or self.declined or self.lapsed
        assert said is not None, "the edge has read an answer"
        return said


def noting(provider: str, authorization: UUID, said: Answer | Lapsed) -> NotePayment:
    """The request that takes down what a provider said of an authorization."""
    as_field: dict[str, Any] = {type(said).__name__.lower(): said}
    return NotePayment(authorization_id=authorization, provider=provider, **as_field)


class PaymentNoted(Struct, frozen=True):
    """How the authorization stands now."""

    authorization_id: UUID
    state: str


@operation("orders.note_payment", permission="payments.note", raises=(NotFound,))
def note_payment(tx: Tx, ask: NotePayment) -> PaymentNoted:
    """Take down what a provider says of an authorization, and let whoever waits for it go on.

    Said twice, too late, or beside the provider's answer it changes nothing more. What is promised
    although nobody here waits for it any more is let go.
    """
    if ask.provider not in {None, find_authorization(tx, ask.authorization_id).provider}:
        raise NotFound("authorization", ask.authorization_id)
    said = ask.answer
    if isinstance(said, Lapsed):
        one = _lapse(tx, ask.authorization_id, said.reason)
    else:
        was = lock_authorization(tx, ask.authorization_id)
        if isinstance(said, Authorized) and was.is_given_up:
            begin_to_free(tx, was, reference=said.reference)
        one = take_answer(tx, was, said)
    wake(tx, one.id)
    return PaymentNoted(one.id, one.state)


def _lapse(tx: Tx, identity: UUID, reason: str) -> Authorization:
    """What was promised for an order is gone, but for what is being taken at this moment."""
    order_id = find_authorization(tx, identity).order_id
    order = None if order_id is None else load(tx, order_id)  # orders are locked first
    one = lock_authorization(tx, identity)
    if one.is_open:
        return take_answer(tx, one, Declined(reason))
    if order is None or not one.left_minor:
        return one
    one = let_go(tx, one, reason=reason)
    order = load(tx, order.id)
    if not order.left_minor:  # it was let go here, too, and the provider only says so
        return one
    order = settle(tx, order)
    fact = PaymentMissing(left_minor=order.left_minor, currency=order.currency, reason=reason)
    append(tx, fact, subject=order.id, version=order.version)
    return one


class NoteRefund(Struct, frozen=True, kw_only=True):
    """Which refund did not reach the customer, and why, in the provider's words."""

    refund_id: UUID
    provider: str
    reason: str


class RefundNoted(Struct, frozen=True):
    """How the refund stands now."""

    refund_id: UUID
    state: str


@operation("orders.note_refund_failed", permission="payments.note", raises=(NotFound,))
def note_refund_failed(tx: Tx, ask: NoteRefund) -> RefundNoted:
    """Take down that money which was on its way back did not arrive: it is owed to her still."""
    return RefundNoted(ask.refund_id, undo_refund(tx, ask.refund_id, ask.provider, ask.reason))
