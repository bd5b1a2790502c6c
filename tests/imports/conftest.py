from pathlib import Path

import pytest

from charsu.kernel import Hub
from tests.imports.desk import Desk


@pytest.fixture
def desk(hub: Hub, tmp_path: Path) -> Desk:
    """A shop with a channel and a store, and files to bring into it."""
    return Desk(hub, tmp_path)
