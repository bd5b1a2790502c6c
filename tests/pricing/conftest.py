import pytest

from charsu.kernel import Hub
from tests.pricing.market import Market


@pytest.fixture
def market(hub: Hub) -> Market:
    """A shop with one channel in euros, tax included at 20 %."""
    return Market(hub)
