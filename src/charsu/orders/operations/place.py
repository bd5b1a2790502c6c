"""Somebody buys."""

from collections.abc import Collection, Sequence
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import Tx, operation
from charsu.orders.delivery import Delivery, delivery_for
from charsu.orders.errors import (
    DeliveryUnknown,
    ExternalOrderTaken,
    LocationNeeded,
    NoPickupHere,
    NotForSale,
    PriceMoved,
)
from charsu.orders.exchanged import Even
from charsu.orders.goods import Channel, Goods, channel_of, goods_of
from charsu.orders.model import Country, OrderKind, Placed, Quantity, Recipient
from charsu.orders.placing import Draft, Promised, store_order
from charsu.orders.promising import promise_for
from charsu.orders.sourcing import fewest_then_nearest
from charsu.pricing import (
    Basket,
    BasketCharge,
    BasketLine,
    BasketTooLarge,
    CouponUnknown,
    CouponUsedUp,
    PricedBasket,
    PriceListMissing,
    PriceMissing,
    Shopper,
    TaxRateMissing,
    charge,
    price_basket,
)
from charsu.stock import NotEnoughStock, Place, Want, hold, offers_pickup, places_of


class BuyLine(Struct, frozen=True, kw_only=True):
    """So much of one variant, in steps of its unit."""

    variant_id: UUID
    quantity: Quantity


class PlaceOrder(Struct, frozen=True, kw_only=True):
    """What somebody buys, through which channel, and how it reaches her.

    kind          ship: sent from wherever it is best; pickup and counter: at ``location_id``
    external_id   the channel's own number; one number, one order
    expected_total_minor  what the customer saw; another total is refused
    """

    channel_id: UUID
    lines: Annotated[tuple[BuyLine, ...], Meta(min_length=1, max_length=200)]
    country: Country
    kind: OrderKind = "ship"
    location_id: UUID | None = None
    delivery_method: Annotated[str, Meta(max_length=64)] | None = None
    destination: Place | None = None
    recipient: Recipient | None = None
    customer_id: UUID | None = None
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")] | None = None  # none: the channel's
    codes: Annotated[tuple[Annotated[str, Meta(max_length=64)], ...], Meta(max_length=10)] = ()
    external_id: Annotated[str, Meta(min_length=1, max_length=128)] | None = None
    expected_total_minor: Annotated[int, Meta(ge=0, le=10**15)] | None = None


@operation(
    "orders.place",
    permission="orders.place",
    at="location_id",
    http="POST /v1/orders",
    raises=(
        NotEnoughStock,
        NotForSale,
        LocationNeeded,
        NoPickupHere,
        DeliveryUnknown,
        PriceMissing,
        PriceListMissing,
        BasketTooLarge,
        TaxRateMissing,
        CouponUnknown,
        CouponUsedUp,
        PriceMoved,
        ExternalOrderTaken,
    ),
)
def place_order(tx: Tx, ask: PlaceOrder) -> Placed:
    """Buy: the goods are promised, priced and written down in one step, or nothing happened.

    The same line twice is two lines; their pieces are added up before stock is asked.
    """
    return buy(tx, ask)


def buy(tx: Tx, ask: PlaceOrder, even: Sequence[Even | None] = ()) -> Placed:
    """Buy, as ``place_order`` does.

    even   for each line, the goods that came back and are exchanged for it at the price paid
    """
    channel = channel_of(tx, ask.channel_id)
    goods = goods_of(tx, channel, {line.variant_id for line in ask.lines})
    lines = [
        _Line(tx.new_id(), line.variant_id, line.quantity, agreed)
        for line, agreed in zip(ask.lines, even or [None] * len(ask.lines), strict=True)
    ]
    priced, delivery = _price(tx, ask, channel, lines)
    order = tx.new_id()
    promised = _promise(tx, ask, lines, goods, order=order)
    draft = Draft(
        channel=channel,
        kind=ask.kind,
        country=ask.country,
        recipient=ask.recipient,
        customer_id=ask.customer_id,
        location_id=ask.location_id,
        external_id=ask.external_id,
        expected_total_minor=ask.expected_total_minor,
        promise=promise_for(tx, kind=ask.kind, location=ask.location_id, delivery=delivery),
        exchanged={line.id: line.even.line_id for line in lines if line.even},
    )
    return store_order(tx, draft, priced, goods, promised, order=order)


class _Line(Struct, frozen=True):
    """A line of the new order."""

    id: UUID
    variant_id: UUID
    quantity: int
    even: Even | None


def _price(
    tx: Tx, ask: PlaceOrder, channel: Channel, lines: Collection[_Line]
) -> tuple[PricedBasket, Delivery | None]:
    basket = Basket(
        channel_id=channel.id,
        currency=ask.currency or channel.currency,
        country=ask.country,
        lines=[
            BasketLine(
                line_id=line.id,
                variant_id=line.variant_id,
                quantity=line.quantity,
                agreed=line.even.price if line.even else None,
            )
            for line in lines
        ],
        codes=ask.codes,
        shopper=Shopper(customer_id=ask.customer_id),
    )
    postcode = ask.recipient.postcode if ask.recipient else ""
    return with_delivery(tx, basket, channel, ask.delivery_method, postcode=postcode)


def with_delivery(
    tx: Tx, basket: Basket, channel: Channel, method: str | None, *, postcode: str = ""
) -> tuple[PricedBasket, Delivery | None]:
    """Price a basket together with its delivery; whether that is free depends on the goods."""
    priced = price_basket(tx, basket)
    if method is None:
        return priced, None
    delivery = delivery_for(
        tx,
        method,
        channel=channel.code,
        country=basket.country,
        currency=basket.currency,
        postcode=postcode,
    )
    goods_minor = priced.subtotal_minor - priced.discount_minor
    delivery_charge = BasketCharge(
        charge_id=channel.id,
        amount_minor=delivery.charge_for(goods_minor),
        tax_class=delivery.tax_class,
    )
    return charge(tx, priced, [delivery_charge], country=basket.country), delivery


def _promise(
    tx: Tx,
    ask: PlaceOrder,
    lines: Collection[_Line],
    goods: dict[UUID, Goods],
    *,
    order: UUID,
) -> list[Promised]:
    locations = _locations(tx, ask)
    places = places_of(tx, channel=ask.channel_id) if ask.destination else {}
    picks = hold(
        tx,
        [Want(one.id, one.variant_id, one.quantity, goods[one.variant_id].unit) for one in lines],
        channel=ask.channel_id,
        owner=order,
        choose=fewest_then_nearest(places, ask.destination),
        expires_at=None,
        locations=locations,
        to_ship=ask.kind == "ship",
    )
    return [Promised(p.want.line_id, p.source.location_id, p.quantity) for p in picks]


def _locations(tx: Tx, ask: PlaceOrder) -> list[UUID] | None:
    """Where the goods must come from; None leaves it to the sourcing."""
    if ask.kind == "ship":
        return None
    if ask.location_id is None:
        raise LocationNeeded
    if ask.kind == "pickup" and not offers_pickup(tx, ask.location_id):
        raise NoPickupHere
    return [ask.location_id]
