"""What happened last: the newest facts, told with names instead of ids."""

from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.kernel import Money, Tx, show_id


class Happening(Struct, frozen=True, kw_only=True):
    """A fact as a person reads it."""

    id: UUID
    name: str
    subject: str  # an order's number, a SKU, a product's handle, else the id as it is shown
    place: str  # channel or location; may be empty
    amount: Money | None
    at: datetime


# The newest are read from the end of the log; what is still being written shows a moment later.
_NEWEST: LiteralString = """
    SELECT f.id, f.name, f.subject_id, f.at, f.body, o.number
    FROM kernel.facts f LEFT JOIN orders.orders o ON o.id = f.subject_id
    WHERE NOT f.is_historical AND f.name NOT LIKE 'kernel.%%'  -- who signs in is no trade
      AND (%(locations)s::uuid[] IS NULL
           OR (f.body->>'location_id')::uuid = ANY(%(locations)s)
           OR EXISTS (SELECT FROM orders.fulfillments t
                      WHERE t.order_id = f.subject_id AND t.location_id = ANY(%(locations)s)))
      AND (%(channel)s::uuid IS NULL
           OR (f.body->>'channel_id')::uuid = %(channel)s OR o.channel_id = %(channel)s
           OR EXISTS (SELECT FROM shopping.carts c
                      WHERE c.id = f.subject_id AND c.channel_id = %(channel)s))
    ORDER BY f.epoch DESC, f.transaction DESC, f.sequence DESC LIMIT %(limit)s
"""

_NAMES: LiteralString = """
    SELECT id, name FROM catalog.channels WHERE id = ANY(%(ids)s)
    UNION ALL
    SELECT id, name FROM stock.locations WHERE id = ANY(%(ids)s)
    UNION ALL
    SELECT id, sku FROM catalog.variants WHERE id = ANY(%(ids)s)
    UNION ALL
    SELECT id, handle FROM catalog.products WHERE id = ANY(%(ids)s)
"""

PLACES = ("location_id", "from_location_id", "channel_id")


def happenings(
    tx: Tx,
    *,
    channel: UUID | None = None,
    locations: tuple[UUID, ...] | None = None,
    limit: int = 12,
) -> list[Happening]:
    """The newest facts of the trade, newest first; those of history are left out.

    channel   only what happened in it: its carts and its orders
    """
    places = None if locations is None else list(locations)
    rows = tx.all(_NEWEST, channel=channel, locations=places, limit=limit)
    wanted = [one for row in rows for one in (_place(row.body), _thing(row)) if one]
    names = {row.id: row.name for row in tx.all(_NAMES, ids=wanted)}
    return [_told(row, names) for row in rows]


def _told(row: Any, names: dict[UUID, str]) -> Happening:
    place = _place(row.body)
    return Happening(
        id=row.id,
        name=row.name,
        subject=f"#{row.number}" if row.number else _called(row, names),
        place=names.get(place, "") if place else "",
        amount=_amount(row.body),
        at=row.at,
    )


def _called(row: Any, names: dict[UUID, str]) -> str:
    """What it is about by name; of several variants the first, and how many more."""
    named = names.get(_thing(row))
    if named is None:
        return _shown(row)
    more = len(row.body.get("variant_ids", ())) - 1
    return f"{named} +{more}" if more > 0 and _thing(row) != row.subject_id else named


def _thing(row: Any) -> UUID:
    """The variant that a fact tells of, else its subject."""
    variants = row.body.get("variant_ids") or [row.body.get("variant_id")]
    is_product = row.name.startswith("catalog.")
    return UUID(variants[0]) if variants[0] and not is_product else row.subject_id


def _shown(row: Any) -> str:
    """The subject's id, short: its kind and the last letters, which tell ids of one time apart."""
    kind = row.name.split(".")[-1].split("_")[0]
    return f"{kind} …{show_id('id', row.subject_id)[-6:]}"


def _place(body: dict[str, Any]) -> UUID | None:
    for name in PLACES:
        if value := body.get(name):
            return UUID(value)
    return None


def _amount(body: dict[str, Any]) -> Money | None:
    currency = body.get("currency")
    amount = body.get("total_minor", body.get("amount_minor"))
    if not isinstance(currency, str) or not isinstance(amount, int):
        return None
    return Money(amount, currency)
