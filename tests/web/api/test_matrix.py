"""Every operation with every role, at the caller's own store and at another one.

Each request is one that succeeds for somebody: what it points at is really there, at the store in
question. Whoever is allowed must succeed, whoever is not must be denied, and nothing else counts.
"""

from collections import Counter
from typing import Any, Protocol
from uuid import UUID

import pytest
from litestar.testing import TestClient
from msgspec import Struct

from charsu.kernel import WHOLE_BUSINESS, Actor, AnyOperation, Hub
from charsu.kernel.access import ROLES, guest_actor, guest_id, new_token
from charsu.web.app import create_app
from tests.regular import Fields, Regular, Wanted, request_for, sample

from .conftest import Site
from .counters import OTHER_STORE, STORE
from .permitted import is_permitted

pytestmark = pytest.mark.slow

SHOPPER = "shopper"
"""What guests and customers may do. They alone own carts, so a key in this role has none."""


class Caller(Struct, frozen=True):
    """Who asks, and in which role; a shopper comes as somebody new each time."""

    role: str
    key: dict[str, str] = {}

    def headers(self) -> tuple[dict[str, str], Actor | None]:
        """What she shows, and whose carts are hers."""
        if self.key:
            return self.key, None
        token = new_token("guest")
        return {"X-Charsu-Guest": token}, guest_actor(guest_id(token))


class Maker(Protocol):
    """Knows what a shop offers and how to ask for it, so that it is done."""

    own: UUID
    other: UUID

    def offered(self) -> list[AnyOperation]: ...

    def fields(self, operation: AnyOperation, *, at: UUID, owner: Actor | None) -> Fields: ...


class Counters:
    """The edge's own little shop."""

    own, other = STORE, OTHER_STORE

    def __init__(self, site: Site) -> None:
        self.site = site

    def offered(self) -> list[AnyOperation]:
        """Those of access are asked in the whole shop; one is broken on purpose."""
        everything = self.site.hub.operations.values()
        counters = [one for one in everything if one.name.startswith("counters.")]
        return [one for one in counters if one.name != "counters.break"]

    def fields(self, operation: AnyOperation, *, at: UUID, owner: Actor | None) -> Fields:
        fields: Fields = sample(operation.ask_type, location_id=at)
        if "counter_id" in fields:
            fields["counter_id"] = str(self.site.counter(at=at))
        return fields


class WholeShop:
    """Everything that is on offer."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.regular = Regular(hub)
        self.own, self.other = (UUID(self.regular.stores[code]) for code in ("north", "south"))

    def offered(self) -> list[AnyOperation]:
        return [one for one in self.hub.operations.values() if one.http_path]

    def fields(self, operation: AnyOperation, *, at: UUID, owner: Actor | None) -> Fields:
        return self.regular.request(operation, Wanted(store=str(at), owner=owner))


class Matrix:
    """Sends one request for each cell and keeps count of what came back."""

    def __init__(self, site: Site, maker: Maker) -> None:
        self.site = site
        self.maker = maker
        self.seen: Counter[str] = Counter()
        self.wrong: list[str] = []
        self._made: dict[tuple[str, UUID], Fields] = {}

    def callers(self, *, at: UUID | None = None) -> list[Caller]:
        """A key for each role, and a guest where roles go everywhere."""
        keys = [Caller(role, self.site.key(role, at=at)) for role in ROLES]
        return keys if at else [*keys, Caller(SHOPPER)]

    def succeeds(self, operation: AnyOperation, caller: Caller, *, at: UUID) -> None:
        """An allowed cell: with things of its own, since many can be done only once."""
        headers, owner = caller.headers()
        fields = self.maker.fields(operation, at=at, owner=owner)
        answer = self._send(operation, fields, headers)
        if operation.permission == "identity.own":  # a customer's own: no role is a customer
            is_right = answer.json().get("code") == "customer_needed"
            self._note("no customer", operation, caller, at, answer, is_right=is_right)
        elif _is_without_cart(operation, caller):
            is_right = answer.json().get("code") in {"owner_needed", "not_found"}
            self._note("without cart", operation, caller, at, answer, is_right=is_right)
        else:
            self._note("done", operation, caller, at, answer, is_right=answer.is_success)

    def is_denied(self, operation: AnyOperation, caller: Caller, *, at: UUID) -> None:
        """A denied cell: things that are there, for nothing happens to them."""
        fields = self._made.get((operation.name, at))
        if fields is None:
            fields = self.maker.fields(operation, at=at, owner=None)
            self._made[operation.name, at] = fields
        answer = self._send(operation, fields, caller.headers()[0])
        expected = 403 if caller.key else 401
        is_right = answer.status_code == expected
        self._note("denied", operation, caller, at, answer, is_right=is_right)

    def _send(self, operation: AnyOperation, fields: Fields, headers: dict[str, str]) -> Any:
        request = request_for(operation, fields)
        return self.site.client.request(**request, headers=headers)

    def _note(
        self,
        expected: str,
        operation: AnyOperation,
        caller: Caller,
        at: UUID,
        answer: Any,
        *,
        is_right: bool,
    ) -> None:
        self.seen[expected] += 1
        if not is_right:
            where = "own store" if at == self.maker.own else "another store"
            told = f"{answer.status_code} {answer.text[:200]}"
            self.wrong.append(f"{caller.role} {operation.name}, {where}: {expected}? {told}")


def _is_without_cart(operation: AnyOperation, caller: Caller) -> bool:
    is_about_carts = operation.name.startswith("shopping.")
    return is_about_carts and caller.role == SHOPPER and bool(caller.key)


def is_allowed(operation: AnyOperation, role: str, *, here: bool | None = None) -> bool:
    """Whether the declaration lets the role in.

    here    whether everything that the request is about is where the role was granted; None where
            it was granted everywhere
    """
    if not is_permitted(role, operation.permission):
        return False
    if here is None or not operation.is_bound_to_places:
        return True
    return here and operation.places is not WHOLE_BUSINESS


@pytest.fixture(params=["counters", pytest.param("the whole shop", marks=pytest.mark.slow)])
def matrix(request: pytest.FixtureRequest) -> Matrix:
    """The same test for the edge's own little shop and for every operation that there is."""
    if request.param == "counters":
        site: Site = request.getfixturevalue("site")
        return Matrix(site, Counters(site))
    hub: Hub = request.getfixturevalue("hub")
    client = request.getfixturevalue("whole_shop")
    return Matrix(Site(hub, client), WholeShop(hub))


@pytest.fixture
def whole_shop(hub: Hub):
    with TestClient(create_app(hub), raise_server_exceptions=False) as client:
        yield client


def test_a_role_everywhere_is_denied_what_it_does_not_say(matrix: Matrix) -> None:
    for caller in matrix.callers():
        for operation in matrix.maker.offered():
            if not is_allowed(operation, caller.role):
                matrix.is_denied(operation, caller, at=matrix.maker.own)

    print(dict(matrix.seen))
    assert matrix.wrong == []
    assert matrix.seen["denied"] >= len(matrix.maker.offered())


def test_a_role_at_one_store_is_denied_at_another(matrix: Matrix) -> None:
    own, other = matrix.maker.own, matrix.maker.other
    for caller in matrix.callers(at=own):
        for operation in matrix.maker.offered():
            for store in (own, other):
                if not is_allowed(operation, caller.role, here=store == own):
                    matrix.is_denied(operation, caller, at=store)

    print(dict(matrix.seen))
    assert matrix.wrong == []
    assert matrix.seen["denied"] >= len(matrix.maker.offered())


@pytest.mark.slow
def test_a_role_everywhere_does_what_it_says(matrix: Matrix) -> None:
    for caller in matrix.callers():
        for operation in matrix.maker.offered():
            if is_allowed(operation, caller.role):
                matrix.succeeds(operation, caller, at=matrix.maker.own)

    print(dict(matrix.seen))
    assert matrix.wrong == []
    assert matrix.seen["done"] >= len(matrix.maker.offered())


@pytest.mark.slow
def test_a_role_at_one_store_does_there_what_it_says(matrix: Matrix) -> None:
    own, other = matrix.maker.own, matrix.maker.other
    for caller in matrix.callers(at=own):
        for operation in matrix.maker.offered():
            for store in (own, other):
                if is_allowed(operation, caller.role, here=store == own):
                    matrix.succeeds(operation, caller, at=store)

    print(dict(matrix.seen))
    assert matrix.wrong == []
    assert matrix.seen["done"] > 0
