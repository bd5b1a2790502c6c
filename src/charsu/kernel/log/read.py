"""Reading the log without skipping anything.

A sequence alone is no cursor: number 8 may commit before number 7, and a reader that has passed 8
never sees 7. So the cursor is (epoch, transaction id, sequence), and a reader looks only at
transactions that are older than every one still open: below the snapshot's xmin nothing can
appear any more. The price: a writer that stays open holds every reader up, so writers are short.

The epoch counts the servers that this log has lived on. A restored log goes on at a server whose
transaction ids may be lower; facts of earlier epochs are complete and come first.
"""

from collections.abc import Iterable
from datetime import datetime
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
    ORDER BY epoch, transaction, sequence
    LIMIT %(limit)s
"""
)

_BY_ID: LiteralString = "SELECT " + _COLUMNS + "FROM kernel.facts WHERE id = ANY(%(ids)s)"

_END: LiteralString = """
    SELECT epoch, transaction::text::bigint AS transaction, sequence FROM kernel.facts
    WHERE epoch < %(current)s OR transaction < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY epoch DESC, transaction DESC, sequence DESC
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
    return [_logged(row) for row in rows]


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
