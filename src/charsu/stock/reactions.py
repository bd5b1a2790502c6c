"""What stock does when the log says something: searches follow what locations have to sell."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.catalog import mark_gone_from, mark_sold_at
from charsu.kernel import Seen, Tx, reaction


class _Moved(Struct, frozen=True):
    """What moved or was promised is in the ledger, under the fact's subject."""


class _RanOut(Struct, frozen=True):
    """A hold of this cart or order."""

    owner_id: UUID


# A document, an order and a cart are the cause of transfers or the owner of holds. A location has
# a product to sell where more of some variant lies there than is promised.
_TOUCHED: LiteralString = """
    WITH touched AS (
        SELECT b.thing_id, b.place_id
        FROM ledger.holds h JOIN ledger.balances b USING (account_id)
        WHERE h.owner_id = ANY(%(subjects)s)
        UNION
        SELECT b.thing_id, b.place_id
        FROM ledger.transfers t
        JOIN ledger.balances b ON b.account_id IN (t.from_account_id, t.to_account_id)
        WHERE t.cause_id = ANY(%(subjects)s)
    ), products AS (
        SELECT t.place_id AS location_id, v.product_id, min(v.id::text)::uuid AS variant_id
        FROM touched t JOIN catalog.variants v ON v.id = t.thing_id
        GROUP BY t.place_id, v.product_id
    )
    SELECT p.location_id, p.product_id, p.variant_id,
           EXISTS (SELECT FROM catalog.variants v
                   JOIN ledger.balances b ON b.thing_id = v.id AND b.place_id = p.location_id
                   WHERE v.product_id = p.product_id AND b.kind = 'on_hand'
                     AND b.posted > b.held) AS is_here
    FROM products p ORDER BY p.location_id, p.product_id
"""


@reaction(
    "stock.show_what_is_here",
    {
        "stock.stock_moved": _Moved,
        "stock.stock_counted": _Moved,
        "stock.hold_expired": _RanOut,
        "orders.order_placed": _Moved,
        "orders.lines_canceled": _Moved,
        "orders.goods_returned": _Moved,
        "orders.fulfillment_moved": _Moved,
        "orders.fulfillment_rejected": _Moved,
        "orders.goods_picked": _Moved,
        "orders.choice_made": _Moved,
        "shopping.cart_held": _Moved,
        "shopping.cart_released": _Moved,
        "shopping.cart_line_set": _Moved,
        "shopping.cart_line_removed": _Moved,
        "shopping.cart_merged": _Moved,
        "shopping.cart_took_over": _Moved,
        "shopping.cart_abandoned": _Moved,
    },
    from_start=True,
)
def show_what_is_here(tx: Tx, seen: list[Seen[Any]]) -> None:
    """Let searches bound to a location find what it has to sell now, and nothing else.

    Looks at the stock of now, not of the fact: whoever is told twice or late says the same.
    """
    rows = tx.all(_TOUCHED, subjects=list(_subjects(seen)))
    for location, products in groupby(rows, key=lambda row: row.location_id):
        _mark(tx, location, list(products))


def _subjects(seen: Iterable[Seen[Any]]) -> set[UUID]:
    return {one.body.owner_id if isinstance(one.body, _RanOut) else one.subject_id for one in seen}


def _mark(tx: Tx, location: UUID, products: Sequence[Any]) -> None:
    if here := [row.variant_id for row in products if row.is_here]:
        mark_sold_at(tx, location, here)
    if gone := [row.product_id for row in products if not row.is_here]:
        mark_gone_from(tx, location, gone)
