"""Coupons in the cart."""

from uuid import UUID

from msgspec import Struct, structs

from charsu.kernel import NotFound, Stale, Tx, operation
from charsu.pricing import BasketTooLarge, PriceListMissing, PriceMissing, TaxRateMissing
from charsu.shopping.changed import CartChanged, Code, Revision, changed
from charsu.shopping.errors import CartClosed, TooManyCodes
from charsu.shopping.facts import CartCodesSet
from charsu.shopping.holding import renewed
from charsu.shopping.model import CODES_MAX, Cart
from charsu.shopping.reckoning import COUPON_REFUSALS, price_codes
from charsu.shopping.stored import lock_open, save


class AddCode(Struct, frozen=True, kw_only=True):
    """A code as it was typed."""

    cart_id: UUID
    code: Code
    revision: Revision | None = None


@operation(
    "shopping.add_code",
    permission="shopping.edit",
    http="POST /v1/carts/{cart_id}/codes",
    raises=(
        NotFound,
        Stale,
        CartClosed,
        TooManyCodes,
        *COUPON_REFUSALS,
        PriceMissing,
        PriceListMissing,
        BasketTooLarge,
        TaxRateMissing,
    ),
)
def add_code(tx: Tx, ask: AddCode) -> CartChanged:
    """Put a coupon into the cart. It is used, and counted, when the cart is ordered."""
    cart = renewed(tx, lock_open(tx, ask.cart_id, ask.revision))
    cart = structs.replace(cart, codes=with_code(tx, cart, ask.code))
    return changed(tx, save(tx, cart, CartCodesSet(codes=len(cart.codes))))


def with_code(tx: Tx, cart: Cart, code: str) -> tuple[str, ...]:
    """The cart's codes and this one, as their coupons spell them. Raises the coupon's refusals."""
    priced = price_codes(tx, structs.replace(cart, codes=(*cart.codes, code)))
    codes = tuple(coupon.code for coupon in priced.coupons)
    if len(codes) > CODES_MAX:
        raise TooManyCodes(CODES_MAX)
    return codes


class RemoveCode(Struct, frozen=True, kw_only=True):
    """Which code."""

    cart_id: UUID
    code: Code
    revision: Revision | None = None


@operation(
    "shopping.remove_code",
    permission="shopping.edit",
    http="DELETE /v1/carts/{cart_id}/codes/{code}",
    raises=(NotFound, Stale, CartClosed),
)
def remove_code(tx: Tx, ask: RemoveCode) -> CartChanged:
    """Take a coupon out of the cart, named as the cart shows it."""
    cart = renewed(tx, lock_open(tx, ask.cart_id, ask.revision))
    if ask.code not in cart.codes:
        raise NotFound("code", ask.code)
    left = tuple(code for code in cart.codes if code != ask.code)
    fact = CartCodesSet(codes=len(left))
    return changed(tx, save(tx, structs.replace(cart, codes=left), fact))
