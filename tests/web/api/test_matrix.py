"""Every operation with every role, at the caller's own store and at another one."""

from collections import Counter
from typing import Any
from uuid import UUID

import msgspec
import pytest
from litestar.testing import TestClient

from charsu.kernel import WHOLE_BUSINESS, AnyOperation, Hub
from charsu.kernel.access import ROLES
from charsu.web.app import create_app

from .conftest import Site
from .counters import OTHER_STORE, STORE
from .permitted import is_permitted, request_for, sample

NOT_LET_IN = {401, 403}


class Matrix:
    """Sends one request for each cell and keeps count of what came back."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.seen: Counter[str] = Counter()
        self.wrong: list[str] = []

    def offered(self) -> list[AnyOperation]:
        everything = self.site.hub.operations.values()
        return [one for one in everything if one.http_path and one.name != "counters.break"]

    def ask(self, operation: AnyOperation, headers: dict[str, str], *, at: object) -> int:
        fields = sample(operation.ask_type, location_id=at)  # type: ignore[arg-type]
        request = request_for(operation, fields)
        return self.site.client.request(**request, headers=headers).status_code

    def expect(self, cell: str, status: int, *, let_in: bool | None) -> None:
        """``let_in`` None: a place decides that the request does not name."""
        self.seen["let in" if status not in NOT_LET_IN else "denied"] += 1
        if status >= 500 or (let_in is not None and (status not in NOT_LET_IN) != let_in):
            self.wrong.append(f"{cell}: {status}")


@pytest.fixture(params=["counters", "the whole shop"])
def matrix(request: pytest.FixtureRequest) -> Matrix:
    """The same test for the edge's own little shop and for every operation that there is."""
    if request.param == "counters":
        return Matrix(request.getfixturevalue("site"))
    hub: Hub = request.getfixturevalue("hub")
    client = request.getfixturevalue("whole_shop")
    return Matrix(Site(hub, client))


@pytest.fixture
def whole_shop(hub: Hub):
    with TestClient(create_app(hub), raise_server_exceptions=False) as client:
        yield client


def test_a_role_everywhere_does_what_it_says_and_nothing_else(matrix: Matrix) -> None:
    for role in ROLES:
        key = matrix.site.key(role)
        for operation in matrix.offered():
            status = matrix.ask(operation, key, at=STORE)
            allowed = is_permitted(role, operation.permission)
            matrix.expect(f"{role} {operation.name}", status, let_in=allowed)

    print(dict(matrix.seen))
    assert matrix.wrong == []
    assert min(matrix.seen["let in"], matrix.seen["denied"]) >= len(matrix.offered())


def test_a_role_at_one_store_does_nothing_at_another(matrix: Matrix) -> None:
    for role in ROLES:
        key = matrix.site.key(role, at=STORE)
        for operation in matrix.offered():
            allowed = is_permitted(role, operation.permission)
            for store in (STORE, OTHER_STORE):
                status = matrix.ask(operation, key, at=store)
                here = is_within(operation, asked_at=store, granted_at=STORE)
                let_in = allowed if here else (None if allowed and here is None else False)
                matrix.expect(f"{role} {operation.name} {store}", status, let_in=let_in)

    print(dict(matrix.seen))
    assert matrix.wrong == []


def test_a_guest_is_asked_to_sign_in_for_all_but_the_public_face(matrix: Matrix) -> None:
    for operation in matrix.offered():
        status = matrix.ask(operation, {}, at=STORE)
        allowed = is_permitted("shopper", operation.permission)
        if not allowed:
            assert status == 401, operation.name
        matrix.expect(f"guest {operation.name}", status, let_in=allowed)

    assert matrix.wrong == []
    assert matrix.seen["denied"] > 0


def is_within(operation: AnyOperation, *, asked_at: UUID, granted_at: UUID) -> bool | None:
    """Whether the request stays in the place of the grant; None where only the shop's books tell.

    Asked without a database: a declaration that needs one does not go by the request alone.
    """
    if not operation.is_bound_to_places:
        return True
    if operation.places is WHOLE_BUSINESS:
        return False
    fields = sample(operation.ask_type, location_id=asked_at)
    nothing: Any = None
    try:
        places = operation.places(nothing, msgspec.convert(fields, operation.ask_type))
    except AttributeError:
        return None
    return places is not None and set(places) <= {granted_at}
