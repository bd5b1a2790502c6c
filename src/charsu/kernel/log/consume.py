"""Reacting to the log: each fact once to each consumer, with its effect in one transaction.

A consumer's cursor moves in the transaction that holds its effects, so a crash repeats both or
neither. A fact that cannot be handled is parked, with all later facts of its subject, tried again
with growing pauses, and shown; the others go on.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any, Generic, LiteralString, TypeVar
from uuid import UUID

import msgspec
import structlog
from msgspec import Struct

from charsu.kernel.database import Tx
from charsu.kernel.log.read import START, Cursor, LoggedFact, read_after, read_facts, tail

Body = TypeVar("Body")
_log = structlog.get_logger("charsu.log")

RETRY_FIRST = timedelta(seconds=5)
RETRY_LONGEST = timedelta(hours=6)
ATTEMPTS_MAX = 20  # then it waits for a person, who sees it among the parked facts
BATCH = 500


class Seen(Struct, Generic[Body], frozen=True):
    """A fact as a reader sees it: the part of the body that the reader declared, and around it."""

    id: UUID
    name: str
    subject_id: UUID
    version: int
    at: datetime
    actor_id: UUID
    body: Body


class Consumer(Struct, frozen=True):
    """A named reader of the log, with the structs it decodes each fact into."""

    name: str
    on: Mapping[str, type[Any]]
    handle: Callable[[Tx, list[Seen[Any]]], None]
    from_start: bool = False
    reads_history: bool = False


def reaction(
    name: str,
    on: Mapping[str, type[Any]],
    *,
    from_start: bool = False,
    reads_history: bool = False,
) -> Callable[[Callable[[Tx, list[Seen[Any]]], None]], Consumer]:
    """Declare what happens when the log says something.

    on             fact names, each with the struct that this reader decodes it into; the reader
                   owns the struct and takes from the fact only what it needs
    from_start     a consumer new to an old shop reads from the beginning, not from now on
    reads_history  facts of imported history come too

    The function gets facts in batches, in order, and may get a fact again after a failure.
    """

    def declare(handle: Callable[[Tx, list[Seen[Any]]], None]) -> Consumer:
        return Consumer(name, on, handle, from_start, reads_history)

    return declare


def reactions_in(modules: Iterable[ModuleType]) -> Iterator[Consumer]:
    """Every consumer that these modules show, each once, in order of its name."""
    found = {
        value.name: value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, Consumer)
    }
    yield from (found[name] for name in sorted(found))


_BEGIN: LiteralString = """
    INSERT INTO kernel.consumers (name, epoch, transaction, sequence, moved_at)
    SELECT asked.name, coalesce(b.epoch, asked.epoch), coalesce(b.transaction, asked.transaction),
           coalesce(b.sequence, asked.sequence), %(now)s
    FROM (VALUES (%(name)s::text, %(epoch)s::integer, %(transaction)s::text::xid8,
                  %(sequence)s::bigint)) AS asked (name, epoch, transaction, sequence)
    LEFT JOIN kernel.beginnings b ON b.consumer = asked.name
    ON CONFLICT (name) DO NOTHING
"""

_NOTE_BEGINNING: LiteralString = """
    INSERT INTO kernel.beginnings (consumer, epoch, transaction, sequence)
    SELECT name, epoch, transaction, sequence FROM kernel.consumers WHERE name = %(name)s
    ON CONFLICT (consumer) DO NOTHING
"""


def register(tx: Tx, consumers: Iterable[Consumer]) -> None:
    """Give each consumer that has none a cursor; one that has lost it begins where it began."""
    end = tail(tx)
    for consumer in consumers:
        start = START if consumer.from_start else end
        place = msgspec.structs.asdict(start)
        if tx.run(_BEGIN, name=consumer.name, now=tx.now, **place):
            tx.run(_NOTE_BEGINNING, name=consumer.name)


def deliver(tx: Tx, consumer: Consumer, *, limit: int = BATCH) -> int:
    """Hand the next facts to a consumer and move its cursor; how many facts it has passed.

    0 when there is nothing new, or another worker has this consumer at the moment. Where the
    consumer loses the connection (it took longer than a transaction may) that error is raised and
    nothing has happened: the same facts come again, better fewer of them.
    """
    cursor = _claim(tx, consumer)
    if cursor is None:
        return 0
    facts = read_after(tx, cursor, limit=limit)
    wanted = [fact for fact in facts if _wants(consumer, fact)]
    if wanted:
        _hand_over(tx, consumer, _not_behind_parked(tx, consumer, wanted))
    if facts:
        to = max(fact.cursor for fact in facts)
        _move(tx, consumer, to, passed=len(facts), handled=len(wanted))
    return len(facts)


def retry_parked(tx: Tx, consumer: Consumer, *, limit: int = 50) -> int:
    """Try the parked facts that are due again; how many went through.

    Only the first parked fact of a subject is tried: the ones behind it wait for it.
    """
    done = [
        fact.id for fact in _parked_and_due(tx, consumer, limit) if _handled(tx, consumer, fact)
    ]
    if done:
        tx.run(_UNPARK, name=consumer.name, done=done)
    return len(done)


_UNPARK: LiteralString = """
    WITH done AS (
        DELETE FROM kernel.parked WHERE consumer = %(name)s AND fact_id = ANY(%(done)s)
        RETURNING fact_id
    )
    UPDATE kernel.consumers SET waiting = waiting - (SELECT count(*) FROM done)
    WHERE name = %(name)s
"""


def put_off_next(tx: Tx, consumer: Consumer) -> int:
    """Put off what this consumer would be handed next, without handing it over; how many facts.

    For a fact that takes the whole transaction with it whenever it is handled, so that nothing
    could be written about it there: the next one of the log, or the next of the parked ones. Which
    of the two it was nobody can say any more.
    """
    late = _parked_and_due(tx, consumer, limit=1)
    for fact in late:
        _park(tx, consumer, fact, problem=_LOST)
    cursor = _claim(tx, consumer)
    coming = read_after(tx, cursor, limit=1) if cursor else []
    for fact in coming:
        if _wants(consumer, fact):
            _park(tx, consumer, fact, problem=_LOST)
        _move(tx, consumer, fact.cursor, passed=1, handled=0)
    return len(late) + len(coming)


_LOST = "TransactionLost"

_PARKED_AND_DUE: LiteralString = """
    SELECT p.fact_id FROM kernel.parked p
    WHERE p.consumer = %(name)s AND p.due_at <= %(now)s AND p.attempts < %(most)s
      AND NOT EXISTS (SELECT FROM kernel.parked earlier
                      WHERE earlier.consumer = p.consumer AND earlier.version < p.version
                        AND earlier.subject_id = p.subject_id)
    ORDER BY p.due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
"""


def _parked_and_due(tx: Tx, consumer: Consumer, limit: int) -> list[LoggedFact]:
    """The parked facts to be tried now, locked: the first of each subject, in order."""
    rows = tx.all(_PARKED_AND_DUE, name=consumer.name, now=tx.now, most=ATTEMPTS_MAX, limit=limit)
    facts = read_facts(tx, [row.fact_id for row in rows])
    return sorted(facts.values(), key=lambda fact: fact.cursor)


def _claim(tx: Tx, consumer: Consumer) -> Cursor | None:
    row = tx.first(
        """
        SELECT epoch, transaction::text::bigint AS transaction, sequence FROM kernel.consumers
        WHERE name = %(name)s FOR UPDATE SKIP LOCKED
        """,
        name=consumer.name,
    )
    return None if row is None else Cursor(*row)


def _wants(consumer: Consumer, fact: LoggedFact) -> bool:
    return fact.name in consumer.on and (consumer.reads_history or not fact.is_historical)


def _hand_over(tx: Tx, consumer: Consumer, facts: list[LoggedFact]) -> None:
    """The whole batch at once; if that fails, one by one, and what fails alone is parked."""
    try:
        with tx.savepoint():
            consumer.handle(tx, [_seen(consumer, fact) for fact in facts])
    except Exception:
        if tx.is_lost:
            raise
        blocked: set[UUID] = set()
        for fact in facts:
            if fact.subject_id in blocked:
                _park(tx, consumer, fact, problem="waits for an earlier fact of its subject")
            elif not _handled(tx, consumer, fact):
                blocked.add(fact.subject_id)


def _handled(tx: Tx, consumer: Consumer, fact: LoggedFact) -> bool:
    try:
        with tx.savepoint():
            consumer.handle(tx, [_seen(consumer, fact)])
    except Exception as problem:
        if tx.is_lost:
            raise
        _log.exception("fact_parked", consumer=consumer.name, fact=str(fact.id))
        _park(tx, consumer, fact, problem=type(problem).__name__)
        return False
    return True


def _seen(consumer: Consumer, fact: LoggedFact) -> Seen[Any]:
    body = msgspec.convert(fact.body, consumer.on[fact.name])
    return Seen(fact.id, fact.name, fact.subject_id, fact.version, fact.at, fact.actor_id, body)


def _not_behind_parked(tx: Tx, consumer: Consumer, facts: list[LoggedFact]) -> list[LoggedFact]:
    """Those whose subject has nothing parked; the others are parked behind it."""
    rows = tx.all(
        """
        SELECT DISTINCT subject_id FROM kernel.parked
        WHERE consumer = %(name)s AND subject_id = ANY(%(subjects)s)
        """,
        name=consumer.name,
        subjects=[fact.subject_id for fact in facts],
    )
    blocked = {row.subject_id for row in rows}
    for fact in facts:
        if fact.subject_id in blocked:
            _park(tx, consumer, fact, problem="waits for an earlier fact of its subject")
    return [fact for fact in facts if fact.subject_id not in blocked]


def _park(tx: Tx, consumer: Consumer, fact: LoggedFact, *, problem: str) -> None:
    """Park, or put off again with a pause that doubles each time."""
    tx.run(
        _PARK,
        consumer=consumer.name,
        fact=fact.id,
        subject=fact.subject_id,
        version=fact.version,
        problem=problem,
        now=tx.now,
        first=RETRY_FIRST,
        longest=RETRY_LONGEST,
    )


_PARK: LiteralString = """
    WITH put AS (
        INSERT INTO kernel.parked AS p
            (consumer, fact_id, subject_id, version, attempts, problem, due_at, parked_at)
        VALUES (%(consumer)s, %(fact)s, %(subject)s, %(version)s, 1, %(problem)s,
                %(now)s + %(first)s::interval, %(now)s)
        ON CONFLICT (consumer, fact_id) DO UPDATE
        SET attempts = p.attempts + 1, problem = excluded.problem,
            due_at = %(now)s
                     + least(%(first)s::interval * (2 ^ p.attempts), %(longest)s::interval)
        RETURNING attempts
    )
    UPDATE kernel.consumers SET waiting = waiting + 1
    WHERE name = %(consumer)s AND (SELECT attempts FROM put) = 1
"""


def _move(tx: Tx, consumer: Consumer, to: Cursor, *, passed: int, handled: int) -> None:
    tx.run(
        """
        UPDATE kernel.consumers
        SET epoch = %(epoch)s, transaction = %(transaction)s::text::xid8, sequence = %(sequence)s,
            passed = passed + %(passed)s, delivered = delivered + %(handled)s, moved_at = %(now)s
        WHERE name = %(name)s
        """,
        name=consumer.name,
        passed=passed,
        handled=handled,
        now=tx.now,
        **msgspec.structs.asdict(to),
    )
