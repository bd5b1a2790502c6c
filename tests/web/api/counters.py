"""A tiny shop of counters: real operations on a real table, for what is the edge's own matter."""

from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import Conflict, NotFound, Stale, Tx, operation, query

SCHEMA = """
    CREATE SCHEMA counters;
    CREATE TABLE counters.counters (
        id uuid PRIMARY KEY,
        location_id uuid NOT NULL,
        label text NOT NULL,
        value bigint NOT NULL,
        revision integer NOT NULL DEFAULT 1
    );
"""

STORE = UUID("01890000-0000-7000-8000-000000000001")
OTHER_STORE = UUID("01890000-0000-7000-8000-000000000002")


class CounterFull(Conflict):
    """The counter has reached its most."""

    code = "counter_full"

    def __init__(self, value: int) -> None:
        super().__init__("Out of stock", value=value)


class CounterUnknown(NotFound):
    """There is no such counter."""

    code = "counter_unknown"

    def __init__(self, counter_id: UUID) -> None:
        super().__init__("counter", counter_id)


class Note(Struct, frozen=True):
    text: Annotated[str, Meta(max_length=100)]
    marks: tuple[int, ...] = ()


class Fixed(Struct, frozen=True, tag="fixed"):
    amount: int


class Share(Struct, frozen=True, tag="share"):
    percent: Annotated[int, Meta(ge=0, le=100)]


class MakeCounter(Struct, frozen=True, kw_only=True):
    location_id: UUID
    label: Annotated[str, Meta(min_length=1, max_length=40)]
    notes: Annotated[tuple[Note, ...], Meta(max_length=10)] = ()
    names: dict[str, Note] = {}
    rule: Fixed | Share | None = None


class CounterMade(Struct, frozen=True):
    counter_id: UUID
    revision: int


class AddTo(Struct, frozen=True, kw_only=True):
    counter_id: UUID
    amount: Annotated[int, Meta(ge=1, le=100)]
    revision: int | None = None


class Counter(Struct, frozen=True):
    counter_id: UUID
    location_id: UUID
    label: str
    value: int
    revision: int


class OneCounter(Struct, frozen=True, kw_only=True):
    counter_id: UUID


class ListCounters(Struct, frozen=True, kw_only=True):
    label: str | None = None
    least: int = 0
    only: tuple[UUID, ...] = ()
    order: Literal["label", "value"] = "label"
    is_short: bool = False


class CounterList(Struct, frozen=True):
    counters: tuple[Counter, ...]


@operation("counters.make", permission="stock.receive", at="location_id", http="POST /v1/counters")
def make(tx: Tx, ask: MakeCounter) -> CounterMade:
    """Make a counter at a location."""
    counter_id = tx.new_id()
    tx.run(
        "INSERT INTO counters.counters VALUES (%(id)s, %(place)s, %(label)s, 0, 1)",
        id=counter_id,
        place=ask.location_id,
        label=ask.label,
    )
    return CounterMade(counter_id, 1)


def _place(tx: Tx, ask: Any) -> tuple[UUID, ...] | None:
    place = tx.value(
        "SELECT location_id FROM counters.counters WHERE id = %(id)s", id=ask.counter_id
    )
    return None if place is None else (place,)


@operation(
    "counters.add",
    permission="stock.count",
    at=_place,
    http="POST /v1/counters/{counter_id}/add",
    raises=(CounterFull, CounterUnknown),
)
def add(tx: Tx, ask: AddTo) -> Counter:
    """Add to a counter; it holds a thousand."""
    row = tx.first(
        """
        UPDATE counters.counters SET value = value + %(amount)s, revision = revision + 1
        WHERE id = %(id)s RETURNING id, location_id, label, value, revision
        """,
        id=ask.counter_id,
        amount=ask.amount,
    )
    if row is None:
        raise CounterUnknown(ask.counter_id)
    if ask.revision is not None and ask.revision != row.revision - 1:
        raise Stale(expected=ask.revision, actual=row.revision - 1)
    if row.value > 1000:
        raise CounterFull(row.value - ask.amount)
    return Counter(*row)


@operation(
    "counters.drop", permission="stock.count", at=_place, http="DELETE /v1/counters/{counter_id}"
)
def drop(tx: Tx, ask: OneCounter) -> None:
    """Throw a counter away."""
    tx.run("DELETE FROM counters.counters WHERE id = %(id)s", id=ask.counter_id)


@operation("counters.break", permission="stock.count", http="POST /v1/broken")
def broken(tx: Tx, ask: OneCounter) -> None:
    """Fail, by a fault of our own."""
    raise ZeroDivisionError(f"secret {ask.counter_id}")


@query(
    "counters.one",
    permission="catalog.read",
    http="GET /v1/counters/{counter_id}",
    raises=(CounterUnknown,),
)
def one(tx: Tx, ask: OneCounter) -> Counter:
    """One counter."""
    row = tx.first(
        """
        SELECT id, location_id, label, value, revision FROM counters.counters WHERE id = %(id)s
        """,
        id=ask.counter_id,
    )
    if row is None:
        raise CounterUnknown(ask.counter_id)
    return Counter(*row)


@query("counters.list", permission="catalog.read", http="GET /v1/counters")
def listed(tx: Tx, ask: ListCounters) -> CounterList:
    """Counters, by label or value."""
    rows = tx.all(
        """
        SELECT id, location_id, label, value, revision FROM counters.counters
        WHERE value >= %(least)s AND (%(label)s::text IS NULL OR label = %(label)s)
          AND (cardinality(%(only)s::uuid[]) = 0 OR id = ANY(%(only)s))
        ORDER BY CASE WHEN %(order)s = 'label' THEN label END, value, id LIMIT 100
        """,
        least=ask.least,
        label=ask.label,
        only=list(ask.only),
        order=ask.order,
    )
    return CounterList(tuple(Counter(*row) for row in rows))


OPERATIONS = (make, add, drop, broken, one, listed)
