"""Exceptions: what went otherwise than promised, each somebody's to see to, with a timer."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from msgspec import Struct

from charsu.kernel import NotFound, Tx
from charsu.orders.deadlines import EXCEPTION_HOURS
from charsu.orders.model import Choice, ExceptionKind

OWNERS: dict[ExceptionKind, str] = {
    "late": "picker",
    "rejected": "support",
    "short": "support",
    "uncollected": "picker",
    "recount": "stockkeeper",
    "undeliverable": "support",
    "returned_to_sender": "support",
}
"""Who sees to it first; whom it goes to when she does not is the manager."""
MANAGER = "manager"


class Options(Struct, frozen=True, kw_only=True):
    """What a customer may choose instead of what she was promised.

    otherwise   what happens when she says nothing; None: she is not asked
    """

    stores: tuple[UUID, ...] = ()
    can_send: bool = False
    otherwise: Choice | None = None


NOTHING = Options()


class Open(Struct, frozen=True, kw_only=True):
    """An open exception, its order locked.

    lines   pieces of the order, by line, that no location sees to
    """

    id: UUID
    order_id: UUID
    fulfillment_id: UUID
    location_id: UUID
    kind: ExceptionKind
    reason: str
    lines: dict[UUID, int]
    owner: str
    due_by: datetime
    options: Options


def exception_time(tx: Tx) -> datetime:
    """By when somebody must see to an exception that is opened now."""
    return tx.now + timedelta(hours=tx.setting(EXCEPTION_HOURS))


_OPEN: LiteralString = """
    INSERT INTO orders.exceptions
        (id, order_id, fulfillment_id, location_id, kind, reason, lines, owner, due_by, options,
         outcome, opened_at, closed_at)
    VALUES (%(id)s, %(order)s, %(task)s, %(location)s, %(kind)s, %(reason)s, %(lines)s::jsonb,
            %(owner)s, %(due_by)s, %(options)s::jsonb, %(outcome)s, %(now)s,
            CASE WHEN %(outcome)s <> '' THEN %(now)s::timestamptz END)
    ON CONFLICT (fulfillment_id, kind) WHERE closed_at IS NULL DO NOTHING
"""


def open_exception(
    tx: Tx,
    kind: ExceptionKind,
    *,
    order: UUID,
    task: UUID,
    location: UUID,
    reason: str = "",
    lines: Mapping[UUID, int] | None = None,
    options: Options = NOTHING,
    due_by: datetime | None = None,
    outcome: str = "",
) -> UUID:
    """Make something somebody's to see to; with an outcome it was seen to at once."""
    identity = tx.new_id()
    tx.run(
        _OPEN,
        id=identity,
        order=order,
        task=task,
        location=location,
        kind=kind,
        reason=reason,
        lines=msgspec.json.encode(lines or {}).decode(),
        owner=OWNERS[kind],
        due_by=due_by or exception_time(tx),
        options=msgspec.json.encode(options).decode(),
        outcome=outcome,
        now=tx.now,
    )
    return identity


def close_of_task(tx: Tx, task: UUID, kind: ExceptionKind, *, outcome: str) -> int:
    """Close the open exception of this kind to a fulfillment; how many there were, 0 or 1."""
    return tx.run(
        """
        UPDATE orders.exceptions SET outcome = %(outcome)s, closed_at = %(now)s
        WHERE fulfillment_id = %(task)s AND kind = %(kind)s AND closed_at IS NULL
        """,
        task=task,
        kind=kind,
        outcome=outcome,
        now=tx.now,
    )


def close_of_ended(tx: Tx, order: UUID, *, outcome: str) -> None:
    """Nobody is late any more with what an order no longer wants."""
    tx.run(
        """
        UPDATE orders.exceptions e SET outcome = %(outcome)s, closed_at = %(now)s
        FROM orders.fulfillments f
        WHERE e.order_id = %(order)s AND e.kind = 'late' AND e.closed_at IS NULL
          AND f.id = e.fulfillment_id AND f.state IN ('done', 'canceled')
        """,
        order=order,
        outcome=outcome,
        now=tx.now,
    )


def close_exception(tx: Tx, exception: UUID, *, outcome: str) -> None:
    """Close one exception: the step that solves it is done."""
    tx.run(
        """
        UPDATE orders.exceptions
        SET outcome = %(outcome)s, closed_at = %(now)s, lines = '{}' WHERE id = %(id)s
        """,
        id=exception,
        outcome=outcome,
        now=tx.now,
    )


_COLUMNS: LiteralString = """
    SELECT id, order_id, fulfillment_id, location_id, kind, reason, lines, owner, due_by, options
    FROM orders.exceptions
"""


def order_of_exception(tx: Tx, exception: UUID) -> UUID:
    """The order that an exception is about. Raises NotFound."""
    order = tx.value("SELECT order_id FROM orders.exceptions WHERE id = %(id)s", id=exception)
    if order is None:
        raise NotFound("exception", exception)
    return UUID(str(order))


def find_open(tx: Tx, exception: UUID) -> Open | None:
    """The exception, if it is open; whoever asks has locked its order."""
    row = tx.first(_COLUMNS + "WHERE id = %(id)s AND closed_at IS NULL FOR UPDATE", id=exception)
    return None if row is None else _read(row)


def open_of_order(tx: Tx, order: UUID) -> list[Open]:
    """What is open about an order, the oldest first; whoever asks has locked the order."""
    rows = tx.all(
        _COLUMNS + "WHERE order_id = %(id)s AND closed_at IS NULL ORDER BY id FOR UPDATE", id=order
    )
    return [_read(row) for row in rows]


ADRIFT: frozenset[ExceptionKind] = frozenset({"rejected", "short"})
"""Exceptions whose pieces no location sees to while they are open."""


def spare(tx: Tx, order: UUID, pieces: Mapping[UUID, int]) -> dict[UUID, int]:
    """Cancel first what no location sees to; the pieces that locations have to be spared then."""
    left = dict(pieces)
    for one in open_of_order(tx, order):
        if one.kind in ADRIFT:
            going = {line: min(count, left.get(line, 0)) for line, count in one.lines.items()}
            if any(going.values()):
                _keep(tx, one, {line: n - going[line] for line, n in one.lines.items()})
            left = {line: count - going.get(line, 0) for line, count in left.items()}
    return left


def _keep(tx: Tx, one: Open, lines: Mapping[UUID, int]) -> None:
    left = {line: pieces for line, pieces in lines.items() if pieces}
    if not left:
        close_exception(tx, one.id, outcome="canceled")
        return
    tx.run(
        "UPDATE orders.exceptions SET lines = %(lines)s::jsonb WHERE id = %(id)s",
        id=one.id,
        lines=msgspec.json.encode(left).decode(),
    )


def _read(row: Any) -> Open:
    return msgspec.convert(row._asdict(), Open)
