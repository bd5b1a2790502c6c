"""What lasts: data that every sale reads and few transactions change.

Channels, goods, prices, rates, ways of delivery, stores. A process keeps what it read of them, and
each transaction learns with its first statement whether anything has changed since. So a change
holds from the next transaction on, in every process, as with settings.

Which tables last is said by the database: a trigger (``note_lasting_change``) notes each
transaction that writes to one of them, whoever wrote it. All notes together are the state
(``kernel.lasting_state``). It never comes back to what it was: a transaction that takes old notes
away leaves its own.
"""

import re
from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, LiteralString, NamedTuple, TypeVar

KEPT_MAX = 10_000  # entries in a process, some 6 MB; then it starts over
FOR_EVER = datetime.max.replace(tzinfo=UTC)

Key = TypeVar("Key", bound=Hashable)
Result = TypeVar("Result")

TABLES: LiteralString = """
    SELECT DISTINCT t.tgrelid::regclass::text FROM pg_trigger t JOIN pg_proc f ON f.oid = t.tgfoid
    WHERE f.proname = 'note_lasting_change' AND f.pronamespace = 'kernel'::regnamespace
"""

_WRITTEN = re.compile(
    r"\b(?:INSERT\s+INTO|UPDATE(?:\s+ONLY)?|DELETE\s+FROM(?:\s+ONLY)?|MERGE\s+INTO|TRUNCATE|COPY)"
    r"\s+(\w+\.\w+)"
)


class Kept(NamedTuple):
    """One thing that was read, and the moments (UTC) between which it holds."""

    value: Any
    since: datetime
    until: datetime


class _AsOf(NamedTuple):
    state: str | None
    kept: dict[Hashable, Kept]


class Lasting:
    """What a process has read of lasting data since the last change of it.

    tables   what lasts, as ``schema.table``; None until a transaction has asked for it
    """

    def __init__(self) -> None:
        self.tables: frozenset[str] | None = None
        self._newest = _AsOf(None, {})

    def as_of(self, state: str | None) -> dict[Hashable, Kept]:
        """What is kept of this state; nothing yet where it is another than the last one.

        Each transaction holds on to its own, so one that began before a change never gives the
        others what it reads.
        """
        newest = self._newest
        if state != newest.state or len(newest.kept) > KEPT_MAX:
            # state and content change hands as one: another thread never sees half of it
            newest = self._newest = _AsOf(state, {})
        return newest.kept


@lru_cache(maxsize=4096)
def written_by(statement: str) -> frozenset[str]:
    """The tables that a statement writes to, as ``schema.table``."""
    return frozenset(_WRITTEN.findall(statement))


def look_up(
    kept: Mapping[Hashable, Kept], kind: Hashable, keys: Iterable[Key], now: datetime
) -> tuple[dict[Key, Any], list[Key]]:
    """What is kept of these things and holds at this moment, and those that must be read."""
    found: dict[Key, Any] = {}
    missing: list[Key] = []
    for key in keys:
        one = kept.get((kind, key))
        if one is None or not one.since <= now < one.until:
            missing.append(key)
        else:
            found[key] = one.value
    return found, missing


def kept_of(
    kind: Hashable,
    fresh: Mapping[Key, Result],
    now: datetime,
    until: Callable[[Result], datetime | None],
) -> dict[Hashable, Kept]:
    """What was read at this moment, as it is kept."""
    return {(kind, key): Kept(value, now, until(value) or FOR_EVER) for key, value in fresh.items()}
