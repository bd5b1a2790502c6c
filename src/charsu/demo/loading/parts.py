"""Many things, some in each transaction."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from charsu.kernel import TookTooLong

T = TypeVar("T")
Done = TypeVar("Done")


def put_in_parts(
    things: Sequence[T], size: int, put: Callable[[Sequence[T]], Done]
) -> Iterator[tuple[Sequence[T], Done]]:
    """Put the things in their order, at most so many at once; each part, with what ``put`` says.

    A part that outlasts its transaction comes again in half, and the next ones grow again: a
    machine may be busy for a while. Raises TookTooLong where one thing alone takes too long.

    put   opens one transaction, and puts the whole part in or nothing
    """
    begin, step = 0, size
    while begin < len(things):
        part = things[begin : begin + step]
        try:
            done = put(part)
        except TookTooLong:
            if len(part) == 1:
                raise
            step = len(part) // 2
            continue
        yield part, done
        begin += len(part)
        step = min(step * 2, size)
