"""Many things, some at a time."""

from collections.abc import Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def in_parts(things: Iterator[T], size: int) -> Iterator[list[T]]:
    """The things in their order, at most so many at once."""
    while some := list(islice(things, size)):
        yield some
