"""Taking money through a provider: an attempt that is kept before the call, and finished after it.

The provider is outside and may be slow, say no, or not answer. The attempt is committed before the
call and carries a key, so that the provider takes the money once however often it is asked. Money
that turns out not to be needed goes back.
"""

from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import Hub, Tx, append, operation
from charsu.kernel.processes import Outside, Process, Running, advance, begin, finish
from charsu.orders.card_numbers import refuse_card_numbers
from charsu.orders.errors import AlreadyPaid, CardNumberShown, WrongStep
from charsu.orders.facts import ChargeBegun, ChargeFailed
from charsu.orders.loaded import load, order_places
from charsu.orders.operations.pay import PayOrder, load_to_pay, pay_order
from charsu.orders.payments.provider import Authorize, Authorized, Declined
from charsu.orders.payments.providers import PROVIDERS


class ChargeOrder(Struct, frozen=True, kw_only=True):
    """Money to be taken through a provider; the token stands for the customer's card there."""

    order_id: UUID
    amount_minor: Annotated[int, Meta(ge=1, le=10**12)]
    token: Annotated[str, Meta(min_length=1, max_length=128, pattern="^[A-Za-z0-9_.:-]+$")]
    provider: Literal["test"] = "test"


class Charging(Struct, frozen=True):
    """The attempt; how it comes out is told by the order's payments and history."""

    process_id: UUID
    order_id: UUID
    version: int


def _places(tx: Tx, ask: Any) -> tuple[UUID, ...] | None:
    return order_places(tx, ask.order_id)


@operation(
    "orders.charge",
    permission="orders.pay",
    at=_places,
    http="POST /v1/orders/{order_id}/charges",
    raises=(WrongStep, AlreadyPaid, CardNumberShown),
)
def charge_order(tx: Tx, ask: ChargeOrder) -> Charging:
    """Begin to take money through a provider; a worker asks the provider and finishes it."""
    refuse_card_numbers(ask.token)
    order = load_to_pay(tx, ask.order_id, ask.amount_minor)
    data = {
        "provider": ask.provider,
        "token": ask.token,
        "amount_minor": ask.amount_minor,
        "currency": order.currency,
    }
    process = begin(tx, CHARGE, subject=order.id, data=data)
    version = _next_version(tx, order.id)
    fact = ChargeBegun(process_id=process, amount_minor=ask.amount_minor, currency=order.currency)
    append(tx, fact, subject=order.id, version=version)
    return Charging(process, order.id, version)


def _ask_provider(hub: Hub, running: Running) -> None:
    data = running.data
    ask = Authorize(
        key=running.key,
        token=data["token"],
        amount_minor=data["amount_minor"],
        currency=data["currency"],
        takes_now=True,
    )
    answer = PROVIDERS[data["provider"]].authorize(ask)
    with hub.writing("orders.charge_answered") as tx:
        if isinstance(answer, Authorized):
            if advance(tx, running, "book", reference=answer.reference):
                _book_now(tx, running, answer.reference)
        else:  # nobody is there to confirm anything: staff began it
            _fail(tx, running, answer.reason if isinstance(answer, Declined) else "escalated")


def _book_now(tx: Tx, running: Running, reference: str) -> None:
    """Book what was taken; where the order no longer wants it, it goes back."""
    booking = Running(
        running.id,
        running.kind,
        running.subject_id,
        "book",
        running.data | {"reference": reference},
        1,
    )
    _book(tx, booking)


def _book_step(hub: Hub, running: Running) -> None:
    with hub.writing("orders.charge_booked") as tx:
        _book(tx, running)


def _book(tx: Tx, running: Running) -> None:
    data = running.data
    ask = PayOrder(
        order_id=running.subject_id,
        amount_minor=data["amount_minor"],
        method="card",
        reference=data["reference"],
        provider=data["provider"],
    )
    try:
        with tx.savepoint():
            pay_order(tx, ask)
    except (AlreadyPaid, WrongStep) as unwanted:
        advance(tx, running, "give_back", unwanted=unwanted.code)
    else:
        finish(tx, running)


def _give_back(hub: Hub, running: Running) -> None:
    """Where the provider says no it is asked again, and in the end the process waits for a person:
    nobody keeps money silently that no order wants."""
    data = running.data
    answer = PROVIDERS[data["provider"]].refund(
        key=running.key,
        reference=data["reference"],
        amount_minor=data["amount_minor"],
        currency=data["currency"],
    )
    if isinstance(answer, Declined):
        raise Outside(answer.reason)
    with hub.writing("orders.charge_given_back") as tx:
        _fail(tx, running, data["unwanted"])


def _fail(tx: Tx, running: Running, reason: str) -> None:
    load(tx, running.subject_id)
    if finish(tx, running, failed=True, reason=reason):
        version = _next_version(tx, running.subject_id)
        fact = ChargeFailed(
            process_id=running.id, amount_minor=running.data["amount_minor"], reason=reason
        )
        append(tx, fact, subject=running.subject_id, version=version)


def _next_version(tx: Tx, order: UUID) -> int:
    version: int = tx.value(
        "UPDATE orders.orders SET version = version + 1 WHERE id = %(id)s RETURNING version",
        id=order,
    )
    return version


CHARGE = Process(
    "orders.charge",
    {"ask_provider": _ask_provider, "book": _book_step, "give_back": _give_back},
)
