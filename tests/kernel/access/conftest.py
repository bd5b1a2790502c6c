"""A shop with its first administrator, and somebody to do the granting."""

import itertools
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from charsu.kernel import Actor, Hub
from charsu.kernel.access import (
    CreateAccount,
    GrantRole,
    Invite,
    IssueKey,
    KeyRole,
    accept_invitation,
    actor_for_key,
    create_account,
    digest_of,
    first_admin,
    grant_role,
    hint_of,
    invite,
    issue_key,
    new_token,
    open_session,
)
from charsu.kernel.access.callers import account_for_session

PASSWORD = "grapes on the balcony"


class Door:
    """A small driver: people and programs get in by public operations only."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.admin_id = first_admin(hub, email="admin@shop.example", name="Ana", password=PASSWORD)
        self.admin = self.actor(self.admin_id)
        self._numbers = itertools.count(1)

    def actor(self, account_id: UUID) -> Actor:
        return account_for_session(self.hub, open_session(self.hub, account_id).token).actor

    def hires(
        self, *, email: str | None = None, role: str | None = None, at: UUID | None = None
    ) -> UUID:
        """An account with a password and perhaps a role."""
        email = email or f"person{next(self._numbers)}@shop.example"
        ask = CreateAccount(email=email, name="Somebody")
        account_id = self.hub.run(create_account, ask, actor=self.admin).account_id
        accept_invitation(self.hub, token=self.invites(account_id), password=PASSWORD)
        if role:
            self.grants(account_id, role, at=at)
        return account_id

    def invites(self, account_id: UUID, *, hours: int = 72) -> str:
        token = new_token("invitation")
        ask = Invite(account_id=account_id, token_digest=digest_of(token).hex(), valid_hours=hours)
        self.hub.run(invite, ask, actor=self.admin)
        return token

    def grants(
        self, account_id: UUID, role: str, *, at: UUID | None = None, by: Actor | None = None
    ) -> UUID:
        ask = GrantRole(account_id=account_id, role=role, location_id=at)
        return self.hub.run(grant_role, ask, actor=by or self.admin).grant_id

    def issues_key(
        self, *roles: KeyRole, by: Actor | None = None, label: str = "till"
    ) -> tuple[str, UUID]:
        """The secret, which the hub never sees, and the key's id."""
        secret = new_token("key")
        ask = IssueKey(
            label=label, digest=digest_of(secret).hex(), hint=hint_of(secret), roles=roles
        )
        return secret, self.hub.run(issue_key, ask, actor=by or self.admin, key=str(uuid4())).key_id

    def program(self, role: str, *, at: UUID | None = None) -> Actor:
        secret, _ = self.issues_key(KeyRole(role=role, location_id=at))
        return actor_for_key(self.hub, secret)


@pytest.fixture
def door(hub: Hub) -> Door:
    return Door(hub)


@pytest.fixture
def race() -> Callable[..., list[object]]:
    """Runs the same thing many times at once; answers or refusals, in no order."""
    from concurrent.futures import ThreadPoolExecutor
    from threading import Barrier

    def run(work: Callable[[int], object], *, times: int) -> list[object]:
        start = Barrier(times)

        def one(number: int) -> object:
            start.wait()
            try:
                return work(number)
            except Exception as refusal:
                return refusal

        with ThreadPoolExecutor(times) as pool:
            return list(pool.map(one, range(times)))

    return run
