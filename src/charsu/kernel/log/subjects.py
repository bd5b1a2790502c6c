"""What facts are about: rows that count their versions, each version told by one fact.

A package declares its versioned tables in ``checks.py``; the check made from them proves that
nothing changed without being told. A test compares the declarations with the tables, so that a
new one cannot be forgotten.
"""

from collections.abc import Sequence
from typing import LiteralString

from msgspec import Struct
from psycopg.sql import SQL, Composed, Identifier, Literal

from charsu.kernel.check import Check


class Subject(Struct, frozen=True, kw_only=True):
    """A table of which each row counts its versions.

    table    ``schema.table``
    named    SQL for what a person calls a row
    version  the column that counts
    told_as  the column with the subject that its facts are about. Anything but the row's own id
             says that the row is a part: whatever changes it changes its subject, too, which
             has at least as many versions
    """

    table: str
    named: LiteralString
    version: str = "version"
    told_as: str = "id"

    @property
    def is_part(self) -> bool:
        return self.told_as != "id"


_ROWS = SQL(
    "SELECT {named} AS row, {told_as} AS subject_id, {version}::bigint AS version,"
    " {is_part} AS is_part FROM {table}"
)

_COUNT = SQL("SELECT count(*) FROM ({rows}) AS subjects")

_UNTOLD = SQL("""
    WITH subjects AS ({rows}), told AS (
        SELECT subject_id, count(*) AS facts, max(version) AS version FROM kernel.facts
        WHERE subject_id IN (SELECT subject_id FROM subjects) GROUP BY subject_id
    )
    SELECT s.row,
           CASE WHEN t.facts IS NULL THEN 'was never told'
                ELSE 'is at version ' || s.version || ', told up to ' || t.version || ' by '
                     || t.facts || ' facts' END AS problem
    FROM subjects s LEFT JOIN told t USING (subject_id)
    WHERE CASE WHEN s.is_part THEN coalesce(t.version, 0) < s.version
               ELSE coalesce(t.version, 0) <> s.version OR coalesce(t.facts, 0) <> s.version END
    ORDER BY s.row
""")


def changes_are_told(name: str, sentence: str, subjects: Sequence[Subject]) -> Check:
    """The check that each version of these rows was told by exactly one fact.

    With version n and n facts up to n, each number is there once, for the log keeps the facts of
    one subject apart by their numbers. What was loaded is no exception: its facts are historical.
    """
    rows = SQL(" UNION ALL ").join(map(_rows, subjects))
    return Check(
        name, sentence, _COUNT.format(rows=rows).as_string(), _UNTOLD.format(rows=rows).as_string()
    )


def _rows(one: Subject) -> Composed:
    return _ROWS.format(
        named=SQL(one.named),
        told_as=Identifier(one.told_as),
        version=Identifier(one.version),
        is_part=Literal(one.is_part),
        table=Identifier(*one.table.split(".")),
    )
