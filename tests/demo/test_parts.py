"""Loading in parts: as much in one transaction as the machine can do in its time."""

from collections.abc import Sequence

import pytest

from charsu.demo.loading.parts import put_in_parts
from charsu.kernel import Hub, TookTooLong
from tests.outlasting import outlast


class Shelf:
    """Takes so many things in one transaction; with more of them it outlasts its time."""

    def __init__(self, hub: Hub, *, most: int) -> None:
        self.most = most
        self.parts: list[list[str]] = []
        self._hub = hub

    def put(self, some: Sequence[str]) -> int:
        with self._hub.writing("test.shelf") as tx:
            if len(some) > self.most:
                outlast(tx)
        self.parts.append(list(some))
        return len(some)


def test_a_part_that_outlasts_its_transaction_comes_again_in_half(hub: Hub) -> None:
    shelf = Shelf(hub, most=3)
    things = [f"thing {number}" for number in range(10)]

    done = list(put_in_parts(things, 8, shelf.put))

    assert [len(part) for part in shelf.parts] == [2, 2, 2, 2, 2]
    assert [thing for part in shelf.parts for thing in part] == things
    assert done == [(part, len(part)) for part in shelf.parts]


def test_parts_grow_again_when_the_machine_has_time(hub: Hub) -> None:
    shelf = Shelf(hub, most=2)
    parts = put_in_parts(["thing"] * 16, 8, shelf.put)

    next(parts)
    shelf.most = 8
    list(parts)

    assert [len(part) for part in shelf.parts] == [2, 4, 8, 2]


def test_one_thing_that_takes_too_long_alone_ends_the_load_with_that_reason(hub: Hub) -> None:
    with pytest.raises(TookTooLong):
        list(put_in_parts(["thing"] * 4, 4, Shelf(hub, most=0).put))
