"""A connection that breaks during COMMIT leaves the outcome unknown; the key finds it out."""

from collections.abc import Callable, Iterator

import psycopg
import pytest

from charsu.assembly import open_hub
from charsu.kernel import Hub, Unavailable
from charsu.kernel.check import Verdict
from tests.faults.cases import EVERY_CASE
from tests.faults.requests import Bazaar, Request
from tests.faults.wire import Moment, Wire

pytestmark = pytest.mark.slow

LONG_PATIENCE = 10.0  # seconds
MOMENTS: tuple[Moment, ...] = ("before", "during", "after")


@pytest.fixture
def wire(database: str) -> Iterator[Wire]:
    with Wire(database) as opened:
        yield opened


@pytest.fixture
def far(wire: Wire) -> Iterator[Hub]:
    """A hub at the far end of the wire."""
    with open_hub(wire.dsn, connections=2) as hub:
        yield hub


def effects(database: str, operation: str) -> int:
    with psycopg.connect(database) as connection:
        row = connection.execute(
            "SELECT count(*) FROM kernel.effects WHERE operation = %s AND key LIKE 'k-%%'",
            [operation],
        ).fetchone()
    return int(row[0]) if row else 0


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("case", EVERY_CASE)
def test_a_commit_that_breaks_has_one_effect_and_the_caller_gets_its_answer(
    case: Callable[[Bazaar], Request],
    moment: Moment,
    bazaar: Bazaar,
    far: Hub,
    wire: Wire,
    database: str,
    problems: Callable[[], list[Verdict]],
) -> None:
    request = case(bazaar)

    wire.cut_next_commit(moment)
    answer = request.made_to(far, key="k-1")

    assert wire.cuts == 1
    assert request.made_to(far, key="k-1") == answer
    assert effects(database, request.verb.name) == 1
    assert problems() == []


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_caller_who_was_told_to_wait_asks_again_and_has_one_order(
    moment: Moment, bazaar: Bazaar, wire: Wire, far: Hub, database: str
) -> None:
    """The hub gives up before it could find the outcome out; the caller's key still does."""
    request = bazaar.place()
    wire.cut_next_commit(moment)
    far.patience = 0.0
    with pytest.raises(Unavailable):
        request.made_to(far, key="k-1")
    done_already = effects(database, request.verb.name)

    far.patience = LONG_PATIENCE
    answer = request.made_to(far, key="k-1")

    assert moment == "during" or done_already == (moment == "after")
    assert effects(database, request.verb.name) == 1
    assert bazaar.shop.order(answer).lines[0].quantity == 2
