"""What is in the cart."""

from uuid import UUID

from msgspec import Struct, structs

from charsu.kernel import NotFound, Stale, Tx, operation
from charsu.orders import NotForSale, channel_of, goods_of
from charsu.pricing import BasketTooLarge, PriceListMissing, PriceMissing, TaxRateMissing
from charsu.shopping.changed import CartChanged, Revision, changed
from charsu.shopping.errors import CartClosed, CartFull
from charsu.shopping.facts import CartLineRemoved, CartLineSet
from charsu.shopping.holding import hold_lines, renewed, trim
from charsu.shopping.model import LINES_MAX, Cart, Line, Quantity
from charsu.shopping.reckoning import unit_price
from charsu.shopping.stored import drop_lines, lock_open, save, store_lines
from charsu.stock import NotEnoughStock


class PutLine(Struct, frozen=True, kw_only=True):
    """So much of a variant is wanted, in steps of its unit, whatever was wanted before."""

    cart_id: UUID
    variant_id: UUID
    quantity: Quantity
    revision: Revision | None = None


@operation(
    "shopping.put_line",
    permission="shopping.edit",
    http="PUT /v1/carts/{cart_id}/lines/{variant_id}",
    raises=(
        NotFound,
        Stale,
        CartClosed,
        CartFull,
        NotForSale,
        PriceMissing,
        PriceListMissing,
        BasketTooLarge,
        TaxRateMissing,
        NotEnoughStock,
    ),
)
def put_line(tx: Tx, ask: PutLine) -> CartChanged:
    """Want so much of a variant. In a held cart what is wanted more is held as well, or refused."""
    cart = renewed(tx, lock_open(tx, ask.cart_id, ask.revision))
    line = _line(tx, cart, ask)
    store_lines(tx, cart.id, [line])
    trim(tx, cart, line, line.quantity)
    if cart.is_held_at(tx.now):
        hold_lines(tx, cart, [line])
    fact = CartLineSet(variant_id=line.variant_id, quantity=line.quantity)
    return changed(tx, save(tx, _with(cart, line), fact))


def _line(tx: Tx, cart: Cart, ask: PutLine) -> Line:
    was = cart.line_of(ask.variant_id)
    if was is None and len(cart.lines) >= LINES_MAX:
        raise CartFull(LINES_MAX)
    goods = goods_of(tx, channel_of(tx, cart.channel_id), [ask.variant_id])
    seen = unit_price(tx, cart, ask.variant_id)
    unit = goods[ask.variant_id].unit
    if was is None:
        return Line(tx.new_id(), ask.variant_id, ask.quantity, seen, unit)
    return structs.replace(was, quantity=ask.quantity, seen_minor=seen, unit=unit)


def _with(cart: Cart, line: Line) -> Cart:
    others = {other.id: other for other in cart.lines}
    return structs.replace(cart, lines=tuple((others | {line.id: line}).values()))


class RemoveLine(Struct, frozen=True, kw_only=True):
    """Which variant is no longer wanted."""

    cart_id: UUID
    variant_id: UUID
    revision: Revision | None = None


@operation(
    "shopping.remove_line",
    permission="shopping.edit",
    http="DELETE /v1/carts/{cart_id}/lines/{variant_id}",
    raises=(NotFound, Stale, CartClosed),
)
def remove_line(tx: Tx, ask: RemoveLine) -> CartChanged:
    """Want none of a variant; what was held of it is on sale again at once."""
    cart = renewed(tx, lock_open(tx, ask.cart_id, ask.revision))
    line = cart.line_of(ask.variant_id)
    if line is None:
        raise NotFound("line", ask.variant_id)
    trim(tx, cart, line, 0)
    drop_lines(tx, cart.id, [line.id])
    left = tuple(other for other in cart.lines if other != line)
    fact = CartLineRemoved(variant_id=line.variant_id, quantity=line.quantity)
    return changed(tx, save(tx, structs.replace(cart, lines=left), fact))
