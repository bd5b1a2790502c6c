"""Money goes back."""

from typing import Annotated, Any, Literal, LiteralString
from uuid import UUID

from msgspec import Meta, Struct
from msgspec.structs import replace

from charsu.kernel import Fact, NotFound, Tx, append, operation
from charsu.orders.books import GivenUp, give_money, give_up, owed_to_customer
from charsu.orders.credit.accounts import CREDIT, give_credit
from charsu.orders.errors import CreditNeedsCustomer, RefundTooLarge
from charsu.orders.exchanged import EXCHANGE, Carrying
from charsu.orders.facts import MoneyCarried, MoneyRefunded
from charsu.orders.loaded import Order, load, order_places, settle
from charsu.orders.model import Reason, share
from charsu.orders.payments.refunding import ask_for_refund, is_asked_for
from charsu.orders.returned import given_back, return_of
from charsu.orders.words import tell_why


class RefundOrder(Struct, frozen=True, kw_only=True):
    """How much goes back, for goods and for delivery, tax in both; to which payment.

    payment_id   none: the payments with money left, the latest first
    to           credit: as store credit, whatever it was paid with
    """

    order_id: UUID
    reason: Reason
    goods_minor: Annotated[int, Meta(ge=0, le=10**12)] = 0
    delivery_minor: Annotated[int, Meta(ge=0, le=10**12)] = 0
    return_id: UUID | None = None
    payment_id: UUID | None = None
    to: Literal["original", "credit"] = "original"


class Refunded(Struct, frozen=True):
    """What went back, by payment."""

    refund_ids: tuple[UUID, ...]
    refunded_minor: int
    payment_state: str
    version: int


def _places(tx: Tx, ask: Any) -> tuple[UUID, ...] | None:
    """Where the customer stands with the goods she brought back; else the order's locations."""
    if ask.return_id is None:
        return order_places(tx, ask.order_id)
    return (return_of(tx, ask.order_id, ask.return_id).location_id,)


@operation(
    "orders.refund",
    permission="orders.refund",
    at=_places,
    http="POST /v1/orders/{order_id}/refunds",
    raises=(RefundTooLarge, CreditNeedsCustomer),
)
def refund_order(tx: Tx, ask: RefundOrder) -> Refunded:
    """Give money back, in parts if need be, to the payments it came from; never more than was paid.

    For a return, never more than it is worth, wherever it was brought to. The tax within is that of
    what was returned, else the share of what was paid; in sum it is the order's tax to the minor
    unit. As store credit it is the customer's at once; what she paid with credit comes back as
    credit always.
    """
    order, parts = give_back(tx, load(tx, ask.order_id), ask)
    refunds = tuple(part.refund_id for part in parts)
    return Refunded(refunds, order.refunded_minor, order.payment_state, order.version)


class Part(Struct, frozen=True, kw_only=True):
    """What goes back to one payment, or on to what was taken in exchange for the goods.

    source_id          the payment where the money came in; another than ``payment_id`` where that
                       was carried over by an exchange
    provider, method   of the payment where the money came in
    """

    refund_id: UUID
    payment_id: UUID
    source_id: UUID
    provider: str
    method: str
    amount_minor: int


def give_back(
    tx: Tx, order: Order, ask: RefundOrder, *, carrying: Carrying | None = None
) -> tuple[Order, list[Part]]:
    """Book what goes back of a locked order, or is carried over; the order in its new version.

    Raises RefundTooLarge, CreditNeedsCustomer, NotFound.
    """
    if ask.to == "credit" and order.customer_id is None:
        raise CreditNeedsCustomer
    amount = ask.goods_minor + ask.delivery_minor
    _check(tx, order, ask)
    payments = _payments(tx, ask)
    if carrying is not None:
        payments.reverse()  # what was paid last is what goes back
    parts = _spread(tx, payments, amount)
    if sum(part.amount_minor for part in parts) < amount:
        raise RefundTooLarge(asked=amount, left=sum(part.amount_minor for part in parts))
    _give_up_the_rest(tx, order, ask)
    _give(tx, ask, order, parts, carrying)
    order = replace(order, refunded_minor=order.refunded_minor + amount)
    for part in parts:
        order = settle(tx, order)
        fact = _fact(order, ask, part, carrying)
        if isinstance(fact, MoneyRefunded):
            tell_why(tx, fact, order=order.id, version=order.version)
        else:
            append(tx, fact, subject=order.id, version=order.version)
    return order, parts


def _fact(order: Order, ask: RefundOrder, part: Part, carrying: Carrying | None) -> Fact:
    if carrying is None:
        return MoneyRefunded(
            refund_id=part.refund_id,
            payment_id=part.payment_id,
            amount_minor=part.amount_minor,
            currency=order.currency,
            reason=ask.reason,
        )
    return MoneyCarried(
        refund_id=part.refund_id,
        payment_id=part.payment_id,
        to_order_id=carrying.to_order_id,
        amount_minor=part.amount_minor,
        currency=order.currency,
    )


def _check(tx: Tx, order: Order, ask: RefundOrder) -> None:
    """Raises RefundTooLarge: more than was paid, for the delivery, or for what was returned."""
    given = given_back(tx, order.id)
    left = order.captured_minor - order.refunded_minor
    limits = [(ask.goods_minor + ask.delivery_minor, left)]
    limits.append((ask.delivery_minor, order.delivery_minor - given.delivery))
    if ask.return_id is not None:
        back = return_of(tx, order.id, ask.return_id)
        limits.append((ask.goods_minor, back.refund - back.given))
    for asked, most in limits:
        if asked > most:
            raise RefundTooLarge(asked=asked, left=most)
    if not ask.goods_minor + ask.delivery_minor:
        raise RefundTooLarge(asked=0, left=left)


def _payments(tx: Tx, ask: RefundOrder) -> list[Any]:
    rows = tx.all(
        """
        SELECT p.id, s.id AS source_id, s.provider, p.method,
               p.captured_minor - p.refunded_minor AS left
        FROM orders.payments p
        JOIN orders.payments s ON s.id = coalesce(p.from_payment_id, p.id)
        WHERE p.order_id = %(order)s AND (%(payment)s::uuid IS NULL OR p.id = %(payment)s)
        ORDER BY p.at DESC, (p.from_payment_id IS NULL) DESC, p.id DESC FOR UPDATE OF p
        """,
        order=ask.order_id,
        payment=ask.payment_id,
    )
    if ask.payment_id and not rows:
        raise NotFound("payment", ask.payment_id)
    return rows


def _spread(tx: Tx, payments: list[Any], amount: int) -> list[Part]:
    """How much goes to which payment."""
    parts, missing = [], amount
    for payment in payments:
        amount_minor = min(missing, payment.left)
        if amount_minor:
            part = Part(
                refund_id=tx.new_id(),
                payment_id=payment.id,
                source_id=payment.source_id,
                provider=payment.provider,
                method=payment.method,
                amount_minor=amount_minor,
            )
            parts.append(part)
            missing -= amount_minor
    return parts


def _give_up_the_rest(tx: Tx, order: Order, ask: RefundOrder) -> None:
    """What is refunded beyond what is owed to the customer was earned, and is given up."""
    amount = ask.goods_minor + ask.delivery_minor
    excess = min(amount, max(0, amount - owed_to_customer(tx, order)))
    delivery = min(excess, ask.delivery_minor)
    goods = excess - delivery
    given_up = GivenUp(
        goods=goods,
        goods_tax=share(order.goods_tax_minor, goods, order.goods_minor),
        delivery=delivery,
        delivery_tax=share(order.delivery_tax_minor, delivery, order.delivery_minor),
    )
    give_up(tx, order, given_up, cause=order.id)


def _give(
    tx: Tx, ask: RefundOrder, order: Order, parts: list[Part], carrying: Carrying | None
) -> None:
    """Book what goes back to each payment; the delivery goes with the first that can bear it."""
    delivery_left = ask.delivery_minor
    for part in parts:
        amount, delivery = part.amount_minor, min(delivery_left, part.amount_minor)
        delivery_left -= delivery
        way = _way(ask, part, carrying)
        tx.run(
            _REFUND,
            id=part.refund_id,
            order=order.id,
            payment=part.payment_id,
            back=ask.return_id,
            amount=amount,
            goods=amount - delivery,
            delivery=delivery,
            tax=_tax_within(tx, order, ask, goods=amount - delivery, delivery=delivery),
            reason=ask.reason,
            state="begun" if is_asked_for(way) else "done",
            to_credit=way == CREDIT,
            exchange=carrying.exchange_id if carrying else None,
            now=tx.now,
        )
        give_money(tx, order, provider=way, amount=amount, cause=part.refund_id)
        if is_asked_for(way):
            ask_for_refund(tx, order=order.id, refund=part.refund_id)
        elif way == CREDIT:
            _give_as_credit(tx, ask, order, refund=part.refund_id, amount=amount)


def _way(ask: RefundOrder, part: Part, carrying: Carrying | None) -> str:
    """Who takes the money on: the provider where it came in, the credit, or an exchange."""
    if carrying is not None:
        return EXCHANGE
    return CREDIT if ask.to == "credit" else part.provider


def _give_as_credit(tx: Tx, ask: RefundOrder, order: Order, *, refund: UUID, amount: int) -> None:
    assert order.customer_id is not None, "credit belongs to a customer"
    give_credit(
        tx,
        order.customer_id,
        order.currency,
        amount,
        reason=ask.reason,
        order=order.id,
        refund=refund,
    )


def _tax_within(tx: Tx, order: Order, ask: RefundOrder, *, goods: int, delivery: int) -> int:
    """The tax in a refund; with those before it never more than there is, and in the end all."""
    tax = share(order.delivery_tax_minor, delivery, order.delivery_minor)
    if ask.return_id is None:
        tax += share(order.goods_tax_minor, goods, order.goods_minor)
    else:
        back = return_of(tx, order.id, ask.return_id)
        tax += share(back.tax, back.given + goods, back.refund)
        tax -= share(back.tax, back.given, back.refund)
    given = given_back(tx, order.id)
    tax_left = order.goods_tax_minor + order.delivery_tax_minor - given.tax
    net_left = order.total_minor - given.amount - tax_left
    return max(goods + delivery - net_left, min(tax, tax_left))


_REFUND: LiteralString = """
    WITH paid AS (
        UPDATE orders.payments SET refunded_minor = refunded_minor + %(amount)s
        WHERE id = %(payment)s
    )
    INSERT INTO orders.refunds (id, order_id, payment_id, return_id, amount_minor, goods_minor,
                                delivery_minor, tax_minor, reason, state, to_credit, exchange_id,
                                at)
    VALUES (%(id)s, %(order)s, %(payment)s, %(back)s, %(amount)s, %(goods)s, %(delivery)s,
            %(tax)s, %(reason)s, %(state)s, %(to_credit)s, %(exchange)s, %(now)s)
"""
