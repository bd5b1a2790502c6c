"""What was sold: orders placed in a span, canceled ones left out, as the customer pays them.

Amounts of different currencies are never added.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.kernel import Tx


class Span(Struct, frozen=True, kw_only=True):
    """Which orders count: placed from ``start`` on and before ``end`` (UTC), in some channels or at
    some locations only."""

    start: datetime
    end: datetime
    channel_id: UUID | None = None
    location_ids: tuple[UUID, ...] | None = None  # sold or seen to there; None: anywhere


class Bucket(Struct, frozen=True):
    """Sales of one currency in one stretch of time; ``start`` in UTC."""

    currency: str
    start: datetime
    minor: int
    orders: int


class ByChannel(Struct, frozen=True):
    """Sales of a channel in one currency."""

    channel_id: UUID
    name: str
    kind: str
    currency: str
    minor: int
    orders: int


class ByLocation(Struct, frozen=True):
    """Sales made at a location in one currency."""

    location_id: UUID
    name: str
    town: str
    currency: str
    minor: int
    orders: int


# Each stretch by itself: a grouping by a reckoned start would be taken for as many groups as there
# are orders, and sorted on disk.
_BUCKETS: LiteralString = """
    SELECT o.currency, s.start, o.minor, o.orders
    FROM (
        SELECT start, lead(start, 1, %(end)s) OVER (ORDER BY start) AS following
        FROM unnest(%(starts)s::timestamptz[]) start
    ) s
    CROSS JOIN LATERAL (
        SELECT o.currency, sum(o.total_minor)::bigint AS minor, count(*) AS orders
        FROM orders.orders o
        WHERE o.placed_at >= s.start AND o.placed_at < s.following
          AND o.placed_at >= %(start)s AND o.placed_at < %(end)s AND o.state <> 'canceled'
          AND (%(channel)s::uuid IS NULL OR o.channel_id = %(channel)s)
          AND (%(locations)s::uuid[] IS NULL OR o.location_id = ANY(%(locations)s)
               OR EXISTS (SELECT FROM orders.fulfillments f
                          WHERE f.order_id = o.id AND f.location_id = ANY(%(locations)s)))
        GROUP BY o.currency
    ) o
    ORDER BY o.currency, s.start
"""

_CHANNELS: LiteralString = """
    SELECT c.id, c.name, c.kind, o.currency, sum(o.total_minor)::bigint AS minor,
           count(*) AS orders
    FROM orders.orders o JOIN catalog.channels c ON c.id = o.channel_id
    WHERE o.placed_at >= %(start)s AND o.placed_at < %(end)s AND o.state <> 'canceled'
      AND (%(channel)s::uuid IS NULL OR o.channel_id = %(channel)s)
      AND (%(locations)s::uuid[] IS NULL OR o.location_id = ANY(%(locations)s)
           OR EXISTS (SELECT FROM orders.fulfillments f
                      WHERE f.order_id = o.id AND f.location_id = ANY(%(locations)s)))
    GROUP BY c.id, c.name, c.kind, o.currency ORDER BY c.name, c.id, o.currency
"""

_LOCATIONS: LiteralString = """
    SELECT l.id, l.name, l.town, o.currency, sum(o.total_minor)::bigint AS minor,
           count(*) AS orders
    FROM orders.orders o JOIN stock.locations l ON l.id = o.location_id
    WHERE o.placed_at >= %(start)s AND o.placed_at < %(end)s AND o.state <> 'canceled'
      AND (%(channel)s::uuid IS NULL OR o.channel_id = %(channel)s)
      AND (%(locations)s::uuid[] IS NULL OR o.location_id = ANY(%(locations)s))
    GROUP BY l.id, l.name, l.town, o.currency ORDER BY minor DESC, l.name, l.id
"""


def sales_by_bucket(tx: Tx, span: Span, *, starts: Sequence[datetime]) -> list[Bucket]:
    """Sales by currency and stretch; each stretch lasts until the next of ``starts``.

    starts   oldest first; the first is not after the span's. Stretches without sales are left out.
    """
    return [Bucket(*row) for row in tx.all(_BUCKETS, starts=list(starts), **_values(span))]


def totals(tx: Tx, span: Span) -> dict[str, tuple[int, int]]:
    """Minor units and orders by currency."""
    sums: dict[str, tuple[int, int]] = {}
    for channel in sales_by_channel(tx, span):
        minor, orders = sums.get(channel.currency, (0, 0))
        sums[channel.currency] = (minor + channel.minor, orders + channel.orders)
    return sums


def sales_by_channel(tx: Tx, span: Span) -> list[ByChannel]:
    """Sales by channel and currency, by name."""
    return [ByChannel(*row) for row in tx.all(_CHANNELS, **_values(span))]


def sales_by_location(tx: Tx, span: Span) -> list[ByLocation]:
    """Sales by location where they were made, and currency; the largest first."""
    return [ByLocation(*row) for row in tx.all(_LOCATIONS, **_values(span))]


def _values(span: Span) -> dict[str, object]:
    locations = None if span.location_ids is None else list(span.location_ids)
    return {
        "start": span.start,
        "end": span.end,
        "channel": span.channel_id,
        "locations": locations,
    }
