"""Promised money is taken when the goods leave, a part for each parcel, and let go after the last.

Asking the provider is a process: the attempt is committed with the parcel, the call is made with no
transaction open, and what came of it is booked in one transaction.
"""

from uuid import UUID

from msgspec import structs

from charsu.kernel import Hub, Tx, append
from charsu.kernel.processes import Process, Running, begin, finish
from charsu.orders.books import owed_to_customer
from charsu.orders.credit.accounts import CREDIT
from charsu.orders.facts import CaptureBegun, CaptureDone, CaptureFailed, PaymentMissing
from charsu.orders.loaded import Order, load, settle
from charsu.orders.payments.authorizations import (
    Authorization,
    authorizations_of,
    find_authorization,
    let_go,
    lock_authorization,
    store,
)
from charsu.orders.payments.booking import Money, book_payment
from charsu.orders.payments.provider import Taken
from charsu.orders.payments.providers import provider_named


def take_what_is_owed(tx: Tx, order: Order) -> None:
    """Begin to take what the customer owes for goods that have left, from what was promised."""
    if not order.authorized_minor:
        return
    promised = authorizations_of(tx, order.id)
    owed = -owed_to_customer(tx, order) - sum(one.capturing_minor for one in promised)
    for one in promised:
        amount = min(one.left_minor, _due(order, one, owed))
        if amount > 0:
            _begin(tx, one, amount)
            owed -= amount


def _due(order: Order, one: Authorization, owed: int) -> int:
    """How much is asked for now: what is owed, or all that will be where one part is all."""
    if owed <= 0 or provider_named(one.provider).captures_in_parts:
        return owed
    return max(owed, order.kept_minor - order.captured_minor)


def _begin(tx: Tx, one: Authorization, amount: int) -> None:
    now = structs.replace(one, capturing_minor=one.capturing_minor + amount)
    store(tx, now, CaptureBegun(amount_minor=amount, currency=one.currency))
    data = {"authorization": str(one.id), "amount_minor": amount}
    assert one.order_id is not None, "only an order takes money"
    begin(tx, CAPTURE, subject=one.order_id, data=data)


def free_the_rest(tx: Tx, order: Order) -> None:
    """Begin to let go what was promised, where the order has nothing left to take it for."""
    if not order.authorized_minor or order.kept_minor > order.captured_minor:
        return
    for one in authorizations_of(tx, order.id):
        if one.left_minor and not one.capturing_minor:
            begin(tx, VOID, subject=order.id, data={"authorization": str(one.id)})


def _capture(hub: Hub, running: Running) -> None:
    one = _look(hub, running)
    assert one.reference is not None, "a promise has a reference"
    answer = provider_named(one.provider).capture(
        key=running.key,
        reference=one.reference,
        amount_minor=running.data["amount_minor"],
        currency=one.currency,
    )
    with hub.writing("orders.captured") as tx:
        if isinstance(answer, Taken):
            _book(tx, running, answer)
        else:
            _fail(tx, running, answer.reason)


def _book(tx: Tx, running: Running, taken: Taken) -> None:
    if not finish(tx, running, reference=taken.reference):
        return
    order, one = load(tx, running.subject_id), _lock(tx, running)
    amount = running.data["amount_minor"]
    money = Money(
        provider=one.provider,
        method="credit" if one.provider == CREDIT else "card",
        amount_minor=amount,
        reference=taken.reference,
        authorization_id=one.id,
    )
    payment, _ = book_payment(tx, order, money)
    one = structs.replace(
        one,
        capturing_minor=one.capturing_minor - amount,
        captured_minor=one.captured_minor + amount,
    )
    fact = CaptureDone(payment_id=payment, amount_minor=amount, currency=one.currency)
    one = store(tx, one, fact)
    if one.left_minor and not provider_named(one.provider).captures_in_parts:
        let_go(tx, one, reason="captured")  # the provider has let it go with the first part
    free_the_rest(tx, load(tx, order.id))


def _fail(tx: Tx, running: Running, reason: str) -> None:
    """The promise was not kept: it is gone whole, and the order says again what is to be paid."""
    if not finish(tx, running, failed=True, reason=reason):
        return
    load(tx, running.subject_id)
    one, amount = _lock(tx, running), running.data["amount_minor"]
    one = structs.replace(one, capturing_minor=one.capturing_minor - amount)
    one = store(tx, one, CaptureFailed(amount_minor=amount, currency=one.currency, reason=reason))
    let_go(tx, one, reason=reason)
    order = settle(tx, load(tx, running.subject_id))
    fact = PaymentMissing(left_minor=order.left_minor, currency=order.currency, reason=reason)
    append(tx, fact, subject=order.id, version=order.version)


def _void(hub: Hub, running: Running) -> None:
    one = _look(hub, running)
    provider_named(one.provider).void(key=str(one.id), reference=one.reference)
    with hub.writing("orders.voided") as tx:
        load(tx, running.subject_id)
        one = _lock(tx, running)
        if finish(tx, running) and one.left_minor:
            let_go(tx, one, reason="order_settled")


def _look(hub: Hub, running: Running) -> Authorization:
    return hub.read(lambda tx: find_authorization(tx, UUID(running.data["authorization"])))


def _lock(tx: Tx, running: Running) -> Authorization:
    return lock_authorization(tx, UUID(running.data["authorization"]))


CAPTURE = Process("orders.capture", {"capture": _capture})
VOID = Process("orders.void", {"void": _void})
