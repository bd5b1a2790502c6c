"""Where an import stands: kept in the transaction that stores the rows."""

from typing import LiteralString

from charsu.kernel import Hub, Tx

_KEEP: LiteralString = """
    INSERT INTO imports.positions (target, file_sha256, position, actor_id, moved_at)
    VALUES (%(target)s, %(file)s, %(position)s, %(actor)s, %(now)s)
    ON CONFLICT (target, file_sha256) DO UPDATE
    SET position = excluded.position, actor_id = excluded.actor_id, moved_at = excluded.moved_at,
        finished_at = NULL
"""

_FINISH: LiteralString = """
    UPDATE imports.positions SET finished_at = %(now)s
    WHERE target = %(target)s AND file_sha256 = %(file)s
"""

_INTERRUPTED: LiteralString = """
    SELECT position FROM imports.positions
    WHERE target = %(target)s AND file_sha256 = %(file)s AND finished_at IS NULL
"""


def keep_position(tx: Tx, target: str, file_sha256: str, position: int) -> None:
    """Say in this transaction how many rows of the file are dealt with."""
    tx.run(
        _KEEP,
        target=target,
        file=file_sha256,
        position=position,
        actor=tx.actor.id,
        now=tx.now,
    )


def finish(hub: Hub, target: str, file_sha256: str) -> None:
    """Say that the whole file is dealt with; the next time it begins at its first row."""
    with hub.writing(f"import.{target}") as tx:
        tx.run(_FINISH, target=target, file=file_sha256, now=tx.now)


def interrupted_at(hub: Hub, target: str, file_sha256: str) -> int:
    """The rows that an interrupted run of this file had dealt with; 0 if there was none."""
    with hub.reading() as tx:
        position = tx.value(_INTERRUPTED, target=target, file=file_sha256)
    return int(position or 0)
