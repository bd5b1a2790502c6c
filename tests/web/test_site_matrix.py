"""Every page with everybody: who may see it does, and nobody else."""

import itertools
from collections import Counter
from collections.abc import Iterator
from uuid import UUID

import pytest
from litestar.testing import TestClient

from charsu.kernel import SYSTEM, Hub
from charsu.kernel.access import (
    ROLES,
    CreateAccount,
    GrantRole,
    Invite,
    accept_invitation,
    create_account,
    digest_of,
    first_admin,
    grant_role,
    invite,
    new_token,
    open_session,
)
from charsu.kernel.access.roles import allows
from charsu.web.overview_load import PERMISSION
from charsu.web.site import build_app
from tests.shop import Shop

PASSWORD = "grapes on the balcony"
PUBLIC = ("/sign-in", "/docs/api", "/openapi.json", "/health/live", "/health/ready", "/errors")


class Staff:
    """Hires people, and looks at pages with their eyes."""

    def __init__(self, hub: Hub, client: TestClient) -> None:
        self.hub = hub
        self.client = client
        self._numbers = itertools.count(1)

    def hires(self, role: str, at: UUID | None) -> str:
        """The token of a session."""
        ask = CreateAccount(email=f"person{next(self._numbers)}@shop.example", name="Somebody")
        account = self.hub.run(create_account, ask, actor=SYSTEM).account_id
        token = new_token("invitation")
        invitation = Invite(account_id=account, token_digest=digest_of(token).hex())
        self.hub.run(invite, invitation, actor=SYSTEM)
        accept_invitation(self.hub, token=token, password=PASSWORD)
        grant = GrantRole(account_id=account, role=role, location_id=at)
        self.hub.run(grant_role, grant, actor=SYSTEM)
        return open_session(self.hub, account).token

    def status(self, path: str, session: str | None) -> int:
        self.client.cookies.clear()
        if session:
            self.client.cookies["session"] = session
        headers = {"Accept": "text/html"}
        return self.client.get(path, headers=headers, follow_redirects=False).status_code


@pytest.fixture
def shop(hub: Hub) -> Shop:
    shop = Shop(hub)
    shop.location("own")
    shop.location("other")
    first_admin(hub, email="ana@shop.example", name="Ana", password=PASSWORD)
    return shop


@pytest.fixture
def staff(shop: Shop) -> Iterator[Staff]:
    with TestClient(build_app(shop.hub), raise_server_exceptions=False) as client:
        yield Staff(shop.hub, client)


def test_each_role_sees_the_overview_of_its_own_stores(shop: Shop, staff: Staff) -> None:
    own, other = shop.locations["own"], shop.locations["other"]
    seen: Counter[int] = Counter()
    wrong = []
    for role in ROLES.values():
        may = allows(role, PERMISSION)
        for at in (None, own):
            session = staff.hires(role.name, at)
            for path, is_allowed in (
                ("/overview", may),
                (f"/overview?location={own}", may),
                (f"/overview?location={other}", may and at is None),
            ):
                status = staff.status(path, session)
                seen[status] += 1
                if status != (200 if is_allowed else 403):
                    wrong.append((role.name, at and "own", path, status))
    print(dict(seen))
    assert wrong == []
    assert min(seen[200], seen[403]) > 0


def test_nobody_is_asked_who_they_are_for_what_is_public(staff: Staff) -> None:
    assert {path: staff.status(path, None) for path in PUBLIC} == dict.fromkeys(PUBLIC, 200)


def test_who_is_not_signed_in_is_led_to_the_sign_in(staff: Staff) -> None:
    assert staff.status("/overview", None) == 303
    assert staff.status("/overview", "session_made_up") == 303
    assert staff.status("/overview/stream", None) == 401
