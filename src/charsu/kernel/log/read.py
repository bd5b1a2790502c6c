"""Reading the log without skipping anything.

A sequence alone is no cursor: number 8 may commit before number 7, and a reader that has passed 8
never sees 7. So the cursor is (epoch, transaction id, sequence), and a reader looks only at
transactions that are older than every one still open: below the snapshot's xmin nothing can
appear any more. The price: a writer that stays open holds every reader up, so writers are short.

Transaction ids follow the order in which transactions began to write, not the order in which
they committed: version 2 of a subject may have the lower one. So a reader never passes a fact while
an earlier version of its subject lies ahead, and hands the versions of one subject over in order.

The epoch counts the servers that this log has lived on. A restored log goes on at a server whose
transaction ids may be lower; facts of earlier epochs are complete and come first.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import takewhile
from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.kernel.database import Tx


class Cursor(Struct, frozen=True, order=True):
    """A place in the log; everything at or before it has been read."""

    epoch: int = 0
    transaction: int = 0
    sequence: int = 0


START = Cursor()


class LoggedFact(Struct, frozen=True):
    """A fact as the log keeps it."""

    id: UUID
    cursor: Cursor
    name: str
    subject_id: UUID
    version: int
    at: datetime
    actor_id: UUID
    operation: str
    is_historical: bool
    body: dict[str, Any]


# ``transaction`` comes out as a number, and no index is in the order of that: ORDER BY must name
# the table, or each batch sorts all that is left of the log.
_COLUMNS: LiteralString = """
    id, epoch, transaction::text::bigint AS transaction, sequence, name, subject_id, version, at,
    actor_id, operation, is_historical, body
"""

_AFTER: LiteralString = (
    "SELECT "
    + _COLUMNS
    + """
    FROM kernel.facts
    WHERE (epoch, transaction, sequence) > (%(epoch)s, %(transaction)s::text::xid8, %(sequence)s)
      AND (epoch < %(current)s OR transaction < pg_snapshot_xmin(pg_current_snapshot()))
    ORDER BY facts.epoch, facts.transaction, facts.sequence
    LIMIT %(limit)s
"""
)

_BETWEEN: LiteralString = (
    "SELECT "
    + _COLUMNS
    + """
    FROM kernel.facts
    WHERE (epoch, transaction, sequence) > (%(epoch)s, %(transaction)s::text::xid8, %(sequence)s)
      AND (epoch, transaction, sequence)
          <= (%(to_epoch)s, %(to_transaction)s::text::xid8, %(to_sequence)s)
    ORDER BY facts.epoch, facts.transaction, facts.sequence
    LIMIT %(limit)s
"""
)

_AHEAD: LiteralString = """
    SELECT DISTINCT f.id FROM unnest(%(ids)s::uuid[], %(subjects)s::uuid[], %(versions)s::bigint[])
        AS f (id, subject_id, version)
    JOIN kernel.facts e ON e.subject_id = f.subject_id AND e.version < f.version
    WHERE (e.epoch, e.transaction, e.sequence)
          > (%(epoch)s, %(transaction)s::text::xid8, %(sequence)s)
"""

_BY_ID: LiteralString = "SELECT " + _COLUMNS + "FROM kernel.facts WHERE id = ANY(%(ids)s)"

_END: LiteralString = """
    SELECT epoch, transaction::text::bigint AS transaction, sequence FROM kernel.facts
    WHERE epoch < %(current)s OR transaction < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY facts.epoch DESC, facts.transaction DESC, facts.sequence DESC
    LIMIT 1
"""


def read_after(tx: Tx, cursor: Cursor, *, limit: int) -> list[LoggedFact]:
    """The next facts after the cursor, in reading order; only what can no longer be overtaken."""
    rows = tx.all(
        _AFTER,
        epoch=cursor.epoch,
        transaction=cursor.transaction,
        sequence=cursor.sequence,
        current=current_epoch(tx),
        limit=limit,
    )
    facts = [_logged(row) for row in rows]
    return in_order_of_versions(_before_what_lies_ahead(tx, facts))


def read_between(tx: Tx, after: Cursor, to: Cursor, *, limit: int) -> list[LoggedFact]:
    """The facts after one place in the log up to another, in the order of their places."""
    rows = tx.all(
        _BETWEEN,
        epoch=after.epoch,
        transaction=after.transaction,
        sequence=after.sequence,
        to_epoch=to.epoch,
        to_transaction=to.transaction,
        to_sequence=to.sequence,
        limit=limit,
    )
    return [_logged(row) for row in rows]


def _before_what_lies_ahead(tx: Tx, facts: list[LoggedFact]) -> list[LoggedFact]:
    """The facts up to the first one of whose subject an earlier version is still to be read."""
    if not facts:
        return facts
    rows = tx.all(
        _AHEAD,
        ids=[fact.id for fact in facts],
        subjects=[fact.subject_id for fact in facts],
        versions=[fact.version for fact in facts],
        epoch=facts[-1].cursor.epoch,
        transaction=facts[-1].cursor.transaction,
        sequence=facts[-1].cursor.sequence,
    )
    early = {row.id for row in rows}
    return list(takewhile(lambda fact: fact.id not in early, facts))


def in_order_of_versions(facts: Sequence[LoggedFact]) -> list[LoggedFact]:
    """Each subject's facts by version, in the places that they have in the batch together."""
    by_subject: dict[UUID, list[LoggedFact]] = {}
    for fact in sorted(facts, key=lambda fact: fact.version):
        by_subject.setdefault(fact.subject_id, []).append(fact)
    turns = {subject: iter(versions) for subject, versions in by_subject.items()}
    return [next(turns[fact.subject_id]) for fact in facts]


def read_facts(tx: Tx, ids: Iterable[UUID]) -> dict[UUID, LoggedFact]:
    """These facts by id; ids that the log does not know are left out."""
    return {row.id: _logged(row) for row in tx.all(_BY_ID, ids=list(ids))}


def tail(tx: Tx) -> Cursor:
    """The end of the log as it may be read now; START where it is empty."""
    row = tx.first(_END, current=current_epoch(tx))
    return START if row is None else Cursor(*row)


def current_epoch(tx: Tx) -> int:
    """The epoch that new facts are written in."""
    return tx.value("SELECT max(number) FROM kernel.epochs") or 1


def _logged(row: Any) -> LoggedFact:
    return LoggedFact(row.id, Cursor(row.epoch, row.transaction, row.sequence), *row[4:])
