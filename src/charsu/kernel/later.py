"""Writes whose answer nobody waits for, sent together: one statement where there were several.

A statement costs a way to the database and back, whatever it does. What one transaction writes at
its end needs no answer one by one, so it goes in one go, as common table expressions.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, LiteralString, NamedTuple

from charsu.kernel.lasting import written_by

_NAME = re.compile(r"%\((\w+)\)s")
_OPENS_WITH = re.compile(r"\s*WITH\b")


class Write(NamedTuple):
    """A write that is still to be sent.

    gives   what its RETURNING must give; None where it has none
    """

    statement: LiteralString
    values: dict[str, Any]
    gives: int | None

    @property
    def tables(self) -> frozenset[str]:
        return written_by(self.statement)


class Together(NamedTuple):
    """Several writes as one statement.

    names   for each of the writes, what its parameters are called in it
    """

    statement: LiteralString
    names: tuple[dict[str, str], ...]

    def values(self, writes: Sequence[Write]) -> dict[str, Any]:
        """The parameters of all, under their new names."""
        return {
            new: write.values[old]
            for names, write in zip(self.names, writes, strict=True)
            for old, new in names.items()
        }


class Unforeseen(Exception):
    """A write gave something else than the transaction had counted on: nothing may be kept."""


def _as(names: dict[str, str]) -> Callable[[re.Match[str]], str]:
    return lambda found: f"%({names[found[1]]})s"


@lru_cache(maxsize=1024)
def together(statements: tuple[LiteralString, ...], gives: tuple[bool, ...]) -> Together:
    """These writes as one statement, whose row has what those gave that give something."""
    texts, names, seen = [], [], []
    for number, (statement, is_seen) in enumerate(zip(statements, gives, strict=True)):
        assert not _OPENS_WITH.match(statement), "it would hide what it writes"
        renamed = {name: f"w{number}_{name}" for name in _NAME.findall(statement)}
        text = _NAME.sub(_as(renamed), statement)
        texts.append(f"w{number} AS ({text})")
        names.append(renamed)
        seen += [f"(TABLE w{number})"] * is_seen
    whole = f"WITH {', '.join(texts)} SELECT {', '.join(seen)}"
    return Together(whole, tuple(names))


def check_given(row: Sequence[Any] | None, writes: Sequence[Write]) -> None:
    """Raises Unforeseen where a write did not give what it should."""
    expected = [write.gives for write in writes if write.gives is not None]
    found = list(row or ())
    if found != expected:
        raise Unforeseen(f"{expected} was to come of what was written, and {found} came")
