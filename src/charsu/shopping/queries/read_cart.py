"""A cart as its customer sees it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.kernel import NotFound, Tx, query
from charsu.orders import Delivery, Promise, deliveries, promise_for
from charsu.pricing import PricedBasket, PricedLine, TaxShare
from charsu.shopping.holding import held_for, offered_to
from charsu.shopping.model import Cart, CartKind, CartState, Line, held_by_line, unready
from charsu.shopping.reckoning import Obstacle, Reckoning, postcode_of, reckon
from charsu.shopping.stored import find, recipient_of
from charsu.stock import NotEnoughStock, Shortfall


class AskCart(Struct, frozen=True, kw_only=True):
    """Which cart."""

    cart_id: UUID


class LinePrice(Struct, frozen=True, kw_only=True):
    """What a line costs, in minor units."""

    unit_minor: int
    subtotal_minor: int
    discount_minor: int
    tax_rate_ppm: int
    tax_minor: int
    total_minor: int


class CartLineView(Struct, frozen=True, kw_only=True):
    """A line of a cart.

    price        None where it cannot be sold here now
    seen_minor   the unit price that the customer knows; another one is news to her
    location_id  where it is picked up by itself; None where it goes as the cart goes
    available    how many she can have, with what is held for her already
    held         pieces that nobody else can have now
    """

    id: UUID
    variant_id: UUID
    sku: str | None
    title: str | None
    unit: str
    quantity: int
    price: LinePrice | None
    seen_minor: int
    location_id: UUID | None
    available: int
    held: int


class DeliveryChoice(Struct, frozen=True, kw_only=True):
    """A way of delivery that is offered, and what it costs with these goods.

    promise   what an order placed now is promised, where the cart is to be delivered in this way
    """

    code: str
    titles: dict[str, str]
    kind: str
    amount_minor: int
    days_min: int
    days_max: int
    promise: Promise | None = None


class Discount(Struct, frozen=True, kw_only=True):
    """What a coupon takes off."""

    code: str
    discount_minor: int


class CartTotals(Struct, frozen=True, kw_only=True):
    """What is to be paid, to the minor unit, and what it is made of."""

    tax_mode: str
    subtotal_minor: int
    discount_minor: int
    delivery_minor: int
    tax_minor: int
    total_minor: int
    discounts: tuple[Discount, ...]
    taxes: tuple[TaxShare, ...]


class Block(Struct, frozen=True, kw_only=True):
    """Why the cart cannot be ordered as it is: the refusal that ordering would meet.

    sentence   English; ``template`` with ``data`` is the same for translation
    line_id    where one line is the reason
    """

    code: str
    sentence: str
    template: str
    data: dict[str, Any]
    line_id: UUID | None


class CartView(Struct, frozen=True, kw_only=True):
    """A cart whole, without the person it is for.

    pickup_method  of what is picked up by itself
    totals       None where nothing in it can be priced, and of a closed cart: what was paid stands
                 in its order; lines without a price are left out
    price_moved  some price is another than the customer knows
    is_held      everything in it is promised until ``held_until`` (UTC)
    promise      when it would leave or be ready if it were ordered now in the way that was chosen
    """

    id: UUID
    channel_id: UUID
    revision: int
    state: CartState
    merged_into_id: UUID | None
    order_id: UUID | None
    currency: str
    country: str
    kind: CartKind
    location_id: UUID | None
    delivery_method: str | None
    pickup_method: str | None
    codes: tuple[str, ...]
    lines: tuple[CartLineView, ...]
    totals: CartTotals | None
    price_moved: bool
    is_held: bool
    held_until: datetime | None
    deliveries: tuple[DeliveryChoice, ...]
    blocks: tuple[Block, ...]
    promise: Promise | None = None


_ORDER: LiteralString = "SELECT id FROM orders.orders WHERE cart_id = %(cart)s"


@query(
    "shopping.read",
    permission="shopping.read",
    http="GET /v1/carts/{cart_id}",
    raises=(NotFound,),
)
def read_cart(tx: Tx, ask: AskCart) -> CartView:
    """A cart with prices, taxes, discounts, ways of delivery, what is there, and what blocks it."""
    cart = find(tx, ask.cart_id)
    reckoning = reckon(tx, cart)
    lines = _lines(tx, cart, reckoning)
    is_open, is_held = cart.state in {"open", "paying"}, cart.is_held_at(tx.now)
    choices = _choices(tx, cart, reckoning) if is_open else ()
    return CartView(
        id=cart.id,
        channel_id=cart.channel_id,
        revision=cart.revision,
        state=cart.state,
        merged_into_id=cart.merged_into_id,
        order_id=None if is_open else tx.value(_ORDER, cart=cart.id),
        currency=cart.currency,
        country=cart.country,
        kind=cart.kind,
        location_id=cart.location_id,
        delivery_method=cart.delivery_method,
        pickup_method=cart.pickup_method,
        codes=cart.codes,
        lines=lines,
        totals=_totals(reckoning.priced) if is_open and reckoning.priced else None,
        price_moved=is_open and any(_has_moved(line) for line in lines),
        is_held=is_held and bool(lines) and all(line.held == line.quantity for line in lines),
        held_until=cart.hold_until if is_held else None,
        deliveries=choices,
        blocks=_blocks(tx, cart, reckoning, lines) if is_open else (),
        promise=_promise(tx, cart, choices) if is_open else None,
    )


def _promise(tx: Tx, cart: Cart, choices: tuple[DeliveryChoice, ...]) -> Promise | None:
    """What an order placed now would promise; None while the customer has not chosen."""
    if cart.kind == "pickup":
        return promise_for(tx, kind="pickup", location=cart.location_id, delivery=None)
    chosen = (one.promise for one in choices if one.code == cart.delivery_method)
    return next(chosen, None)


def _has_moved(line: CartLineView) -> bool:
    return line.price is not None and line.price.unit_minor != line.seen_minor


def _lines(tx: Tx, cart: Cart, reckoning: Reckoning) -> tuple[CartLineView, ...]:
    priced = {line.line_id: line for line in reckoning.priced.lines} if reckoning.priced else {}
    offered = offered_to(tx, cart)
    hers = held_for(tx, cart)
    for hold in hers:  # also what has just run out, as long as nobody took it
        offered[hold.thing_id] = offered.get(hold.thing_id, 0) + hold.open
    held = held_by_line([h for h in hers if h.expires_at is None or h.expires_at > tx.now])
    return tuple(
        _line(line, reckoning, priced.get(line.id), offered, held.get(line.id, 0))
        for line in cart.lines
    )


def _line(
    line: Line,
    reckoning: Reckoning,
    priced: PricedLine | None,
    offered: Mapping[UUID, int],
    held: int,
) -> CartLineView:
    goods = reckoning.goods.get(line.variant_id)
    return CartLineView(
        id=line.id,
        variant_id=line.variant_id,
        sku=goods.sku if goods else None,
        title=goods.title if goods else None,
        unit=line.unit,
        quantity=line.quantity,
        price=_line_price(priced) if priced else None,
        seen_minor=line.seen_minor,
        location_id=line.location_id,
        available=offered.get(line.variant_id, 0),
        held=held,
    )


def _line_price(priced: PricedLine) -> LinePrice:
    return LinePrice(
        unit_minor=priced.unit_minor,
        subtotal_minor=priced.subtotal_minor,
        discount_minor=priced.discount_minor,
        tax_rate_ppm=priced.tax_rate_ppm,
        tax_minor=priced.tax_minor,
        total_minor=priced.total_minor,
    )


def _totals(priced: PricedBasket) -> CartTotals:
    return CartTotals(
        tax_mode=priced.tax_mode,
        subtotal_minor=priced.subtotal_minor,
        discount_minor=priced.discount_minor,
        delivery_minor=priced.charges_minor,
        tax_minor=priced.tax_minor,
        total_minor=priced.total_minor,
        discounts=tuple(
            Discount(code=coupon.code, discount_minor=coupon.discount_minor)
            for coupon in priced.coupons
        ),
        taxes=priced.taxes,
    )


def _choices(tx: Tx, cart: Cart, reckoning: Reckoning) -> tuple[DeliveryChoice, ...]:
    offered = deliveries(
        tx,
        channel=reckoning.channel.code,
        country=cart.country,
        currency=cart.currency,
        postcode=postcode_of(tx, cart),
    )
    return tuple(_choice(tx, cart, reckoning, delivery) for delivery in offered)


def _choice(tx: Tx, cart: Cart, reckoning: Reckoning, delivery: Delivery) -> DeliveryChoice:
    is_hers = delivery.kind == cart.kind
    due = promise_for(tx, kind=cart.kind, location=cart.location_id, delivery=delivery)
    return DeliveryChoice(
        code=delivery.code,
        titles=delivery.titles,
        kind=delivery.kind,
        amount_minor=delivery.charge_for(_worth(cart, reckoning, delivery.kind)),
        days_min=delivery.days_min,
        days_max=delivery.days_max,
        promise=due if is_hers else None,
    )


def _worth(cart: Cart, reckoning: Reckoning, kind: str) -> int:
    """What the goods are worth that would go this way, after discounts."""
    there = {line.id for line in cart.picked_up}
    return sum(
        line.subtotal_minor - line.discount_minor
        for line in (reckoning.priced.lines if reckoning.priced else ())
        if not there or (line.line_id in there) == (kind == "pickup")
    )


def _blocks(
    tx: Tx, cart: Cart, reckoning: Reckoning, lines: tuple[CartLineView, ...]
) -> tuple[Block, ...]:
    open_ends = [Obstacle(refusal) for refusal in unready(cart, recipient_of(tx, cart.id))]
    short = [
        Obstacle(NotEnoughStock([_shortfall(line)]), line.id)
        for line in lines
        if line.available < line.quantity
    ]
    return tuple(_block(obstacle) for obstacle in (*open_ends, *reckoning.obstacles, *short))


def _shortfall(line: CartLineView) -> Shortfall:
    return Shortfall(line.variant_id, line.sku or "?", line.quantity, line.available)


def _block(obstacle: Obstacle) -> Block:
    refusal = obstacle.refusal
    return Block(
        code=refusal.code,
        sentence=str(refusal),
        template=refusal.template,
        data=refusal.data,
        line_id=obstacle.line_id,
    )
