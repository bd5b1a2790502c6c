"""Orders of the past: placed, paid and handed over elsewhere, taken over as sets.

They come without fulfillments, payments or money in the ledger: what was done for them was done
before the shop was here. Each has one fact, marked historical, so that nothing reacts to it.
"""

from collections.abc import Iterable, Sequence
from typing import LiteralString
from uuid import UUID

from charsu.kernel import Tx
from charsu.kernel.bulk import copy_csv

ORDERS = (
    *("id", "channel_id", "external_id", "location_id", "customer_id", "kind", "state"),
    *("payment_state", "currency", "tax_mode", "country", "subtotal_minor", "discount_minor"),
    *("delivery_minor", "delivery_tax_minor", "tax_minor", "total_minor", "captured_minor"),
    *("placed_at", "is_historical", "version"),
)
LINES = (
    *("id", "order_id", "position", "variant_id", "sku", "title", "unit", "quantity"),
    *("unit_minor", "subtotal_minor", "discount_minor", "tax_rate_ppm", "tax_minor"),
    *("total_minor", "fulfilled"),
)

# A fact of the past has the id of the order that it is the first fact of, and the order's time.
_TELL: LiteralString = """
    INSERT INTO kernel.facts
        (id, name, subject_id, version, at, actor_id, operation, is_historical, body)
    SELECT o.id, 'orders.order_placed', o.id, 1, o.placed_at, %(actor)s, %(operation)s, true,
           jsonb_build_object('channel_id', o.channel_id, 'kind', o.kind,
                              'customer_id', o.customer_id, 'location_ids',
                              array_remove(ARRAY[o.location_id], NULL), 'currency', o.currency,
                              'total_minor', o.total_minor, 'lines', l.lines)
    FROM orders.orders o
    JOIN (SELECT order_id, count(*) AS lines FROM orders.order_lines
          WHERE order_id = ANY(%(orders)s) GROUP BY order_id) l ON l.order_id = o.id
    WHERE o.id = ANY(%(orders)s)
    ORDER BY o.placed_at, o.id
"""


def copy_past_orders(
    tx: Tx, orders: Iterable[bytes], lines: Iterable[bytes], *, ids: Sequence[UUID | str]
) -> int:
    """Take over orders with their lines from prepared CSV; how many orders went in.

    orders   CSV of ORDERS: historical, at version 1
    lines    CSV of LINES: what was fulfilled is the quantity
    ids      of the orders, for their facts
    """
    copied = copy_csv(tx, "orders.orders", ORDERS, orders)
    copy_csv(tx, "orders.order_lines", LINES, lines)
    tell_placed(tx, ids)
    return copied


def tell_placed(tx: Tx, ids: Sequence[UUID | str]) -> None:
    """Append the one fact of each of these orders of the past."""
    tx.run(_TELL, orders=list(ids), actor=tx.actor.id, operation=tx.operation)
