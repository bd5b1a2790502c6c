"""A shop whose database can be made to fail, and somebody who looks at it from outside."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from charsu.assembly import checks
from charsu.kernel import Hub
from charsu.kernel.check import Verdict, run_checks
from charsu.orders.payments import PROVIDERS
from charsu.orders.terminals.kinds import TERMINALS
from tests.bank import Bank
from tests.faults.breaking import Breaking, picture
from tests.faults.requests import Bazaar
from tests.terminal import TillTerminal

SHORT_PATIENCE = 0.02  # seconds: the failure is to reach the caller, not to be waited out


@pytest.fixture
def breaking(database: str) -> Breaking:
    return Breaking(database)


@pytest.fixture
def hub(open_shop: Callable[..., Hub], breaking: Breaking) -> Hub:
    """A hub that waits trouble out."""
    return open_shop(connections=2, faults=breaking)


@pytest.fixture
def hasty(open_shop: Callable[..., Hub], breaking: Breaking) -> Hub:
    """A hub on the same shop that gives up at once."""
    return open_shop(connections=2, faults=breaking, patience=SHORT_PATIENCE)


@pytest.fixture
def terminal() -> TillTerminal:
    return TillTerminal()


@pytest.fixture
def bazaar(hub: Hub, terminal: TillTerminal, monkeypatch: pytest.MonkeyPatch) -> Bazaar:
    monkeypatch.setitem(PROVIDERS, "bank", Bank())  # a case may put its own in its place
    for kinds in (PROVIDERS, TERMINALS):
        monkeypatch.setitem(kinds, "till", terminal)
    return Bazaar(hub)


@pytest.fixture
def look(database: str) -> Iterator[Callable[[], dict[str, tuple[int, str]]]]:
    """Every table of the shop as it is now, seen on a connection that nobody cuts for long."""

    def take() -> dict[str, tuple[int, str]]:
        with psycopg.connect(database) as connection:
            return picture(connection)

    yield take


@pytest.fixture
def problems(database: str) -> Callable[[], list[Verdict]]:
    """What ``check`` finds wrong."""

    def find() -> list[Verdict]:
        with psycopg.connect(database) as connection:
            verdicts: list[Any] = run_checks(connection, checks())
        return [verdict for verdict in verdicts if not verdict.is_clean]

    return find
