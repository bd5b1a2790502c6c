"""Orders of the past: placed, paid and handed over elsewhere, taken over as sets.

They come without fulfillments: what was done for them was done before the shop was here. What was
paid for them is a payment of the provider ``history``, so that it can be given back; the ledger
knows of it only when it goes back. Each order has one fact, marked historical, so that nothing
reacts to it.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Literal, LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.catalog import sku_key
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
PAYMENTS = (
    *("id", "order_id", "provider", "reference", "method", "currency", "authorized_minor"),
    *("captured_minor", "at"),
)
HISTORY = "history"
"""The provider of what was paid elsewhere, before the shop was here."""

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
    tx: Tx,
    orders: Iterable[bytes],
    lines: Iterable[bytes],
    payments: Iterable[bytes],
    *,
    ids: Sequence[UUID | str],
) -> int:
    """Take over orders with their lines from prepared CSV; how many orders went in.

    orders     CSV of ORDERS: historical, at version 1
    lines      CSV of LINES: what was fulfilled is the quantity
    payments   CSV of PAYMENTS: of the provider HISTORY, together what the order has captured
    ids        of the orders, for their facts
    """
    copied = copy_csv(tx, "orders.orders", ORDERS, orders)
    copy_csv(tx, "orders.order_lines", LINES, lines)
    copy_csv(tx, "orders.payments", PAYMENTS, payments)
    tell_placed(tx, ids)
    return copied


def tell_placed(tx: Tx, ids: Sequence[UUID | str]) -> None:
    """Append the one fact of each of these orders of the past."""
    tx.run(_TELL, orders=list(ids), actor=tx.actor.id, operation=tx.operation)


class PastLine(Struct, frozen=True, kw_only=True):
    """A line of an order of the past, tax in its amounts."""

    variant_id: UUID
    sku: str
    title: str
    unit: str
    quantity: int
    unit_minor: int | None
    subtotal_minor: int
    discount_minor: int
    tax_rate_ppm: int
    tax_minor: int
    total_minor: int


class PastOrder(Struct, frozen=True, kw_only=True):
    """An order that was placed, paid and handed over elsewhere, under the channel's own number."""

    channel_id: UUID
    external_id: str
    location_id: UUID | None
    customer_id: UUID | None
    currency: str
    country: str
    placed_at: datetime
    lines: tuple[PastLine, ...]
    delivery_minor: int = 0

    @property
    def total_minor(self) -> int:
        return self.delivery_minor + sum(line.total_minor for line in self.lines)


Effect = Literal["created", "unchanged", "differs"]

_STORED: LiteralString = """
    SELECT o.channel_id, o.external_id, o.total_minor, o.currency, o.placed_at,
           (SELECT coalesce(jsonb_agg(jsonb_build_array(l.variant_id, l.quantity, l.total_minor)
                                      ORDER BY l.position), '[]')
            FROM orders.order_lines l WHERE l.order_id = o.id) AS lines
    FROM unnest(%(channels)s::uuid[], %(numbers)s::text[]) AS n (channel_id, external_id)
    JOIN orders.orders o USING (channel_id, external_id)
"""


def put_many_past_orders(tx: Tx, orders: Sequence[PastOrder]) -> list[Effect]:
    """Take over any number of orders; what became of each, in their order.

    One number of a channel is one order: one that is there already is left as it is, and said to
    differ where it has other lines or another total.
    """
    rows = tx.all(
        _STORED,
        channels=[order.channel_id for order in orders],
        numbers=[order.external_id for order in orders],
    )
    stored = {(row.channel_id, row.external_id): row for row in rows}
    new: list[tuple[UUID, PastOrder]] = []
    effects: list[Effect] = []
    for order in orders:
        was = stored.get((order.channel_id, order.external_id))
        if was is None:
            new.append((tx.new_id(), order))
            effects.append("created")
        else:
            effects.append("unchanged" if _is_same(was, order) else "differs")
    tx.copy_in("orders.orders", ORDERS, [_order_row(id_, order) for id_, order in new])
    tx.copy_in("orders.order_lines", LINES, _line_rows(tx, new))
    tx.copy_in("orders.payments", PAYMENTS, _payment_rows(tx, new))
    tell_placed(tx, [id_ for id_, _ in new])
    return effects


def _is_same(was: Any, order: PastOrder) -> bool:
    lines = [[str(line.variant_id), line.quantity, line.total_minor] for line in order.lines]
    seen = (was.total_minor, was.currency, was.placed_at, was.lines)
    return bool(seen == (order.total_minor, order.currency, order.placed_at, lines))


def _order_row(id_: UUID, order: PastOrder) -> tuple[Any, ...]:
    def summed(name: str) -> int:
        return sum(getattr(line, name) for line in order.lines)

    return (
        *(id_, order.channel_id, order.external_id, order.location_id, order.customer_id),
        *("counter" if order.location_id else "ship", "fulfilled", "paid"),
        *(order.currency, "included", order.country),
        *(summed("subtotal_minor"), summed("discount_minor"), order.delivery_minor, 0),
        *(summed("tax_minor"), order.total_minor, order.total_minor),
        *(order.placed_at, True, 1),
    )


def _line_rows(tx: Tx, orders: Iterable[tuple[UUID, PastOrder]]) -> Iterator[tuple[Any, ...]]:
    for order_id, order in orders:
        for position, line in enumerate(order.lines, 1):
            yield (
                *(tx.new_id(), order_id, position, line.variant_id, line.sku, line.title),
                *(line.unit, line.quantity, line.unit_minor, line.subtotal_minor),
                *(line.discount_minor, line.tax_rate_ppm, line.tax_minor, line.total_minor),
                line.quantity,
            )


def _payment_rows(tx: Tx, orders: Iterable[tuple[UUID, PastOrder]]) -> Iterator[tuple[Any, ...]]:
    for order_id, order in orders:
        if paid := order.total_minor:
            yield (
                *(tx.new_id(), order_id, HISTORY, str(order_id), "other", order.currency),
                *(paid, paid, order.placed_at),
            )


class KnownVariant(Struct, frozen=True):
    """A variant as an order of the past may name it."""

    id: UUID
    sku: str
    title: str
    unit: str
    quantity_scale: int


class KnownChannel(Struct, frozen=True):
    """A channel and the currency it sells in."""

    id: UUID
    currency: str


class Known(Struct, frozen=True):
    """What is behind the names in a file of orders; what is not there is missing."""

    variants: dict[str, KnownVariant]
    channels: dict[str, KnownChannel]
    locations: dict[str, UUID]
    customers: dict[str, UUID]


_VARIANTS: LiteralString = """
    SELECT n.sku AS written, v.id, v.sku, t.title, p.unit, p.quantity_scale
    FROM unnest(%(skus)s::text[], %(keys)s::text[]) AS n (sku, key)
    JOIN catalog.variants v ON v.sku_key = n.key
    JOIN catalog.products p ON p.id = v.product_id
    CROSS JOIN LATERAL (SELECT title FROM catalog.product_texts
                        WHERE product_id = p.id ORDER BY language <> 'en', language LIMIT 1) t
"""

_CHANNELS: LiteralString = """
    SELECT code, id, currency FROM catalog.channels WHERE code = ANY(%(codes)s)
"""

_LOCATIONS: LiteralString = "SELECT code, id FROM stock.locations WHERE code = ANY(%(codes)s)"

# By the source's own number, else by e-mail address.
_CUSTOMERS: LiteralString = """
    SELECT DISTINCT ON (n.name) n.name, i.customer_id
    FROM unnest(%(names)s::text[], %(emails)s::text[]) AS n (name, email)
    JOIN customers.identifiers i
      ON (i.kind = 'external' AND i.source = %(source)s AND i.value_key = n.name)
      OR (i.kind = 'email' AND i.source = '' AND i.value_key = n.email)
    ORDER BY n.name, i.kind DESC
"""


def look_up(
    tx: Tx,
    *,
    skus: Collection[str],
    channels: Collection[str],
    locations: Collection[str],
    customers: Collection[str],
    source: str,
) -> Known:
    """What these names mean. Customers are named by the source's number or by e-mail address."""
    written = list(skus)
    variants = tx.all(_VARIANTS, skus=written, keys=[sku_key(sku) for sku in written])
    names = list(customers)
    people = tx.all(
        _CUSTOMERS, names=names, emails=[name.casefold() for name in names], source=source
    )
    return Known(
        {row.written: KnownVariant(*row[1:]) for row in variants},
        {row.code: KnownChannel(*row[1:]) for row in tx.all(_CHANNELS, codes=list(channels))},
        {row.code: row.id for row in tx.all(_LOCATIONS, codes=list(locations))},
        {row.name: row.customer_id for row in people},
    )
