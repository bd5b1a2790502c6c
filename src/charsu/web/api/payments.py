"""Where payment providers tell of their own accord how payments came out.

Nobody signs in here: a message proves by itself that it comes from its provider. Who cannot prove
it learns nothing, not even which providers there are. The body is read and not kept.
"""

from collections.abc import Mapping
from uuid import UUID

from litestar import Router

from charsu.kernel import SYSTEM, Hub, KeyReused, NotFound
from charsu.orders import NoteTerminalPayment, note_terminal_payment, refuse_card_numbers
from charsu.orders.payments import (
    PROVIDERS,
    EventForged,
    Message,
    NoteRefund,
    RefundEvent,
    TerminalEvent,
    note_payment,
    note_refund_failed,
    noting,
)
from charsu.web.api.messages import messages_router
from charsu.web.api.threads import Threads


def payments_router(hub: Hub, threads: Threads) -> Router:
    """The door for the messages of every provider."""
    path = "/v1/payments/{sender:str}/events"
    return messages_router(path, hub, threads, take_message, operation="orders.note_payment")


def take_message(hub: Hub, provider: str, headers: Mapping[str, str], body: bytes) -> None:
    """Take down what a provider says, once for each of its events.

    What it says of payments that are not ours, or says again in other words, is passed over: it
    would only send it again. Reconciliation finds what is missing here. Raises EventForged;
    CardNumberShown where it sends a whole card number, which nobody here reads.
    """
    refuse_card_numbers(body.decode(errors="replace"))  # whoever sends it, or it would tell which
    if provider not in PROVIDERS:
        raise EventForged
    said = PROVIDERS[provider].read_event(headers, body)
    if said is None:
        return
    try:
        _note(hub, provider, said)
    except (NotFound, KeyReused):
        return


def _note(hub: Hub, provider: str, said: Message) -> None:
    key = f"{provider}:{said.event_id}"
    if isinstance(said, RefundEvent):
        ask = NoteRefund(refund_id=said.refund_id, provider=provider, reason=said.reason)
        hub.run(note_refund_failed, ask, actor=SYSTEM, key=key)
    elif isinstance(said, TerminalEvent):
        on_terminal = NoteTerminalPayment(
            terminal_payment_id=_ours(said.key), kind=provider, outcome=said.outcome
        )
        hub.run(note_terminal_payment, on_terminal, actor=SYSTEM, key=key)
    else:
        note = noting(provider, said.authorization_id, said.answer)
        hub.run(note_payment, note, actor=SYSTEM, key=key)


def _ours(key: str) -> UUID:
    """Raises NotFound for what is no reference of ours."""
    try:
        return UUID(key)
    except ValueError as foreign:
        raise NotFound("terminal payment", key) from foreign
