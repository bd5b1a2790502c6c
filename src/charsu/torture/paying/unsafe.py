"""How not to take money: the control that shows what the campaign can see."""

from uuid import UUID

from msgspec import structs

from charsu.kernel import Hub
from charsu.kernel.processes import Process, Running, finish
from charsu.orders.facts import CaptureDone
from charsu.orders.loaded import load
from charsu.orders.payments import Taken, find_authorization, lock_authorization, provider_named
from charsu.orders.payments.authorizations import store
from charsu.orders.payments.booking import Money, book_payment


def _capture(hub: Hub, running: Running) -> None:
    """Tick the taking off, take the money, and then book it: who dies in between has taken it for
    nothing, and nobody will ever look."""
    with hub.writing("torture.capture_ticked_off") as tx:
        finish(tx, running)
        one = find_authorization(tx, UUID(running.data["authorization"]))
    amount = running.data["amount_minor"]
    assert one.reference is not None and one.order_id is not None
    taken = provider_named(one.provider).capture(
        key=running.key, reference=one.reference, amount_minor=amount, currency=one.currency
    )
    assert isinstance(taken, Taken)
    with hub.writing("torture.capture_booked") as tx:
        order, one = load(tx, one.order_id), lock_authorization(tx, one.id)
        money = Money(
            provider=one.provider,
            method="card",
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
        store(tx, one, fact)


TICKED_OFF_FIRST = Process("orders.capture", {"capture": _capture})
