"""Whole histories at once: rows that were prepared elsewhere, handed to COPY as they are."""

from collections.abc import Iterable, Sequence

from psycopg import sql

from charsu.kernel.database import Tx


def copy_csv(tx: Tx, table: str, columns: Sequence[str], chunks: Iterable[bytes]) -> int:
    """COPY prepared CSV into a table named ``schema.table``; how many rows went in.

    chunks   parts of one CSV without header: null is nothing, an empty text is ``""``, times
             carry their offset
    """
    target = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(
        sql.Identifier(*table.split(".")), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    tx.writes(table)
    tx.announce("COPY")
    with tx.connection.cursor() as cursor:
        with cursor.copy(target) as copy:
            for chunk in chunks:
                copy.write(chunk)
        return cursor.rowcount
