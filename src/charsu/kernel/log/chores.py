"""Sealing the log, so that a row changed by hand shows."""

from collections.abc import Sequence
from typing import Any

from charsu.kernel.database import Tx
from charsu.kernel.hub import Hub
from charsu.kernel.log.read import START, Cursor, LoggedFact, read_after
from charsu.kernel.log.seals import chain, leaves_of
from charsu.kernel.work import chore

BATCH = 2_000


@chore("kernel.seal_log", every_seconds=10)
def seal_log(hub: Hub) -> int:
    """Chain the next facts to the seal before them; how many were sealed.

    Sealing is not part of anybody's sale: a chain in the business transaction would make all of
    them wait for each other.
    """
    with hub.writing("kernel.seal_log") as tx:
        tx.run("SELECT pg_advisory_xact_lock(hashtext('kernel.seal_log'))")
        last = _last(tx)
        facts = read_after(tx, _end(last), limit=BATCH)
        if facts:
            _store(tx, last, facts)
    return len(facts)


def _last(tx: Tx) -> Any:
    return tx.first(
        """
        SELECT number, epoch, up_to_transaction::text::bigint AS transaction, up_to_sequence,
               digest
        FROM kernel.seals ORDER BY number DESC LIMIT 1
        """
    )


def _end(last: Any) -> Cursor:
    return Cursor(last.epoch, last.transaction, last.up_to_sequence) if last else START


def _store(tx: Tx, last: Any, facts: Sequence[LoggedFact]) -> None:
    ordered = sorted(facts, key=lambda fact: fact.cursor)
    leaves = leaves_of(ordered)
    end = ordered[-1].cursor
    number = last.number + 1 if last else 1
    tx.run(
        """
        INSERT INTO kernel.seals
            (number, epoch, up_to_transaction, up_to_sequence, facts, digest, leaves,
             sealed_at)
        VALUES (%(number)s, %(epoch)s, %(transaction)s::text::xid8, %(sequence)s, %(facts)s,
                %(digest)s, %(leaves)s, %(now)s)
        """,
        number=number,
        epoch=end.epoch,
        transaction=end.transaction,
        sequence=end.sequence,
        facts=len(facts),
        digest=chain(last.digest if last else b"", leaves),
        leaves=leaves,
        now=tx.now,
    )
    tx.run(
        """
        INSERT INTO kernel.seals_made (number) VALUES (%(number)s)
        ON CONFLICT (is_only_row) DO UPDATE SET number = excluded.number
        """,
        number=number,
    )
