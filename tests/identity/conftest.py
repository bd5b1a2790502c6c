"""A market whose codes go into a folder."""

from collections.abc import Callable
from pathlib import Path

import pytest

from charsu.kernel import Hub
from tests.identity.driver import Phone
from tests.shop import Shop
from tests.shopping.driver import open_market


@pytest.fixture
def outbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHARSU_OUTBOX", str(tmp_path / "outbox"))
    return tmp_path / "outbox"


@pytest.fixture
def phone(hub: Hub, outbox: Path) -> Callable[..., Phone]:
    """Somebody's device, as many as a test asks for."""
    return lambda **more: Phone(hub, outbox, **more)


@pytest.fixture
def market(hub: Hub) -> Shop:
    return open_market(hub)
