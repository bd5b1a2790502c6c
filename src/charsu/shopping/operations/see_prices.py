"""The customer takes note of prices that have moved."""

from typing import LiteralString
from uuid import UUID

from msgspec import Struct, structs

from charsu.kernel import NotFound, Stale, Tx, operation
from charsu.shopping.changed import CartChanged, Revision, changed
from charsu.shopping.errors import CartClosed
from charsu.shopping.facts import CartPricesSeen
from charsu.shopping.holding import renewed
from charsu.shopping.reckoning import reckon
from charsu.shopping.stored import lock_open, save


class SeePrices(Struct, frozen=True, kw_only=True):
    """In which cart."""

    cart_id: UUID
    revision: Revision | None = None


_SEE: LiteralString = """
    UPDATE shopping.cart_lines l SET seen_minor = p.unit_minor
    FROM unnest(%(lines)s::uuid[], %(prices)s::bigint[]) AS p (id, unit_minor)
    WHERE l.id = p.id
"""


@operation(
    "shopping.see_prices",
    permission="shopping.edit",
    http="POST /v1/carts/{cart_id}/prices",
    raises=(NotFound, Stale, CartClosed),
)
def see_prices(tx: Tx, ask: SeePrices) -> CartChanged:
    """Note that the customer knows today's prices; the cart no longer says that they moved."""
    cart = renewed(tx, lock_open(tx, ask.cart_id, ask.revision))
    priced = reckon(tx, cart).priced
    now = {line.line_id: line.unit_minor for line in priced.lines} if priced else {}
    moved = [line for line in cart.lines if now.get(line.id, line.seen_minor) != line.seen_minor]
    tx.run(_SEE, lines=[line.id for line in moved], prices=[now[line.id] for line in moved])
    seen = tuple(
        structs.replace(line, seen_minor=now.get(line.id, line.seen_minor)) for line in cart.lines
    )
    fact = CartPricesSeen(variant_ids=tuple(line.variant_id for line in moved))
    return changed(tx, save(tx, structs.replace(cart, lines=seen), fact))
