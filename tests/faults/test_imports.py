"""An import whose calls to the database fail goes on where its last chunk was stored."""

import itertools
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from msgspec import structs

from charsu.imports import TARGETS, Options
from charsu.imports.running import run_target
from charsu.kernel import Hub, Unavailable
from charsu.kernel.check import Verdict
from charsu.kernel.intake import Report, read_rows
from tests.faults.breaking import KINDS, Breaking, growth
from tests.faults.requests import Bazaar

pytestmark = pytest.mark.torture

ROWS, CHUNK = 4, 2
OPTIONS = Options(channel="web", country="RS", location="north")


def products(number: int, _: str) -> str:
    rows = (f"NEW-{number}-{row},Mug {row},{row}.90" for row in range(ROWS))
    return "\n".join(["sku,title,price", *rows])


def stock(number: int, _: str) -> str:
    """Counts of products that an earlier file has brought."""
    rows = (f"NEW-{number}-{row},north,{row + 3}" for row in range(ROWS))
    return "\n".join(["sku,location,on_hand", *rows])


def customers(number: int, _: str) -> str:
    rows = (f"c-{number}-{row},Ana {row},ana-{number}-{row}@example.org" for row in range(ROWS))
    return "\n".join(["external_id,name,email", *rows])


def orders(number: int, sku: str) -> str:
    rows = (f"o-{number}-{row},2026-01-05T10:00:00Z,{sku},1,5.90" for row in range(ROWS))
    return "\n".join(["external_id,placed_at,sku,quantity,unit_price", *rows])


FILES = {"products": products, "stock": stock, "customers": customers, "orders": orders}


class Desk:
    """Where files are handed in; each holds rows that no other does."""

    def __init__(self, bazaar: Bazaar, target: str, folder: Path) -> None:
        self._hub, self._target, self._folder = bazaar.hub, target, folder
        self._numbers = itertools.count(1)
        (self._sku,) = bazaar.goods(1)

    def new_file(self) -> Path:
        number = next(self._numbers)
        if self._target == "stock":
            self.brings(self._file(products(number, ""), "products.csv"), "products", self._hub)
        return self._file(FILES[self._target](number, self._sku), f"{number}.csv")

    def brings(self, file: Path, target: str, hub: Hub) -> Report:
        return run_target(
            hub,
            structs.replace(TARGETS[target], chunk=CHUNK),
            read_rows(file),
            options=OPTIONS,
            dry_run=False,
            resume=True,
            progress=None,
            on_problem=None,
        )

    def brings_at_last(self, file: Path, target: str, hub: Hub) -> Report:
        """Somebody tries until it goes well; some connections were cut before."""
        for _ in range(4):
            with suppress(psycopg.OperationalError):
                return self.brings(file, target, hub)
        raise AssertionError("nothing is wrong any more")

    def _file(self, content: str, name: str) -> Path:
        path = self._folder / name
        path.write_text(content, "utf-8")
        return path


@pytest.mark.parametrize("target", FILES)
def test_a_chunk_whose_call_fails_leaves_nothing_and_the_next_run_brings_the_rest(
    target: str,
    bazaar: Bazaar,
    hasty: Hub,
    breaking: Breaking,
    look: Callable[[], dict[str, tuple[int, str]]],
    problems: Callable[[], list[Verdict]],
    tmp_path: Path,
) -> None:
    desk = Desk(bazaar, target, tmp_path)
    for _ in range(2):  # the first also opens accounts that all share
        file = desk.new_file()
        before = look()
        assert desk.brings(file, target, hasty).rows_stored == ROWS
    undisturbed = growth(before, look())

    earlier = set()
    for number in itertools.count(1):
        file = desk.new_file()
        before = look()
        breaking.arm(KINDS[number % len(KINDS)], at_call=number)
        try:
            desk.brings(file, target, hasty)
        except (psycopg.OperationalError, Unavailable):
            assert breaking.failures
        failed = breaking.failures
        breaking.disarm()
        if not failed:
            break
        rest = desk.brings_at_last(file, target, bazaar.hub)
        earlier.add(rest.rows_earlier)
        assert rest.rows_earlier + rest.rows_stored == ROWS
        assert rest.rows_reported == 0
        assert growth(before, look()) == undisturbed

    print(f"{target}: {number - 1} calls failed")
    assert earlier == {0, CHUNK, ROWS}
    assert problems() == []
