"""A log that moves to another server begins a new epoch there."""

from charsu.kernel.database import Tx

_LOCK = 0x636861727375  # "charsu"


def open_epoch(tx: Tx) -> int:
    """The current epoch; begins a new one if this server is not the one of the last.

    Facts get the epoch from the column's default, so that no writer has to ask for it.
    """
    tx.run("SELECT pg_advisory_xact_lock(%(lock)s)", lock=_LOCK)
    server = tx.value("SELECT system_identifier::text FROM pg_control_system()")
    last = tx.first("SELECT number, server FROM kernel.epochs ORDER BY number DESC LIMIT 1")
    if last is not None and last.server == server:
        return int(last.number)
    return begin_epoch(tx, number=1 if last is None else last.number + 1, server=server)


def begin_epoch(tx: Tx, *, number: int, server: str) -> int:
    """Begin epoch ``number`` on ``server``; takes an exclusive lock on the facts for a moment."""
    tx.run(
        "INSERT INTO kernel.epochs (number, server, opened_at) VALUES (%(n)s, %(server)s, %(now)s)",
        n=number,
        server=server,
        now=tx.now,
    )
    # DDL takes no parameters; EXECUTE format(%L) quotes the number on the server's side.
    tx.run(
        "SELECT set_config('charsu.epoch', %(n)s, true)",
        n=str(number),
    )
    tx.run(
        """
        DO $$ BEGIN
            EXECUTE format('ALTER TABLE kernel.facts ALTER COLUMN epoch SET DEFAULT %s',
                           current_setting('charsu.epoch')::integer);
        END $$
        """
    )
    return number
