"""What a cart costs: exactly for an order, and as far as can be said for somebody who looks."""

from collections.abc import Mapping
from uuid import UUID

from msgspec import Struct, structs

from charsu.kernel import HubError, NotFound, Tx
from charsu.orders import (
    Channel,
    Delivery,
    DeliveryUnknown,
    Goods,
    NoPickupHere,
    NotForSale,
    channel_of,
    goods_of,
    with_deliveries,
    with_delivery,
)
from charsu.pricing import (
    Basket,
    BasketLine,
    BasketTooLarge,
    BasketTooSmall,
    CouponAlone,
    CouponNeedsCustomer,
    CouponNotForYou,
    CouponNotHere,
    CouponNotNow,
    CouponUnknown,
    CouponUsedUp,
    PricedBasket,
    PriceListMissing,
    PriceMissing,
    Shopper,
    TaxRateMissing,
    price_basket,
)
from charsu.shopping.model import Cart, Line
from charsu.shopping.stored import recipient_of
from charsu.stock import offers_pickup

COUPON_REFUSALS = (
    BasketTooSmall,
    CouponAlone,
    CouponNeedsCustomer,
    CouponNotForYou,
    CouponNotHere,
    CouponNotNow,
    CouponUnknown,
    CouponUsedUp,
)


class Obstacle(Struct, frozen=True):
    """Why the cart cannot be ordered as it is; ``line_id`` where one line is the reason."""

    refusal: HubError
    line_id: UUID | None = None


class Reckoning(Struct, frozen=True, kw_only=True):
    """What can be said of a cart's prices; lines that have none are not in ``priced``."""

    channel: Channel
    goods: Mapping[UUID, Goods]
    priced: PricedBasket | None
    obstacles: tuple[Obstacle, ...]


def price_cart(
    tx: Tx,
    cart: Cart,
    channel: Channel,
    ids: Mapping[UUID, UUID] | None = None,
    *,
    postcode: str | None = None,
) -> PricedBasket:
    """What the cart costs with its delivery, to the minor unit; refused where anything is amiss.

    ids        another id for each line: that of the order
    postcode   where the goods go; none: what is stored of it
    """
    return price_and_delivery(tx, cart, channel, ids, postcode=postcode)[0]


def price_and_delivery(
    tx: Tx,
    cart: Cart,
    channel: Channel,
    ids: Mapping[UUID, UUID] | None = None,
    *,
    postcode: str | None = None,
) -> tuple[PricedBasket, Delivery | None]:
    """What ``price_cart`` says, and the method as it is offered where the goods go.

    The same cart is priced once in a transaction, unless coupons are in it: they are used up.
    """
    basket = _basket(cart, ids or {})
    if postcode is None:
        postcode = postcode_of(tx, cart) if cart.delivery_method else ""
    there = frozenset((ids or {}).get(line.id, line.id) for line in cart.picked_up)

    def price() -> tuple[PricedBasket, Delivery | None]:
        if not there:
            return with_delivery(tx, basket, channel, cart.delivery_method, postcode=postcode)
        sent = {line.line_id for line in basket.lines} - there
        ways = {cart.delivery_method: sent, cart.pickup_method: there}
        known = {way: lines for way, lines in ways.items() if way}
        priced, found = with_deliveries(tx, basket, channel, known, postcode=postcode)
        return priced, found.get(cart.delivery_method or "")

    if cart.codes:
        return price()
    ways = cart.delivery_method, cart.pickup_method
    return tx.once_of_lasting(("shopping.priced", basket, ways, there, postcode), price)


def postcode_of(tx: Tx, cart: Cart) -> str:
    """Where the goods go, as far as it was said."""
    recipient = recipient_of(tx, cart.id)
    return recipient.postcode if recipient else ""


def price_codes(tx: Tx, cart: Cart) -> PricedBasket:
    """What the goods cost with the cart's coupons. Raises the coupons' refusals."""
    return price_basket(tx, _basket(cart, {}))


def _basket(cart: Cart, ids: Mapping[UUID, UUID]) -> Basket:
    return Basket(
        channel_id=cart.channel_id,
        currency=cart.currency,
        country=cart.country,
        lines=tuple(
            BasketLine(
                line_id=ids.get(line.id, line.id),
                variant_id=line.variant_id,
                quantity=line.quantity,
            )
            for line in cart.lines
        ),
        codes=cart.codes,
        shopper=Shopper(customer_id=cart.customer_id),
    )


def unit_price(tx: Tx, cart: Cart, variant_id: UUID) -> int:
    """What one of a variant costs in the cart's channel and currency now."""
    line = Line(variant_id, variant_id, 1, 0, "")
    alone = structs.replace(cart, lines=(line,), codes=())
    return price_codes(tx, alone).lines[0].unit_minor


def check_pickup(tx: Tx, cart: Cart) -> None:
    """Raises NoPickupHere where goods cannot be picked up at the cart's or a line's location."""
    for group in cart.groups:
        if group.location_id is not None and not offers_pickup(tx, group.location_id):
            raise NoPickupHere


def reckon(tx: Tx, cart: Cart, *, postcode: str | None = None) -> Reckoning:
    """Price what can be priced, and say of the rest why it cannot.

    postcode   where the goods go; none: what is stored of it
    """
    channel = channel_of(tx, cart.channel_id)
    goods, unsold = _sold(tx, cart, channel)
    trial: Cart | None = structs.replace(
        cart, lines=tuple(line for line in cart.lines if line.variant_id in goods)
    )
    obstacles, priced = list(unsold), None
    while priced is None and trial is not None and trial.lines:
        try:
            check_pickup(tx, trial)
            priced = price_cart(tx, trial, channel, postcode=postcode)
        except _REFUSALS as refusal:
            trial, found = _without(trial, refusal)
            obstacles += found
    return Reckoning(channel=channel, goods=goods, priced=priced, obstacles=tuple(obstacles))


_REFUSALS = (
    *COUPON_REFUSALS,
    DeliveryUnknown,
    NoPickupHere,
    PriceMissing,
    PriceListMissing,
    TaxRateMissing,
    BasketTooLarge,
)


def _without(trial: Cart, refusal: HubError) -> tuple[Cart | None, list[Obstacle]]:
    """The cart without what was refused, so that the rest can be priced; None where nothing can."""
    if isinstance(refusal, PriceMissing):
        return _without_variants(trial, refusal)
    if isinstance(refusal, DeliveryUnknown):
        bare = structs.replace(trial, delivery_method=None, pickup_method=None)
        return bare, [Obstacle(refusal)]
    if isinstance(refusal, NoPickupHere):
        nowhere = tuple(structs.replace(line, location_id=None) for line in trial.lines)
        return structs.replace(trial, location_id=None, lines=nowhere), [Obstacle(refusal)]
    if isinstance(refusal, COUPON_REFUSALS):
        codes = tuple(code for code in trial.codes if code != refusal.data["coupon"])
        # a coupon that is spelled otherwise by now cannot be told from the others
        codes = codes if len(codes) < len(trial.codes) else ()
        return structs.replace(trial, codes=codes), [Obstacle(refusal)]
    return None, [Obstacle(refusal)]


def _without_variants(trial: Cart, refusal: PriceMissing) -> tuple[Cart, list[Obstacle]]:
    unpriced = [line for line in trial.lines if line.variant_id in refusal.variant_ids]
    priced = tuple(line for line in trial.lines if line not in unpriced)
    found = [Obstacle(PriceMissing([line.variant_id]), line.id) for line in unpriced]
    return structs.replace(trial, lines=priced), found


def _sold(tx: Tx, cart: Cart, channel: Channel) -> tuple[dict[UUID, Goods], list[Obstacle]]:
    """The goods that the channel sells, and for each line that it does not sell an obstacle."""
    try:
        return goods_of(tx, channel, {line.variant_id for line in cart.lines}), []
    except (NotForSale, NotFound):
        return _sold_one_by_one(tx, cart, channel)


def _sold_one_by_one(
    tx: Tx, cart: Cart, channel: Channel
) -> tuple[dict[UUID, Goods], list[Obstacle]]:
    goods: dict[UUID, Goods] = {}
    obstacles = []
    for line in cart.lines:
        try:
            goods |= goods_of(tx, channel, [line.variant_id])
        except (NotForSale, NotFound) as refusal:
            obstacles.append(Obstacle(refusal, line.id))
    return goods, obstacles
