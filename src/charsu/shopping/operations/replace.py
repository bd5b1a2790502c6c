"""A cart is made exactly this: for those who always say the whole of what they want."""

from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct, structs

from charsu.kernel import HubError, NotFound, Stale, Tx, operation
from charsu.orders import DeliveryUnknown, NoPickupHere, Recipient, deliveries
from charsu.shopping.changed import Code, Revision
from charsu.shopping.errors import CartClosed
from charsu.shopping.facts import CartReplaced
from charsu.shopping.holding import held_for, let_all_go, rehold, renewed, without_hold
from charsu.shopping.model import (
    CODES_MAX,
    LINES_MAX,
    Cart,
    CartKind,
    Country,
    Line,
    Quantity,
)
from charsu.shopping.reckoning import COUPON_REFUSALS, Reckoning, check_pickup, reckon
from charsu.shopping.stored import lock_open, save_whole
from charsu.stock import (
    NotEnoughStock,
    Place,
    Shortfall,
    on_offer,
    pieces_by_variant,
)


class Wanted(Struct, frozen=True, kw_only=True):
    """So much of a variant, in steps of its unit.

    location_id   where it is picked up by itself, while the rest of the cart is sent
    """

    variant_id: UUID
    quantity: Quantity
    location_id: UUID | None = None


class ReplaceCart(Struct, frozen=True, kw_only=True):
    """The whole cart as it should be; what is not named here is not in it any more.

    lines            a variant that is named twice is wanted in both quantities, at the first place
    location_id      where the goods are picked up; counts for a pick-up only
    delivery_method  none leaves it open
    pickup_method    of what is picked up by itself; none costs nothing
    destination      where the goods go, if that is known: they come from near there
    """

    cart_id: UUID
    lines: Annotated[tuple[Wanted, ...], Meta(max_length=LINES_MAX)]
    country: Country
    kind: CartKind = "ship"
    codes: Annotated[tuple[Code, ...], Meta(max_length=CODES_MAX)] = ()
    location_id: UUID | None = None
    delivery_method: Annotated[str, Meta(max_length=64)] | None = None
    pickup_method: Annotated[str, Meta(max_length=64)] | None = None
    destination: Place | None = None
    recipient: Recipient | None = None
    revision: Revision | None = None


class Undone(Struct, frozen=True, kw_only=True):
    """What could not be done, and why.

    sentence     English; ``template`` with ``data`` is the same for translation
    variant_id   where one line is the reason
    """

    code: str
    sentence: str
    template: str
    data: dict[str, Any]
    variant_id: UUID | None = None


class CartIs(Struct, frozen=True, kw_only=True):
    """How the cart stands, what it costs, and what of it could not be done.

    total_minor   what is to be paid; None where nothing in it can be priced
    """

    cart_id: UUID
    revision: int
    lines: int
    total_minor: int | None
    undone: tuple[Undone, ...]


@operation(
    "shopping.replace",
    permission="shopping.edit",
    http="PUT /v1/carts/{cart_id}",
    raises=(NotFound, Stale, CartClosed),
)
def replace_cart(tx: Tx, ask: ReplaceCart) -> CartIs:
    """Make the cart exactly this, as far as it can be done, and say what could not.

    Goods that are not for sale or gone everywhere, codes that do not count, ways of delivery
    that do not go there and places where nothing is picked up are left out and named. Too few
    pieces are kept, and block the order.
    """
    return _replaced(tx, ask)


def replace_unless_empty(tx: Tx, ask: ReplaceCart) -> CartIs:
    """``replace_cart``; where nothing would be left in the cart, it stays as it is."""
    return _replaced(tx, ask, or_stays=True)


def _replaced(tx: Tx, ask: ReplaceCart, *, or_stays: bool = False) -> CartIs:
    was = renewed(tx, lock_open(tx, ask.cart_id, ask.revision))
    cart, undone, total = as_far_as_possible(tx, was, ask)
    if or_stays and not cart.lines:
        return CartIs(
            cart_id=was.id, revision=was.revision, lines=0, total_minor=None, undone=tuple(undone)
        )
    if was.hold_until is not None:  # also what ran out and nobody has put on sale yet
        let_all_go(tx, was)
    cart, gone = _held_again(tx, was, cart)
    fact = CartReplaced(lines=len(cart.lines), codes=len(cart.codes), kind=cart.kind)
    saved = save_whole(tx, was, cart, fact, person=ask.recipient or Recipient())
    return CartIs(
        cart_id=cart.id,
        revision=saved.revision,
        lines=len(cart.lines),
        total_minor=total,
        undone=(*undone, *gone),
    )


def as_far_as_possible(
    tx: Tx, was: Cart, ask: ReplaceCart
) -> tuple[Cart, list[Undone], int | None]:
    """The cart without what cannot be, why, and what the rest costs; nothing is stored."""
    wish, nowhere = _placed(tx, _wish(tx, was, ask))
    postcode = ask.recipient.postcode if ask.recipient else ""
    reckoning = reckon(tx, wish, postcode=postcode)
    gone = _gone_everywhere(tx, wish, reckoning)
    lines = tuple(
        structs.replace(line, seen_minor=price, unit=reckoning.goods[line.variant_id].unit)
        for line, price in _priced(wish, reckoning)
        if line.variant_id not in gone
    )
    cart = structs.replace(wish, lines=lines, codes=_codes(wish, reckoning))
    cart, refused = _delivered(tx, cart, reckoning, postcode)
    undone = [*nowhere, *_refused(wish, reckoning), *gone.values(), *refused]
    priced = reckon(tx, cart, postcode=postcode).priced if undone else reckoning.priced
    return cart, undone, priced.total_minor if priced else None


def _priced(wish: Cart, reckoning: Reckoning) -> list[tuple[Line, int]]:
    """The lines that have a price, and what one of each costs."""
    lines = reckoning.priced.lines if reckoning.priced else ()
    prices = {line.line_id: line.unit_minor for line in lines}
    return [(line, prices[line.id]) for line in wish.lines if line.id in prices]


def _wish(tx: Tx, was: Cart, ask: ReplaceCart) -> Cart:
    return structs.replace(
        was,
        lines=tuple(_lines(tx, was, ask)),
        country=ask.country,
        kind="pickup" if ask.kind == "pickup" and ask.location_id else "ship",
        location_id=ask.location_id if ask.kind == "pickup" else None,
        delivery_method=ask.delivery_method,
        pickup_method=ask.pickup_method,
        destination=ask.destination,
        codes=ask.codes,
    )


def _placed(tx: Tx, wish: Cart) -> tuple[Cart, list[Undone]]:
    """The cart with a place where it can be picked up, or with none. Raises NotFound."""
    try:
        check_pickup(tx, wish)
    except NoPickupHere as refusal:
        lines = tuple(structs.replace(line, location_id=None) for line in wish.lines)
        nowhere = structs.replace(wish, kind="ship", location_id=None, lines=lines)
        return nowhere, [undone(refusal)]
    return wish, []


def _lines(tx: Tx, was: Cart, ask: ReplaceCart) -> Iterator[Line]:
    """The lines with the ids that they had; units are the catalog's, not the caller's."""
    pieces: dict[UUID, int] = {}
    places: dict[UUID, UUID | None] = {}
    for one in ask.lines:
        pieces[one.variant_id] = pieces.get(one.variant_id, 0) + one.quantity
        places.setdefault(one.variant_id, one.location_id if ask.kind == "ship" else None)
    for variant, quantity in pieces.items():
        line = was.line_of(variant)
        identity, unit = (line.id, line.unit) if line else (tx.new_id(), "")
        yield Line(identity, variant, quantity, 0, unit, places[variant])


def _refused(wish: Cart, reckoning: Reckoning) -> Iterator[Undone]:
    """What the reckoning left out. A way of delivery is judged apart."""
    variants = {line.id: line.variant_id for line in wish.lines}
    for obstacle in reckoning.obstacles:
        if not isinstance(obstacle.refusal, DeliveryUnknown):
            line = obstacle.line_id
            yield undone(obstacle.refusal, variants.get(line) if line else None)


def undone(refusal: HubError, variant_id: UUID | None = None) -> Undone:
    """A refusal as something that could not be done."""
    return Undone(
        code=refusal.code,
        sentence=str(refusal),
        template=refusal.template,
        data=refusal.data,
        variant_id=variant_id,
    )


def _codes(wish: Cart, reckoning: Reckoning) -> tuple[str, ...]:
    """The codes that count, as their coupons spell them; all where nothing can be priced yet."""
    if reckoning.priced is not None:
        return tuple(coupon.code for coupon in reckoning.priced.coupons)
    bad = {
        str(obstacle.refusal.data.get("coupon"))
        for obstacle in reckoning.obstacles
        if isinstance(obstacle.refusal, COUPON_REFUSALS)
    }
    return tuple(code for code in wish.codes if code not in bad)


def _gone_everywhere(tx: Tx, wish: Cart, reckoning: Reckoning) -> dict[UUID, Undone]:
    """Variants of which the channel has none at all, wherever the goods would come from."""
    variants = [line.variant_id for line in wish.lines]
    pieces = pieces_by_variant(on_offer(tx, variants, channel=wish.channel_id))
    for held in held_for(tx, wish):
        pieces[held.thing_id] = pieces.get(held.thing_id, 0) + held.open
    return {
        line.variant_id: undone(NotEnoughStock([_shortfall(line, reckoning)]), line.variant_id)
        for line, _ in _priced(wish, reckoning)
        if pieces.get(line.variant_id, 0) <= 0
    }


def _shortfall(line: Line, reckoning: Reckoning) -> Shortfall:
    return Shortfall(line.variant_id, reckoning.goods[line.variant_id].sku, line.quantity, 0)


def _delivered(
    tx: Tx, cart: Cart, reckoning: Reckoning, postcode: str
) -> tuple[Cart, list[Undone]]:
    """The cart with ways of delivery that go there, or with none."""
    if cart.delivery_method is None and cart.pickup_method is None:
        return cart, []
    offered = {
        (one.code, one.kind)
        for one in deliveries(
            tx,
            channel=reckoning.channel.code,
            country=cart.country,
            currency=cart.currency,
            postcode=postcode,
        )
    }
    refused = []
    for field, kind in (("delivery_method", cart.kind), ("pickup_method", "pickup")):
        method = getattr(cart, field)
        if method is not None and (method, kind) not in offered:
            cart = structs.replace(cart, **{field: None})
            refused.append(undone(DeliveryUnknown(method)))
    return cart, refused


def _held_again(tx: Tx, was: Cart, cart: Cart) -> tuple[Cart, list[Undone]]:
    """A held cart stays held, or is no longer where there is too little."""
    if not cart.is_held_at(tx.now) or not cart.lines:
        return without_hold(cart), []
    try:
        with tx.savepoint():
            rehold(tx, was, cart)
    except NotEnoughStock as short:
        return without_hold(cart), [undone(short)]
    return cart, []
