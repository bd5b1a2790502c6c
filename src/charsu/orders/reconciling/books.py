"""What the books say of payments that a provider has told of, or should have."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from charsu.kernel import Tx
from charsu.orders.reconciling.model import Entry, Figures

# Money that goes back as credit is not the provider's to give; what it was asked for and has not
# answered yet is not given back so far.
_GIVEN_BACK: LiteralString = """
    coalesce((SELECT sum(r.amount_minor) FROM orders.payments p
              JOIN orders.refunds r ON r.payment_id = p.id
              WHERE r.state = 'done' AND NOT r.to_credit AND {whose}), 0)::bigint
"""

# The provider was asked at ``read_at``: whatever a process or a message has done since, or is about
# to do, the provider may not have told of. A process that is stuck does nothing any more.
_WORKED_ON: LiteralString = """
    EXISTS (SELECT FROM kernel.processes w
            WHERE w.subject_id = ANY({subjects})
              AND (w.state = 'running' OR w.ended_at >= %(read_at)s))
"""

_PROMISED: LiteralString = (
    """
    SELECT a.id AS position, coalesce(a.reference, %(none)s) AS reference,
           a.id AS authorization_id, a.order_id, a.currency,
           CASE WHEN a.state = 'authorized'
                THEN a.authorized_minor - a.captured_minor - a.voided_minor
                ELSE 0 END AS promised_minor,
           a.captured_minor AS taken_minor,
    """  # noqa: S608 - of constants only
    + _GIVEN_BACK.replace("{whose}", "p.authorization_id = a.id")
    + """ AS given_back_minor,
           EXISTS (SELECT FROM kernel.facts f
                   WHERE f.subject_id = a.id AND f.at >= %(read_at)s) OR """
    + _WORKED_ON.replace("{subjects}", "ARRAY[a.id, a.cart_id, a.order_id]")
    + """ AS is_moving
    FROM orders.authorizations a
    WHERE a.provider = %(provider)s
    """
)

# What was charged at once has no promise.
_CHARGED: LiteralString = (
    """
    SELECT p0.id AS position, p0.reference, NULL::uuid AS authorization_id, p0.order_id,
           p0.currency, 0::bigint AS promised_minor, p0.captured_minor AS taken_minor,
    """  # noqa: S608 - of constants only
    + _GIVEN_BACK.replace("{whose}", "p.id = p0.id")
    + """ AS given_back_minor,
           p0.at >= %(read_at)s OR """
    + _WORKED_ON.replace("{subjects}", "ARRAY[p0.order_id]")
    + """ AS is_moving
    FROM orders.payments p0
    WHERE p0.provider = %(provider)s AND p0.authorization_id IS NULL
    """
)

_OF_STATEMENTS: LiteralString = (
    _PROMISED
    + " AND (a.reference = ANY(%(references)s) OR a.reference IS NULL AND a.id = ANY(%(ids)s))"
    + " UNION ALL "
    + _CHARGED
    + " AND p0.reference = ANY(%(references)s)"
)


def entries_for(
    tx: Tx, provider: str, told: dict[str, UUID | None], *, read_at: datetime
) -> dict[str, Entry]:
    """The books' entries for what a provider told of, by its reference.

    told      the provider's references, each with the id of ours that it names
    read_at   when the provider was asked
    """
    by_id = {identity: reference for reference, identity in told.items() if identity}
    rows = tx.all(
        _OF_STATEMENTS,
        provider=provider,
        references=list(told),
        ids=list(by_id),
        read_at=read_at,
        none="",
    )
    found = [_entry(row, row.reference or by_id[row.authorization_id]) for row in rows]
    return {entry.reference: entry for entry in found}


_OF_SPAN: LiteralString = (
    "SELECT * FROM ("  # noqa: S608 - of constants only
    + _PROMISED
    + " AND a.asked_at >= %(since)s AND a.asked_at < %(until)s AND a.reference IS NOT NULL"
    + " UNION ALL "
    + _CHARGED
    + " AND p0.at >= %(since)s AND p0.at < %(until)s"
    + """) books
    WHERE (%(after)s::uuid IS NULL OR position > %(after)s)
    ORDER BY position LIMIT %(limit)s
    """
)


def entries_of_span(
    tx: Tx,
    provider: str,
    *,
    since: datetime,
    until: datetime,
    read_at: datetime,
    after: UUID | None,
    limit: int,
) -> tuple[list[Entry], UUID | None]:
    """Entries of payments begun in a span, a part at a time; and what to ask for the next part."""
    rows = tx.all(
        _OF_SPAN,
        provider=provider,
        since=since,
        until=until,
        read_at=read_at,
        after=after,
        limit=limit,
        none="",
    )
    last = rows[-1].position if len(rows) == limit else None
    return [_entry(row, row.reference) for row in rows], last


def being_charged(tx: Tx, ids: Collection[UUID], *, read_at: datetime) -> set[UUID]:
    """Which of these are processes of ours that have not booked yet what they took."""
    rows = tx.all(
        """
        SELECT id FROM kernel.processes
        WHERE id = ANY(%(ids)s) AND (state = 'running' OR ended_at >= %(read_at)s)
        """,
        ids=list(ids),
        read_at=read_at,
    )
    return {row.id for row in rows}


def _entry(row: Any, reference: str) -> Entry:
    return Entry(
        reference=reference,
        authorization_id=row.authorization_id,
        order_id=row.order_id,
        is_moving=row.is_moving,
        figures=Figures(
            currency=row.currency,
            promised_minor=row.promised_minor,
            taken_minor=row.taken_minor,
            given_back_minor=row.given_back_minor,
        ),
    )
