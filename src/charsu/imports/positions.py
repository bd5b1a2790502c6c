"""Where an import stands, and what it was told: kept in the transactions that store its rows."""

import hashlib
from collections.abc import Sequence
from typing import Any, LiteralString

import msgspec

from charsu.imports.target import Options
from charsu.kernel import Hub, Tx
from charsu.kernel.intake import Earlier, Remark, RowProblem

REMARKS_MAX = 10_000  # of one import; of more than that only the rows are counted

_KEEP: LiteralString = """
    INSERT INTO imports.positions AS p
        (target, file_sha256, options_sha256, position, rows_unexplained, actor_id, moved_at)
    VALUES (%(target)s, %(file)s, %(options)s, %(position)s, %(unexplained)s, %(actor)s, %(now)s)
    ON CONFLICT (target, file_sha256, options_sha256) DO UPDATE
    SET position = excluded.position, actor_id = excluded.actor_id, moved_at = excluded.moved_at,
        rows_unexplained = p.rows_unexplained + excluded.rows_unexplained, finished_at = NULL
"""

_FORGET: LiteralString = """
    DELETE FROM imports.positions
    WHERE target = %(target)s AND file_sha256 = %(file)s AND options_sha256 = %(options)s
"""

_FINISH: LiteralString = """
    WITH forgotten AS (
        DELETE FROM imports.remarks
        WHERE target = %(target)s AND file_sha256 = %(file)s AND options_sha256 = %(options)s
    )
    UPDATE imports.positions SET finished_at = %(now)s, rows_unexplained = 0
    WHERE target = %(target)s AND file_sha256 = %(file)s AND options_sha256 = %(options)s
"""

_INTERRUPTED: LiteralString = """
    SELECT position, rows_unexplained FROM imports.positions
    WHERE target = %(target)s AND file_sha256 = %(file)s AND options_sha256 = %(options)s
      AND finished_at IS NULL
"""

_REMARK: LiteralString = """
    INSERT INTO imports.remarks
        (target, file_sha256, options_sha256, line, is_refused, problems)
    SELECT %(target)s, %(file)s, %(options)s, r.line, r.is_refused, r.problems::jsonb
    FROM unnest(%(lines)s::bigint[], %(refused)s::boolean[], %(problems)s::text[])
         AS r (line, is_refused, problems)
"""

_REMARKS: LiteralString = """
    SELECT line, is_refused, problems FROM imports.remarks
    WHERE target = %(target)s AND file_sha256 = %(file)s AND options_sha256 = %(options)s
"""

_ROOM: LiteralString = """
    SELECT %(most)s - count(*) FROM imports.remarks
    WHERE target = %(target)s AND file_sha256 = %(file)s AND options_sha256 = %(options)s
"""


class Position:
    """How far one import has come: a file, for a target, with what was said about it.

    Said otherwise, the same file is another import: rows without a location of their own belong
    elsewhere when another location is named.
    """

    def __init__(self, target: str, file_sha256: str, options: Options) -> None:
        self._name = f"import.{target}"
        self._key = {"target": target, "file": file_sha256, "options": _digest(options)}

    def earlier(self, hub: Hub) -> Earlier:
        """What an interrupted run has left; nothing if there was none."""
        with hub.reading() as tx:
            stopped = tx.first(_INTERRUPTED, **self._key)
            if stopped is None:
                return Earlier()
            remarks = {row.line: _remark(row) for row in tx.all(_REMARKS, **self._key)}
        return Earlier(stopped.position, remarks, stopped.rows_unexplained)

    def keep(self, tx: Tx, position: int, remarks: Sequence[Remark]) -> None:
        """Say in this transaction how many rows are dealt with, and what is remarkable of them."""
        room = int(tx.value(_ROOM, most=REMARKS_MAX, **self._key)) if remarks else 0
        kept, others = remarks[:room], remarks[room:]
        unexplained = sum(remark.rows for remark in others if remark.is_refused)
        tx.run(
            _KEEP,
            position=position,
            unexplained=unexplained,
            actor=tx.actor.id,
            now=tx.now,
            **self._key,
        )
        if kept:
            tx.run(
                _REMARK,
                lines=[remark.line for remark in kept],
                refused=[remark.is_refused for remark in kept],
                problems=[msgspec.json.encode(remark.problems).decode() for remark in kept],
                **self._key,
            )

    def forget(self, hub: Hub) -> None:
        """Begin at the first row, whatever was interrupted."""
        with hub.writing(self._name) as tx:
            tx.run(_FORGET, **self._key)

    def finish(self, hub: Hub) -> None:
        """Say that the whole file is dealt with; the next time it begins at its first row."""
        with hub.writing(self._name) as tx:
            tx.run(_FINISH, now=tx.now, **self._key)


def _remark(row: Any) -> Remark:
    problems = msgspec.convert(row.problems, tuple[RowProblem, ...])
    return Remark(line=row.line, is_refused=row.is_refused, problems=problems)


def _digest(options: Options) -> str:
    said = msgspec.json.encode(options, enc_hook=str)  # a zone by its name
    return hashlib.sha256(said).hexdigest()
