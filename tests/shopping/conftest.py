"""A small market for tests of carts."""

from collections.abc import Callable

import pytest

from charsu.kernel import Hub
from tests.shop import Shop
from tests.shopping.driver import open_market


@pytest.fixture
def shop(open_shop: Callable[..., Hub]) -> Shop:
    return open_market(open_shop(connections=32))
