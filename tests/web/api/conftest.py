"""A shop of counters behind the real edge, with callers of every kind."""

import io
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
import pytest
import structlog
from litestar.testing import TestClient

from charsu.kernel import Hub
from charsu.kernel.access import (
    IssueKey,
    KeyRole,
    digest_of,
    first_admin,
    issue_key,
    new_token,
    sign_in,
)
from charsu.kernel.access import operations as access_operations
from charsu.kernel.access import queries as access_queries
from charsu.kernel.actors import SYSTEM
from charsu.kernel.logs import configure_logs
from charsu.kernel.operations import operations_in
from charsu.web.app import create_app
from tests.databases import copied, in_database

from . import counters

PASSWORD = "grapes on the balcony"


class Site:
    """The shop over HTTP, and callers to send to it."""

    def __init__(self, hub: Hub, client: TestClient[Any]) -> None:
        self.hub = hub
        self.client = client
        self._numbers = itertools.count(1)

    def key(self, role: str, *, at: UUID | None = None) -> dict[str, str]:
        """The headers of a program in this role."""
        secret = new_token("key")
        ask = IssueKey(
            label=role,
            digest=digest_of(secret).hex(),
            roles=(KeyRole(role=role, location_id=at),),
        )
        self.hub.run(issue_key, ask, actor=SYSTEM)
        return {"Authorization": f"Bearer {secret}"}

    def session(self) -> str:
        """The token of a signed-in administrator."""
        email = f"admin{next(self._numbers)}@shop.example"
        first_admin(self.hub, email=email, name="Ana", password=PASSWORD)
        return sign_in(self.hub, email=email, password=PASSWORD, address="192.0.2.1").token

    def counter(self, *, at: UUID = counters.STORE, label: str = "door") -> UUID:
        ask = counters.MakeCounter(location_id=at, label=label)
        return self.hub.run(counters.make, ask, actor=SYSTEM).counter_id


@contextmanager
def hub_of_counters(database: str) -> Iterator[Hub]:
    """A hub on this empty shop that offers counters, and callers."""
    with psycopg.connect(database) as connection:
        connection.execute(counters.SCHEMA)
    offered = [*counters.OPERATIONS, *operations_in([access_operations, access_queries])]
    with Hub(database, operations=offered, connections=8) as hub:
        yield hub


@contextmanager
def site_of(hub: Hub) -> Iterator[Site]:
    with TestClient(create_app(hub), raise_server_exceptions=False) as client:
        yield Site(hub, client)


@pytest.fixture
def counters_hub(database: str) -> Iterator[Hub]:
    with hub_of_counters(database) as hub:
        yield hub


@pytest.fixture(scope="module")
def lasting_hub(server: str, template: str) -> Iterator[Hub]:
    """One for all tests of a file, which mind nobody else's counters."""
    with (
        copied(server, template) as name,
        hub_of_counters(in_database(server, name)) as hub,
    ):
        yield hub


@pytest.fixture
def site(counters_hub: Hub) -> Iterator[Site]:
    with site_of(counters_hub) as site:
        yield site


@pytest.fixture(autouse=True)
def log() -> Iterator[io.StringIO]:
    """What the hub has written to its log, one JSON object a line."""
    before = structlog.get_config()
    written = io.StringIO()
    configure_logs(stream=written)
    structlog.configure(cache_logger_on_first_use=False)
    yield written
    structlog.configure(**before)
