"""A catalog to fill and to search."""

import pytest

from charsu.kernel import Hub
from tests.catalog.shelf import Shelf


@pytest.fixture
def shelf(hub: Hub) -> Shelf:
    """An empty catalog."""
    return Shelf(hub)
