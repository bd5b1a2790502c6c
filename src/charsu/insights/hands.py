"""What needs a hand: promises that are not kept, money that does not add up, receivers that do not
answer. Each is told with names, since when, and what it is worth."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec
from msgspec import Struct

from charsu.kernel import Money, Tx, digits
from charsu.kernel.log.queries import AskParked, parked
from charsu.kernel.money import CurrencyUnknown

LIMIT = 200


class Hand(Struct, frozen=True, kw_only=True):
    """Something that somebody must see to.

    kind         what happened, within its list
    subject      what it is about: an order's number, a product, a payment's reference
    owner        the role whose it is; taken_by of them, by id and name, if somebody has said so
    due_by       until then; None where nobody set a time
    """

    id: UUID
    kind: str
    subject: str
    since: datetime
    place: str = ""
    location_id: UUID | None = None
    worth: Money | None = None
    owner: str = ""
    taken_by: UUID | None = None
    taken_by_name: str = ""
    due_by: datetime | None = None


class OrderHand(Hand, frozen=True, kw_only=True):
    """About an order.

    task_kind    ship or pickup; ``step`` how far the location is with it
    stores       from which she may take it instead, by id and name
    is_offered   whether she was asked to choose
    """

    reason: str
    fulfillment_id: UUID
    task_kind: str
    stores: tuple[tuple[UUID, str], ...]
    can_send: bool
    is_offered: bool


# What nobody sees to but this; of what is late or was left behind, all that was asked there.
_ORDERS: LiteralString = """
    SELECT e.id, e.kind, o.number::text AS subject, e.opened_at AS since, l.name AS place,
           e.location_id, o.currency, e.owner, e.taken_by, coalesce(a.name, '') AS taken_by_name,
           e.due_by, e.reason, e.fulfillment_id, f.kind AS task_kind,
           coalesce((e.options ->> 'can_send')::boolean, false) AS can_send,
           e.options ->> 'otherwise' IS NOT NULL AS is_offered,
           (SELECT coalesce(jsonb_agg(jsonb_build_array(s.id, s.name) ORDER BY s.name), '[]')
            FROM stock.locations s
            WHERE e.options -> 'stores' ? s.id::text) AS stores,
           (SELECT coalesce(sum(div(i.total_minor * coalesce((e.lines ->> i.id::text)::bigint,
                                                             p.quantity), i.quantity)), 0)::bigint
            FROM orders.fulfillment_lines p
            JOIN orders.order_lines i ON i.id = p.line_id
            WHERE p.fulfillment_id = f.id AND (e.lines = '{}' OR e.lines ? i.id::text)) AS worth
    FROM orders.exceptions e
    JOIN orders.orders o ON o.id = e.order_id
    JOIN orders.fulfillments f ON f.id = e.fulfillment_id
    JOIN stock.locations l ON l.id = e.location_id
    LEFT JOIN kernel.accounts a ON a.id = e.taken_by
    WHERE e.closed_at IS NULL
      AND (%(locations)s::uuid[] IS NULL OR e.location_id = ANY(%(locations)s))
    ORDER BY e.due_by, e.id LIMIT %(limit)s
"""


def broken_promises(tx: Tx, locations: tuple[UUID, ...] | None) -> list[OrderHand]:
    """Exceptions of orders, the most urgent first."""
    found = []
    for row in tx.all(_ORDERS, locations=_places(locations), limit=LIMIT):
        fields = row._asdict()
        worth, currency = fields.pop("worth"), fields.pop("currency")
        fields["worth"] = {"minor": worth, "currency": currency} if worth else None
        found.append(msgspec.convert(fields, OrderHand, strict=False))
    return found


_SHORTAGES: LiteralString = """
    SELECT e.id, e.kind, v.sku || ' × ' || e.missing AS subject, e.opened_at AS since,
           l.name AS place, e.location_id, e.owner, e.due_by
    FROM stock.exceptions e
    JOIN catalog.variants v ON v.id = e.variant_id
    JOIN stock.locations l ON l.id = e.location_id
    WHERE e.state = 'open'
      AND (%(locations)s::uuid[] IS NULL OR e.location_id = ANY(%(locations)s))
    ORDER BY e.due_by, e.id LIMIT %(limit)s
"""


def shortages(tx: Tx, locations: tuple[UUID, ...] | None) -> list[Hand]:
    """What was promised beyond what is there, the most urgent first."""
    rows = tx.all(_SHORTAGES, locations=_places(locations), limit=LIMIT)
    return [Hand(**row._asdict()) for row in rows]


_UNKNOWN: LiteralString = """
    SELECT p.id, p.reason AS kind, o.number::text AS subject, p.asked_at AS since,
           t.name || ', ' || l.name AS place, t.location_id, p.amount_minor, p.currency
    FROM orders.terminal_payments p
    JOIN orders.terminals t ON t.id = p.terminal_id
    JOIN stock.locations l ON l.id = t.location_id
    JOIN orders.orders o ON o.id = p.order_id
    WHERE p.state = 'unknown' AND p.ended_at IS NULL
      AND (%(locations)s::uuid[] IS NULL OR t.location_id = ANY(%(locations)s))
    ORDER BY p.id LIMIT %(limit)s
"""


def unknown_payments(tx: Tx, locations: tuple[UUID, ...] | None) -> list[Hand]:
    """Payments on terminals of which nobody knows whether they were taken, the oldest first."""
    return _with_worth(tx.all(_UNKNOWN, locations=_places(locations), limit=LIMIT))


_DIFFERENCES: LiteralString = """
    SELECT d.id, d.kind, d.reference AS subject, d.opened_at AS since, d.provider AS place, d.owner,
           abs((d.our_promised_minor + d.our_taken_minor - d.our_given_back_minor)
               - (d.their_promised_minor + d.their_taken_minor - d.their_given_back_minor))
               AS amount_minor,
           coalesce(d.our_currency, d.their_currency) AS currency
    FROM orders.payment_differences d
    WHERE d.state = 'open' ORDER BY d.id LIMIT %(limit)s
"""


def differences(tx: Tx) -> list[Hand]:
    """Payments that are not as their providers say, the oldest first; worth what is between."""
    return _with_worth(tx.all(_DIFFERENCES, limit=LIMIT))


_STUCK: LiteralString = """
    SELECT p.id, p.kind, coalesce(o.number::text, a.reference, '') AS subject,
           p.begun_at AS since, coalesce(p.last_problem, '') AS place,
           coalesce(a.asked_minor, r.amount_minor, (p.data ->> 'amount_minor')::bigint)
               AS amount_minor,
           coalesce(a.currency, o.currency) AS currency
    FROM kernel.processes p
    LEFT JOIN orders.authorizations a ON a.id = p.subject_id OR a.id = p.id
    LEFT JOIN orders.orders o ON o.id = p.subject_id
    LEFT JOIN orders.refunds r ON r.id = p.id
    WHERE p.state = 'stuck' ORDER BY p.begun_at, p.id LIMIT %(limit)s
"""


def stuck(tx: Tx) -> list[Hand]:
    """What was tried many times and waits for a person: money to be taken, let go or given back,
    a label, a statement; the oldest first."""
    return _with_worth(tx.all(_STUCK, limit=LIMIT))


_DEAD: LiteralString = """
    SELECT e.id, e.state AS kind, e.name AS subject, min(d.created_at) AS since, e.url AS place,
           count(*) AS dead
    FROM kernel.webhook_deliveries d JOIN kernel.webhook_endpoints e ON e.id = d.endpoint_id
    WHERE d.state = 'dead' GROUP BY e.id ORDER BY min(d.created_at), e.id LIMIT %(limit)s
"""


def dead_letters(tx: Tx) -> list[tuple[Hand, int]]:
    """Receivers of webhooks that did not take what was sent, each with how much was given up."""
    found = []
    for row in tx.all(_DEAD, limit=LIMIT):
        fields = row._asdict()
        dead = fields.pop("dead")
        found.append((Hand(**fields), dead))
    return found


PERSISTS_AFTER = 5
"""Attempts after which a reaction does not get over it by itself: more than a minute has passed."""


def failing_reactions(tx: Tx) -> list[tuple[Hand, int]]:
    """Consumers of the log that fail again and again, each with how many facts wait for it."""
    return [
        (
            Hand(
                id=one.fact_id,
                kind="given_up" if one.given_up else "fails",
                subject=one.consumer,
                since=one.since,
                place=f"{one.event}, {one.problem}",
            ),
            one.facts,
        )
        for one in parked(tx, AskParked()).items
        if one.attempts >= PERSISTS_AFTER
    ]


def _with_worth(rows: list[tuple[object, ...]]) -> list[Hand]:
    found = []
    for row in rows:
        fields = row._asdict()  # type: ignore[attr-defined]
        worth = _worth(fields.pop("amount_minor"), fields.pop("currency"))
        found.append(Hand(worth=worth, **fields))
    return found


def _worth(minor: int | None, currency: str | None) -> Money | None:
    """None where it says nothing: a provider may name a currency that nobody has."""
    if not minor or not currency:
        return None
    try:
        digits(currency)
    except CurrencyUnknown:
        return None
    return Money(minor, currency)


def _places(locations: tuple[UUID, ...] | None) -> list[UUID] | None:
    return None if locations is None else list(locations)
