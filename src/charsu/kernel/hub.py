"""The hub: the one door from outside to every operation."""

import random
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Generic, LiteralString, Self, TypeVar

import msgspec
import psycopg
import structlog
from psycopg.pq import TransactionStatus
from psycopg.rows import namedtuple_row
from psycopg_pool import ConnectionPool, PoolTimeout

from charsu.kernel import effects
from charsu.kernel.actors import SYSTEM, Actor
from charsu.kernel.database import Careful, Tx
from charsu.kernel.errors import (
    Forbidden,
    HubError,
    InFlight,
    KeyReused,
    TookTooLong,
    Unavailable,
)
from charsu.kernel.faults import Faults, faults_from_environment
from charsu.kernel.ids import uuid7
from charsu.kernel.lasting import Lasting
from charsu.kernel.log.append import store_facts
from charsu.kernel.log.consume import Consumer
from charsu.kernel.operations import WHOLE_BUSINESS, AnyOperation, Operation

Ask = TypeVar("Ask")
Answer = TypeVar("Answer")
Seen = TypeVar("Seen")
_log = structlog.get_logger("charsu.hub")

_TOO_LONG = (
    psycopg.errors.TransactionTimeout,
    psycopg.errors.IdleInTransactionSessionTimeout,
)
"""The server ended a transaction that took too long."""

PATIENCE_SECONDS = 10.0
PAUSE_FIRST_SECONDS = 0.005
STATEMENTS_PREPARED_MAX = 300  # in each connection; the shop has more than psycopg's 100
TRANSACTION_TIMEOUT = timedelta(seconds=15)  # a writer that stays open holds every reader up


class _Twin(Exception):
    """The same request committed while this one was under way; its answer is there now."""


class Hub:
    """A shop's database with the operations and reactions of its packages.

    conninfo    libpq connection string or URL
    operations  every verb and question that the edge may ask for
    consumers   every reaction to the log
    offset      hub time = database time + offset; a test lives through a month with it
    chance      where ids get their random bits; a seeded one repeats a run
    faults      what may go wrong on purpose; else what CHARSU_FAULTS says
    patience    seconds for which one request is tried again before the caller is told to wait
    longest     what one transaction may take; then the server ends it
    """

    def __init__(
        self,
        conninfo: str,
        *,
        operations: Iterable[AnyOperation] = (),
        consumers: Iterable[Consumer] = (),
        connections: int = 16,
        offset: timedelta = timedelta(),
        chance: random.Random | None = None,
        faults: Faults | None = None,
        patience: float = PATIENCE_SECONDS,
        longest: timedelta = TRANSACTION_TIMEOUT,
    ) -> None:
        self.operations = {operation.name: operation for operation in operations}
        self.consumers = {consumer.name: consumer for consumer in consumers}
        self.offset = offset
        self.chance = chance or random.SystemRandom()
        self.faults = faults or faults_from_environment()
        self.patience = patience
        self.longest = longest
        self.lasting = Lasting()
        self.pool = ConnectionPool(
            conninfo,
            min_size=0,
            max_size=connections,
            timeout=PATIENCE_SECONDS,
            kwargs={
                "application_name": "charsu",
                "prepare_threshold": 2,
                "row_factory": namedtuple_row,
                "options": f"-c timezone=UTC -c transaction_timeout={_milliseconds(longest)}"
                " -c idle_in_transaction_session_timeout=15000 -c jit=off",
            },
            configure=_prepare_many,
            open=True,
            # a server that is away is looked for anew every other second, not ever more seldom
            reconnect_timeout=2.0,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self.pool.close()

    def run(
        self,
        operation: Operation[Ask, Answer],
        ask: Ask,
        *,
        actor: Actor,
        key: str | None = None,
    ) -> Answer:
        """Do it once, whole or not at all, and say how it came out.

        The same key by the same actor for the same operation has one effect and one answer,
        however often and from however many places it is sent, as long as the actor may do it. Where
        the connection breaks during the commit, the outcome is looked up by the key; without one
        the hub makes its own.

        Raises the operation's refusals; Forbidden; InFlight while a twin is at work for long;
        KeyReused where the key came with another request; Unavailable where the database is away;
        TookTooLong where the work takes longer than a transaction may.
        """
        if not operation.writes:
            return self._ask(operation, ask, actor)
        attempt = _Attempt(self, operation, ask, actor=actor, key=key, see=_nothing)
        return self._tried(attempt)[0]

    def run_and_see(
        self,
        operation: Operation[Ask, Answer],
        ask: Ask,
        see: Callable[[Tx, Answer], Seen],
        *,
        actor: Actor,
        key: str | None = None,
    ) -> tuple[Answer, Seen]:
        """``run`` for a verb, and what ``see`` makes of the answer in the same transaction.

        For an edge that shows the thing as it stands after a change: what both need is read once.
        The answer is kept under the key, what was seen is not: where the answer was there already,
        ``see`` sees the thing as it stands by now. ``see`` changes nothing.
        """
        assert operation.writes, "a question shows by itself"
        return self._tried(_Attempt(self, operation, ask, actor=actor, key=key, see=see))

    def _tried(self, attempt: "_Attempt[Ask, Answer, Seen]") -> tuple[Answer, Seen]:
        operation = attempt.operation
        for pause in self._pauses():
            try:
                return attempt.run()
            except Careful:
                attempt.is_careful = True
                continue
            except _Twin:
                continue
            except (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure):
                _log.info("tried_again", operation=operation.name)
            except InFlight:
                if pause is None:
                    raise
            except (psycopg.OperationalError, PoolTimeout) as problem:
                if pause is None:
                    raise Unavailable("The shop's database does not answer.") from problem
            time.sleep(pause or 0)
        raise Unavailable("The shop is too busy with this; try again.")

    def _ask(self, question: Operation[Ask, Answer], ask: Ask, actor: Actor) -> Answer:
        def answer(tx: Tx) -> Answer:
            self._authorise(tx, question, ask)
            return question.function(tx, ask)

        try:
            return self.read(answer, actor=actor, operation=question.name)
        except Forbidden:
            self._deny(actor, question.name)
            raise

    def read(
        self, look: Callable[[Tx], Seen], *, actor: Actor = SYSTEM, operation: str = ""
    ) -> Seen:
        """What ``look`` sees in a read-only transaction; in another where the connection breaks.

        Raises Unavailable where the database is away for long, TookTooLong where the look takes
        longer than a transaction may.
        """

        def ask() -> Seen:
            with self.reading(actor=actor, operation=operation) as tx:
                return look(tx)

        return self._patiently(ask)

    def _patiently(self, do: Callable[[], Seen]) -> Seen:
        """Do it again where the connection breaks. Raises Unavailable where that goes on long."""
        for pause in self._pauses():
            try:
                return do()
            except (psycopg.OperationalError, PoolTimeout) as problem:
                if pause is None:
                    raise Unavailable("The shop's database does not answer.") from problem
                time.sleep(pause)
        raise AssertionError("the last pause is None")

    @contextmanager
    def reading(self, *, actor: Actor = SYSTEM, operation: str = "") -> Iterator[Tx]:
        """A read-only transaction, tried once; ``read`` tries again."""
        with self._connected(operation) as connection:
            connection.read_only = True
            try:
                opening = self._opened(connection, effects.OPEN_TO_READ)
                yield self._tx(connection, opening, actor=actor, operation=operation)
                connection.commit()  # a rollback would make it forget its prepared statements
            finally:
                if not connection.closed:  # or its own complaint would hide what ended it
                    if connection.info.transaction_status != TransactionStatus.IDLE:
                        connection.rollback()
                    connection.read_only = False

    @contextmanager
    def writing(self, operation: str, *, is_careful: bool = False) -> Iterator[Tx]:
        """A transaction of the hub's own work: reactions, sweeps, imports. Commits at the end.

        Without key or audit entry, and tried once: whoever calls it must be able to start over.
        Raises TookTooLong where it takes longer than a transaction may; less at once may go in.

        is_careful   for work that takes stock: nobody runs it once more where the fast way refuses
        """
        with self._connected(operation) as connection:
            opening = self._opened(connection, effects.OPEN_TO_READ)
            tx = self._tx(
                connection, opening, actor=SYSTEM, operation=operation, is_careful=is_careful
            )
            yield tx
            store_facts(tx)
            tx.flush()
            self.faults.reach(f"{operation}/closed")
            connection.commit()
            self.faults.reach(f"{operation}/committed")

    @contextmanager
    def _connected(self, operation: str) -> Iterator[psycopg.Connection[Any]]:
        """A connection for one transaction. Raises TookTooLong where that outlasts its time."""
        with self.pool.connection() as connection:
            began = time.monotonic()
            try:
                yield connection
            except psycopg.Error as problem:
                if not self._outlasted(problem, time.monotonic() - began):
                    raise
                seconds = round(self.longest.total_seconds())
                _log.warning("took_too_long", operation=operation, seconds=seconds)
                raise TookTooLong(seconds) from problem

    def _outlasted(self, problem: psycopg.Error, seconds: float) -> bool:
        """Whether the server ended the transaction because its time was over.

        In the middle of a COPY nobody hears the server's last words: there the connection only
        breaks, and the time that went by has to tell.
        """
        broke = isinstance(problem, psycopg.OperationalError) and problem.sqlstate is None
        is_over = seconds >= self.longest.total_seconds()
        return (broke and is_over) or isinstance(problem, _TOO_LONG)

    def _opened(
        self,
        connection: psycopg.Connection[Any],
        statement: LiteralString,
        values: dict[str, Any] | None = None,
    ) -> Any:
        """What the statement that opens a transaction says: time, settings and the like."""
        self.faults.before_call(statement)
        return connection.execute(statement, values).fetchone()

    def _tx(
        self,
        connection: psycopg.Connection[Any],
        opening: Any,
        *,
        actor: Actor,
        operation: str,
        is_careful: bool = False,
    ) -> Tx:
        return Tx(
            connection,
            now=opening.time + self.offset,
            actor=actor,
            operation=operation,
            offset=self.offset,
            is_careful=is_careful,
            chance=self.chance,
            settings=opening.settings,
            lasting=self.lasting,
            state=opening.lasting,
            before_call=self.faults.before_call,
        )

    def _authorise(self, tx: Tx, operation: AnyOperation, ask: Any) -> None:
        """Deny what no grant allows. The permission is asked first, so that a caller without it
        learns nothing of what exists."""
        if not tx.actor.may(operation.permission):
            raise Forbidden("You may not do this: {permission}.", permission=operation.permission)
        if operation.is_bound_to_places and not tx.actor.may(
            operation.permission, operation.places(tx, ask)
        ):
            raise Forbidden(
                "You may not do this here: {permission}.", permission=operation.permission
            )

    def _authorise_again(self, tx: Tx, operation: AnyOperation, ask: Any) -> None:
        """Deny the stored answer to whom no grant allows the operation any more.

        Places count where the request names them. Where the books name them, they may name others
        since the operation was done, and its caller must still learn that it was.
        """
        if operation.names_its_places:
            self._authorise(tx, operation, ask)
        elif not tx.actor.may(operation.permission):
            raise Forbidden("You may not do this: {permission}.", permission=operation.permission)

    def check_may_ask(self, operation: AnyOperation, actor: Actor) -> None:
        """Refuse whom no grant could let in, wherever the request points; ``run`` looks closer.

        For an edge that was sent something that is no request: what is wrong with it is told only
        to those who may ask at all. Raises Forbidden, which is kept like a denial by ``run``.
        """
        if not may_ask(actor, operation):
            self._deny(actor, operation.name)
            raise Forbidden("You may not do this: {permission}.", permission=operation.permission)

    def _deny(self, actor: Actor, operation: str) -> None:
        _log.warning("denied", actor=str(actor.id), operation=operation)

        def note() -> None:
            with self.writing("kernel.deny") as tx:
                tx.run(
                    effects.STORE_DENIAL,
                    id=tx.new_id(),
                    actor=actor.id,
                    operation=operation,
                    now=tx.now,
                )

        self._patiently(note)

    def _pauses(self) -> Iterator[float | None]:
        """Pauses that double, with jitter, until patience runs out; then None, the last try."""
        pause, spent = PAUSE_FIRST_SECONDS, 0.0
        while spent < self.patience:
            length = pause * (0.5 + self.chance.random())
            yield length
            spent += length
            pause = min(pause * 2, 1.0)
        yield None


def may_ask(actor: Actor, operation: AnyOperation) -> bool:
    """Whether some request for this operation could be let in, wherever it points."""
    everywhere = None if operation.places is WHOLE_BUSINESS else ()
    return actor.may(operation.permission, everywhere)


class _Attempt(Generic[Ask, Answer, Seen]):
    """One request on its way through, tried until its outcome is known."""

    def __init__(
        self,
        hub: Hub,
        operation: Operation[Ask, Answer],
        ask: Ask,
        *,
        actor: Actor,
        key: str | None,
        see: Callable[[Tx, Answer], Seen],
    ) -> None:
        self.hub, self.operation, self.ask, self.actor = hub, operation, ask, actor
        self.see = see
        self.is_named = key is not None
        self.key = key or _own_key(hub)
        self.digest = effects.digest(ask)
        self.is_careful = False
        self._named = {"actor": actor.id, "operation": operation.name, "key": self.key}
        self._open = {
            "lock": effects.lock_number(actor.id, operation.name, self.key),
            **self._named,
        }

    def run(self) -> tuple[Answer, Seen]:
        try:
            with self.hub._connected(self.operation.name) as connection:
                return self._run(connection)
        except Forbidden:
            self.hub._deny(self.actor, self.operation.name)
            raise
        except (InFlight, KeyReused):
            raise
        except HubError:
            if self.is_named and self._was_done():
                raise _Twin from None  # it was refused what its twin had just done
            raise
        except psycopg.errors.UniqueViolation as twin:
            if twin.diag.constraint_name == "one_key_one_effect":
                raise _Twin from twin
            raise

    def _run(self, connection: psycopg.Connection[Any]) -> tuple[Answer, Seen]:
        hub, name = self.hub, self.operation.name
        opening = hub._opened(connection, effects.OPEN, self._open)
        if opening.answer is None and not opening.is_locked:
            raise InFlight
        tx = hub._tx(
            connection,
            opening,
            actor=self.actor,
            operation=name,
            is_careful=self.is_careful,
        )
        if opening.answer is not None:
            hub._authorise_again(tx, self.operation, self.ask)
            answer = self._answered(opening)
            return answer, self.see(tx, answer)
        hub.faults.reach(f"{name}/opened")
        hub._authorise(tx, self.operation, self.ask)
        answer = self.operation.function(tx, self.ask)
        hub.faults.reach(f"{name}/worked")
        seen = self.see(tx, answer)
        self._close(tx, answer)
        hub.faults.reach(f"{name}/closed")
        connection.commit()
        hub.faults.reach(f"{name}/committed")
        return answer, seen

    def _was_done(self) -> bool:
        """Whether a twin has done it: one that committed while this one opened, unseen."""

        def look(tx: Tx) -> bool:
            return bool(tx.value(effects.IS_DONE, **self._named))

        return self.hub.read(look, operation=self.operation.name)

    def _answered(self, opening: Any) -> Answer:
        if opening.ask_digest != self.digest:
            raise KeyReused
        return msgspec.json.decode(opening.answer, type=self.operation.answer_type)

    def _close(self, tx: Tx, answer: Answer) -> None:
        effect = {
            "actor": self.actor.id,
            "operation": self.operation.name,
            "key": self.key,
            "digest": self.digest,
            "answer": msgspec.json.encode(answer).decode(),
            "now": tx.now,
        }
        tx.later(effects.STORE_EFFECT, **effect)
        store_facts(tx)
        tx.flush()


def _prepare_many(connection: psycopg.Connection[Any]) -> None:
    connection.prepared_max = STATEMENTS_PREPARED_MAX


def _nothing(_tx: Tx, _answer: Any) -> None:
    """What is to be seen where only the answer counts."""


def _own_key(hub: Hub) -> str:
    """A key for a request that came without one."""
    return str(uuid7(datetime.now(UTC), hub.chance))


def _milliseconds(length: timedelta) -> int:
    return length // timedelta(milliseconds=1)
