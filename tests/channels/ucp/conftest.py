"""A market with a platform that shops in it over HTTP, in this process."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from charsu.channels.ucp import trial
from charsu.identity import RegisterPlatform, register_platform
from charsu.kernel import SYSTEM, Hub
from charsu.kernel.access import digest_of
from charsu.web.app import create_app
from charsu.web.site import build_app
from tests.conformance.market import Market, open_market
from tests.conformance.platform import AGENT, introduce, profile
from tests.databases import Begun, begun, copied, in_database

from .browser import BACK, ISSUER, SECRET, Browser
from .shopper import Platform


@pytest.fixture
def in_test_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(trial.SWITCH, "1")
    monkeypatch.setenv(trial.SECRET, "a secret of the tests")


@pytest.fixture(scope="session")
def opened_market(server: str, template: str) -> Iterator[Begun[Market]]:
    with begun(server, template, partial(open_market, address="https://shop.example")) as one:
        yield one


@pytest.fixture
def database(server: str, opened_market: Begun[Market]) -> Iterator[str]:
    with copied(server, opened_market.name) as name:
        yield in_database(server, name)


@pytest.fixture
def market(hub: Hub, opened_market: Begun[Market]) -> Market:
    return replace(opened_market.state, hub=hub)


@pytest.fixture
def opened(market: Market) -> Iterator[Callable[[], Platform]]:
    """Opens the door as it is at that moment; a platform that is known stands before it."""
    clients: list[TestClient[Any]] = []

    def platform() -> Platform:
        introduce(market.hub, AGENT, profile())
        client = TestClient(create_app(market.hub), base_url="https://shop.example")
        clients.append(client)
        return Platform(market, client.__enter__())

    yield platform
    for client in clients:
        client.__exit__(None, None, None)


@pytest.fixture
def platform(in_test_mode: None, opened: Callable[[], Platform]) -> Platform:
    """A platform before a door in test mode."""
    return opened()


@pytest.fixture
def browser(
    market: Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_test_mode: None
) -> Iterator[Browser]:
    monkeypatch.setenv("CHARSU_OUTBOX", str(tmp_path / "outbox"))
    introduce(market.hub, AGENT, profile())
    ask = RegisterPlatform(
        name="Agent <of> all",
        profile_url=AGENT,
        redirects=(BACK,),
        secret_digest=digest_of(SECRET).hex(),
    )
    made = market.hub.run(register_platform, ask, actor=SYSTEM)
    with TestClient(build_app(market.hub), base_url=ISSUER) as client:
        yield Browser(market, client, tmp_path / "outbox", str(made.linked_platform_id))
