"""A small market for tests of carts."""

from collections.abc import Callable, Iterator

import pytest

from charsu.kernel import Hub
from tests.databases import Begun, begun, copied, in_database
from tests.shop import Shop
from tests.shopping import driver


@pytest.fixture(scope="session")
def opened_market(server: str, template: str) -> Iterator[Begun[Shop]]:
    with begun(server, template, driver.open_market) as one:
        yield one


@pytest.fixture
def database(server: str, opened_market: Begun[Shop]) -> Iterator[str]:
    with copied(server, opened_market.name) as name:
        yield in_database(server, name)


@pytest.fixture
def open_market(open_shop: Callable[..., Hub], opened_market: Begun[Shop]) -> Callable[..., Shop]:
    """Opens hubs on this test's market."""
    return lambda **options: opened_market.state.on(open_shop(**options))


@pytest.fixture
def shop(open_market: Callable[..., Shop]) -> Shop:
    return open_market(connections=32)
