import pytest

from charsu.kernel import Hub
from tests.imports.desk import Desk


@pytest.fixture
def desk(hub: Hub) -> Desk:
    """A shop with a channel and a store, and files to bring into it."""
    return Desk(hub)
