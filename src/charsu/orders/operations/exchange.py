"""Goods come back, and the customer takes others for them."""

from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import Tx, append, operation
from charsu.orders.errors import (
    AlreadyPaid,
    CardNumberShown,
    CreditNeedsCustomer,
    DeliveryUnknown,
    DifferenceMoved,
    LineElsewhere,
    LocationNeeded,
    NoPickupHere,
    NotEnoughCredit,
    NotForSale,
    PaymentReferenceTaken,
    TooMany,
)
from charsu.orders.even import Taken, taken
from charsu.orders.exchanged import EXCHANGE, Carrying
from charsu.orders.facts import GoodsExchanged
from charsu.orders.loaded import Order, load, recipient_of, settle
from charsu.orders.model import OrderKind, Placed, Reason, Recipient
from charsu.orders.operations.hand_over import HandOver, hand_over
from charsu.orders.operations.pay import PayOrder, pay_order
from charsu.orders.operations.place import BuyLine, PlaceOrder, buy
from charsu.orders.operations.refund import Part, RefundOrder, give_back
from charsu.orders.operations.return_goods import (
    ReturnGoods,
    ReturnLine,
    brought,
    return_goods,
)
from charsu.orders.payments.booking import Money, book_payment
from charsu.orders.returned import given_back
from charsu.pricing import BasketTooLarge, PriceListMissing, PriceMissing, TaxRateMissing
from charsu.stock import GoodsNotThere, NotEnoughStock


class DifferencePaid(Struct, frozen=True, kw_only=True):
    """How the customer pays what the new goods cost more."""

    method: Literal["cash", "card", "transfer", "credit", "other"]
    reference: Annotated[str, Meta(min_length=1, max_length=128)] | None = None


class ExchangeGoods(Struct, frozen=True, kw_only=True):
    """What came back where, what is taken for it, and how that reaches the customer.

    takes                       the same product, in this or another variant, at the price paid for
                                it, as far as the shop's settings say so; all else at today's price
    kind                        counter: from the stock of ``location_id``, at once; pickup: waits
                                for her at ``pickup_location_id``, else at ``location_id``; ship: it
                                is sent
    recipient                   whom it is for, and where it is sent; none: as the old goods were
    channel_id, country         where the new goods are sold and whose taxes are due; none: as the
                                old ones were
    payment                     how a difference is paid now; without it, it is left to be paid
    surplus_to                  where money goes that is left over
    expected_difference_minor   what the customer was told: to pay, or below 0 to get back; another
                                difference is refused
    """

    order_id: UUID
    location_id: UUID
    lines: Annotated[tuple[ReturnLine, ...], Meta(min_length=1, max_length=200)]
    takes: Annotated[tuple[BuyLine, ...], Meta(min_length=1, max_length=200)]
    reason: Reason
    kind: OrderKind = "counter"
    pickup_location_id: UUID | None = None
    delivery_method: Annotated[str, Meta(max_length=64)] | None = None
    recipient: Recipient | None = None
    channel_id: UUID | None = None
    country: Annotated[str, Meta(pattern="^[A-Z]{2}$")] | None = None
    payment: DifferencePaid | None = None
    surplus_to: Literal["original", "credit"] = "original"
    expected_difference_minor: Annotated[int, Meta(ge=-(10**15), le=10**15)] | None = None


class Exchanged(Struct, frozen=True, kw_only=True):
    """What became of it; amounts in minor units of the order's currency.

    worth_minor     what the customer had paid for what came back
    total_minor     what the new goods cost, delivery in it
    surplus_minor   what went back to her
    left_minor      what she has still to pay
    """

    exchange_id: UUID
    return_id: UUID
    new_order_id: UUID
    new_number: int
    new_state: str
    currency: str
    worth_minor: int
    total_minor: int
    surplus_minor: int
    left_minor: int
    version: int


@operation(
    "orders.exchange",
    permission="orders.exchange",
    at="location_id",
    http="POST /v1/orders/{order_id}/exchanges",
    raises=(
        *(TooMany, LineElsewhere, DifferenceMoved, NotEnoughStock, GoodsNotThere, NotForSale),
        *(
            LocationNeeded,
            NoPickupHere,
            DeliveryUnknown,
            PriceMissing,
            PriceListMissing,
            BasketTooLarge,
        ),
        *(TaxRateMissing, AlreadyPaid, NotEnoughCredit, CreditNeedsCustomer),
        *(PaymentReferenceTaken, CardNumberShown),
    ),
)
def exchange_goods(tx: Tx, ask: ExchangeGoods) -> Exchanged:
    """Take goods back and sell others for them, in one step or not at all.

    What was paid for the old goods pays for the new ones; the same product for the same product is
    even, whatever it costs today, unless the shop decides otherwise. What is more goes back to the
    original payment or becomes store credit; what is less is paid now or left to be paid. Goods are
    handed over at the counter as soon as nothing is left to pay. What comes back here is never what
    is taken: the new goods have to be there before.
    """
    order = load(tx, ask.order_id)
    came = brought(order, _brought(ask))
    worth, given_before = _worth(tx, order, sum(part.refund for part in came))
    takes = taken(tx, order, came, ask.takes, given_before=given_before)
    placed = buy(tx, _wanted(tx, order, ask, takes), [one.even for one in takes])
    back = return_goods(tx, _brought(ask))
    order = load(tx, order.id)
    _check_difference(ask, placed.total_minor - worth)
    carried = min(worth, placed.total_minor)
    carrying = Carrying(exchange_id=tx.new_id(), to_order_id=placed.order_id)
    _store(tx, ask, carrying, return_id=back.return_id)
    order = _carry(tx, order, _refund(ask, back.return_id, carried), carrying)
    if worth > carried:
        order, _ = give_back(tx, order, _refund(ask, back.return_id, worth - carried))
    new = _finish(tx, ask, placed)
    order = settle(tx, order)
    fact = GoodsExchanged(
        exchange_id=carrying.exchange_id,
        return_id=back.return_id,
        new_order_id=new.id,
        location_id=ask.location_id,
        carried_minor=carried,
        surplus_minor=worth - carried,
        left_minor=new.left_minor,
        currency=order.currency,
    )
    append(tx, fact, subject=order.id, version=order.version)
    return Exchanged(
        exchange_id=carrying.exchange_id,
        return_id=back.return_id,
        new_order_id=new.id,
        new_number=placed.number,
        new_state=new.state,
        currency=order.currency,
        worth_minor=worth,
        total_minor=placed.total_minor,
        surplus_minor=worth - carried,
        left_minor=new.left_minor,
        version=order.version,
    )


def _wanted(tx: Tx, order: Order, ask: ExchangeGoods, takes: Sequence[Taken]) -> PlaceOrder:
    place = {"counter": ask.location_id, "pickup": ask.pickup_location_id or ask.location_id}
    return PlaceOrder(
        channel_id=ask.channel_id or order.channel_id,
        lines=tuple(one.line for one in takes),
        country=ask.country or order.country,
        kind=ask.kind,
        location_id=place.get(ask.kind),
        delivery_method=ask.delivery_method,
        # so the new goods find her, and a guest's join her later
        recipient=ask.recipient or recipient_of(tx, order.id),
        customer_id=order.customer_id,
        currency=order.currency,
    )


def _brought(ask: ExchangeGoods) -> ReturnGoods:
    return ReturnGoods(
        order_id=ask.order_id, location_id=ask.location_id, lines=ask.lines, reason=ask.reason
    )


def _refund(ask: ExchangeGoods, return_id: UUID, amount: int) -> RefundOrder:
    return RefundOrder(
        order_id=ask.order_id,
        reason=ask.reason,
        goods_minor=amount,
        return_id=return_id,
        to=ask.surplus_to,
    )


def _worth(tx: Tx, order: Order, brought_minor: int) -> tuple[int, int]:
    """What of the goods that come back is really paid; and what was, and was given back before.

    What she keeps and has not paid for is paid first; the delivery is not part of the goods.
    """
    kept = order.kept_minor - brought_minor
    paid = max(0, min(brought_minor, order.captured_minor - kept))
    delivery_left = order.delivery_minor - given_back(tx, order.id).delivery
    left = order.captured_minor - order.refunded_minor - delivery_left
    worth = max(0, min(paid, left))
    return worth, paid - worth


def _check_difference(ask: ExchangeGoods, difference: int) -> None:
    expected = ask.expected_difference_minor
    if expected is not None and expected != difference:
        raise DifferenceMoved(expected=expected, actual=difference)


def _store(tx: Tx, ask: ExchangeGoods, carrying: Carrying, *, return_id: UUID) -> None:
    tx.run(
        """
        INSERT INTO orders.exchanges (id, order_id, return_id, new_order_id, location_id, at)
        VALUES (%(id)s, %(order)s, %(back)s, %(new)s, %(location)s, %(now)s)
        """,
        id=carrying.exchange_id,
        order=ask.order_id,
        back=return_id,
        new=carrying.to_order_id,
        location=ask.location_id,
        now=tx.now,
    )


def _carry(tx: Tx, order: Order, refund: RefundOrder, carrying: Carrying) -> Order:
    """The old order's money pays for the new one, payment by payment; the old order after that."""
    if not refund.goods_minor:
        return order
    order, parts = give_back(tx, order, refund, carrying=carrying)
    new = load(tx, carrying.to_order_id)
    for part in parts:
        _, new = book_payment(tx, new, _carried(part))
    return order


def _carried(part: Part) -> Money:
    return Money(
        provider=EXCHANGE,
        method=part.method,
        amount_minor=part.amount_minor,
        from_payment_id=part.source_id,
    )


def _finish(tx: Tx, ask: ExchangeGoods, placed: Placed) -> Order:
    """Take the difference and hand over what is taken along; the new order after that."""
    new = load(tx, placed.order_id)
    if new.left_minor and ask.payment:
        pay = PayOrder(
            order_id=new.id,
            amount_minor=new.left_minor,
            method=ask.payment.method,
            reference=ask.payment.reference,
        )
        pay_order(tx, pay)
        new = load(tx, new.id)
    if ask.kind == "counter" and not new.left_minor:
        for task in _tasks(tx, new.id):
            hand_over(tx, HandOver(fulfillment_id=task))
        new = load(tx, new.id)
    return new


def _tasks(tx: Tx, order: UUID) -> list[UUID]:
    statement = "SELECT id FROM orders.fulfillments WHERE order_id = %(order)s ORDER BY id"
    return [row.id for row in tx.all(statement, order=order)]
