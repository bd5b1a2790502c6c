"""Taking money through a provider: an attempt that is kept before the call, and finished after it.

The provider is outside and may be slow, say no, or not answer. The attempt is committed before the
call and carries a key, so that the provider takes the money once however often it is asked. Money
that turns out not to be needed goes back.
"""

import hashlib
from typing import Annotated, Any, Literal, Protocol
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import Hub, Tx, append, operation
from charsu.kernel.processes import Outside, Process, Running, advance, begin, finish
from charsu.orders.errors import AlreadyPaid, WrongStep
from charsu.orders.facts import ChargeBegun, ChargeFailed
from charsu.orders.loaded import load, order_places
from charsu.orders.operations.pay import DECLINES, PayOrder, load_to_pay, pay_order


class Outcome(Struct, frozen=True):
    """What the provider says; ``reference`` is its own number for the payment."""

    is_paid: bool
    reference: str = ""
    reason: str = ""


class Provider(Protocol):
    """Somebody who takes money. Each call with one key has one effect.

    Raises Outside where it does not answer or does not know.
    """

    def charge(self, *, key: str, token: str, amount_minor: int, currency: str) -> Outcome:
        """Take money now."""

    def refund(self, *, key: str, reference: str, amount_minor: int) -> None:
        """Give money back."""


SILENT = "tok_silent"


class TestProvider:
    """Takes no money. Its tokens say what is to happen: ``tok_declined``, ``tok_expired``,
    ``tok_silent`` (no answer); any other one is paid."""

    __test__ = False  # the name is the trade's, it is no test case

    def charge(self, *, key: str, token: str, amount_minor: int, currency: str) -> Outcome:
        """Pay, decline or stay silent, as the token says; the same key has the same reference."""
        if token == SILENT:
            raise Outside("the provider does not answer")
        if reason := DECLINES.get(token):
            return Outcome(False, reason=reason)
        seen = f"{key}\0{amount_minor}\0{currency}".encode()
        return Outcome(True, reference="test_" + hashlib.blake2b(seen, digest_size=12).hexdigest())

    def refund(self, *, key: str, reference: str, amount_minor: int) -> None:
        """Nothing was taken, so nothing has to go back."""


PROVIDERS: dict[str, Provider] = {"test": TestProvider()}


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
    raises=(WrongStep, AlreadyPaid),
)
def charge_order(tx: Tx, ask: ChargeOrder) -> Charging:
    """Begin to take money through a provider; a worker asks the provider and finishes it."""
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
    outcome = PROVIDERS[data["provider"]].charge(
        key=running.key,
        token=data["token"],
        amount_minor=data["amount_minor"],
        currency=data["currency"],
    )
    with hub.writing("orders.charge_answered") as tx:
        if not outcome.is_paid:
            _fail(tx, running, outcome.reason)
        elif advance(tx, running, "book", reference=outcome.reference):
            _book_now(tx, running, outcome.reference)


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
    data = running.data
    PROVIDERS[data["provider"]].refund(
        key=running.key, reference=data["reference"], amount_minor=data["amount_minor"]
    )
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
