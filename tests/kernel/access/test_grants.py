"""Roles, keys and who may give them."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from charsu.kernel import EmailInvalid, Forbidden, Hub, KeyReused, PageUnknown
from charsu.kernel.access import (
    ROLES,
    ChooseAccount,
    CreateAccount,
    IssueKey,
    KeyRefused,
    KeyRole,
    RevokeKey,
    RevokeRole,
    actor_for_key,
    create_account,
    digest_of,
    disable_account,
    enable_account,
    guest_actor,
    guest_id,
    is_token,
    issue_key,
    new_token,
    revoke_key,
    revoke_role,
)
from charsu.kernel.access.errors import (
    AlreadyGranted,
    EmailTaken,
    GrantUnknown,
    LastAdmin,
    MoreThanOwn,
    RoleUnknown,
    SecretTaken,
)
from charsu.kernel.access.queries.accounts import AskAccounts, accounts
from charsu.kernel.access.queries.audit import AskAudit, audit
from charsu.kernel.access.queries.keys import keys
from charsu.kernel.access.queries.me import WhoAmI, me

BELGRADE, WARSAW = uuid4(), uuid4()


def test_a_role_at_one_store_reaches_no_other(door) -> None:
    actor = door.actor(door.hires(role="stockkeeper", at=BELGRADE))

    assert actor.may("stock.receive", (BELGRADE,))
    assert not actor.may("stock.receive", (WARSAW,))
    assert not actor.may("stock.receive", (BELGRADE, WARSAW))
    assert not actor.may("stock.receive", None)
    assert not actor.may("orders.refund", (BELGRADE,))


def test_the_same_role_at_two_stores_covers_what_touches_both(door) -> None:
    account = door.hires(role="stockkeeper", at=BELGRADE)
    door.grants(account, "stockkeeper", at=WARSAW)

    assert door.actor(account).may("stock.write_off", (BELGRADE, WARSAW))


def test_a_revoked_role_is_gone_with_the_next_request(door, hub: Hub) -> None:
    account = door.hires()
    grant = door.grants(account, "manager")

    hub.run(revoke_role, RevokeRole(grant_id=grant), actor=door.admin)

    assert not door.actor(account).may("stock.receive", (BELGRADE,))
    with pytest.raises(GrantUnknown):
        hub.run(revoke_role, RevokeRole(grant_id=grant), actor=door.admin)


def test_a_role_is_granted_once(door) -> None:
    account = door.hires(role="manager")

    with pytest.raises(AlreadyGranted):
        door.grants(account, "manager")


def test_nobody_gives_or_takes_more_than_they_hold(door, hub: Hub) -> None:
    door.hires(email="owner@shop.example", role="admin")
    person = door.hires()
    # A key in a role that runs accounts but is not administrator.
    ROLES["doorkeeper"] = type(ROLES["admin"])(
        "doorkeeper", "Doorkeeper", frozenset({"access.*", "stock.*"})
    )
    try:
        keeper = door.program("doorkeeper")
        local = door.program("doorkeeper", at=BELGRADE)
        admin_grant = door.grants(person, "admin")

        for actor, role, place in [
            (keeper, "admin", None),
            (keeper, "manager", None),
            (local, "doorkeeper", None),
            (local, "doorkeeper", WARSAW),
        ]:
            with pytest.raises(Forbidden):
                door.grants(person, role, at=place, by=actor)
        with pytest.raises(MoreThanOwn):
            door.issues_key(KeyRole(role="admin"), by=keeper)
        with pytest.raises(MoreThanOwn):
            hub.run(revoke_role, RevokeRole(grant_id=admin_grant), actor=keeper)
        door.grants(person, "doorkeeper", at=BELGRADE, by=local)
    finally:
        del ROLES["doorkeeper"]


def test_there_are_only_roles_that_somebody_has_written_down(door) -> None:
    with pytest.raises(RoleUnknown):
        door.grants(door.hires(), "emperor")


def test_the_last_administrator_stays(door, hub: Hub, race: Callable[..., list[object]]) -> None:
    others = [door.hires(role="admin") for _ in range(3)]
    everybody = [door.admin_id, *others]

    outcomes = race(
        lambda n: hub.run(
            disable_account, ChooseAccount(account_id=everybody[n]), actor=door.admin
        ),
        times=4,
    )

    assert Counter(isinstance(outcome, LastAdmin) for outcome in outcomes) == {True: 1, False: 3}


def test_the_last_administrators_role_cannot_be_taken(door, hub: Hub) -> None:
    [row] = [
        account
        for account in hub.run(accounts, AskAccounts(), actor=door.admin).accounts
        if account.account_id == door.admin_id
    ]

    with pytest.raises(LastAdmin):
        hub.run(revoke_role, RevokeRole(grant_id=row.roles[0].grant_id), actor=door.admin)


def test_a_disabled_account_comes_back_as_it_was(door, hub: Hub) -> None:
    account = door.hires(role="picker", at=WARSAW)
    ask = ChooseAccount(account_id=account)
    hub.run(disable_account, ask, actor=door.admin)
    assert hub.run(disable_account, ask, actor=door.admin).state == "disabled"

    hub.run(enable_account, ask, actor=door.admin)

    assert door.actor(account).may("orders.make_ready", (WARSAW,))


@pytest.mark.parametrize("twin", ["ANA@shop.example", "ana@SHOP.EXAMPLE", " ana@shop.example "])
def test_two_spellings_of_an_address_are_one_account(door, hub: Hub, twin: str) -> None:
    door.hires(email="ana@shop.example")

    with pytest.raises(EmailTaken):
        hub.run(create_account, CreateAccount(email=twin, name="Twin"), actor=door.admin)


@pytest.mark.parametrize("text", ["ana", "ana@", "@shop.example", "a b@shop.example", "a\0@b.rs"])
def test_what_is_no_address_gets_no_account(door, hub: Hub, text: str) -> None:
    with pytest.raises(EmailInvalid):
        hub.run(create_account, CreateAccount(email=text, name="X"), actor=door.admin)


def test_a_key_lets_its_program_in_until_it_is_revoked(door, hub: Hub) -> None:
    secret, key_id = door.issues_key(KeyRole(role="stockkeeper", location_id=BELGRADE))
    actor = actor_for_key(hub, secret)
    assert (actor.id, actor.kind) == (key_id, "key")
    assert actor.may("stock.count", (BELGRADE,)) and not actor.may("stock.count", (WARSAW,))

    first = hub.run(revoke_key, RevokeKey(key_id=key_id), actor=door.admin)

    assert hub.run(revoke_key, RevokeKey(key_id=key_id), actor=door.admin) == first
    with pytest.raises(KeyRefused):
        actor_for_key(hub, secret)


def test_a_key_runs_out(door, hub: Hub) -> None:
    secret = new_token("key")
    ask = IssueKey(
        label="till",
        digest=digest_of(secret).hex(),
        roles=(KeyRole(role="cashier"),),
        expires_at=datetime.now(UTC) + timedelta(days=1),
    )
    hub.run(issue_key, ask, actor=door.admin)
    assert actor_for_key(hub, secret)

    hub.offset = timedelta(days=2)

    with pytest.raises(KeyRefused):
        actor_for_key(hub, secret)


def test_issuing_a_key_twice_with_one_idempotency_key_makes_one(door, hub: Hub) -> None:
    secret = new_token("key")
    ask = IssueKey(label="till", digest=digest_of(secret).hex(), roles=(KeyRole(role="cashier"),))

    first = hub.run(issue_key, ask, actor=door.admin, key="once")

    assert hub.run(issue_key, ask, actor=door.admin, key="once") == first
    assert len(hub.run(keys, AskAccounts(), actor=door.admin).keys) == 1
    with pytest.raises(SecretTaken):
        hub.run(issue_key, ask, actor=door.admin, key="another")
    other = IssueKey(label="x", digest="0" * 64, roles=(KeyRole(role="cashier"),))
    with pytest.raises(KeyReused):
        hub.run(issue_key, other, actor=door.admin, key="once")


def test_a_guest_is_who_holds_the_token() -> None:
    token, other = new_token("guest"), new_token("guest")

    assert guest_id(token) == guest_id(token) != guest_id(other)
    assert (guest_id(token).version, guest_id(token).variant) == (8, "specified in RFC 4122")
    assert is_token("guest", token) and not is_token("session", token)
    assert not guest_actor(guest_id(token)).may("orders.refund")


def test_everybody_may_ask_who_they_are(door, hub: Hub) -> None:
    for actor in (door.admin, door.program("picker", at=WARSAW), guest_actor(uuid4())):
        assert hub.run(me, WhoAmI(), actor=actor).id == actor.id


def test_the_audit_tells_who_did_what_and_what_was_denied(door, hub: Hub) -> None:
    stranger = guest_actor(uuid4())
    for _ in range(3):
        with pytest.raises(Forbidden):
            hub.run(accounts, AskAccounts(), actor=stranger)
    door.hires(role="analyst")

    pages, after = [], None
    while True:
        page = hub.run(audit, AskAudit(limit=2, after=after), actor=door.admin)
        pages.append(page.entries)
        if (after := page.next) is None:
            break
    entries = [entry for page in pages for entry in page]
    whole = hub.run(audit, AskAudit(limit=200), actor=door.admin).entries

    assert tuple(entries) == whole
    assert [entry.at for entry in entries] == sorted((e.at for e in entries), reverse=True)
    denied = [entry for entry in entries if entry.outcome == "denied"]
    assert [(e.actor_id, e.operation) for e in denied] == [(stranger.id, "access.accounts")] * 3
    done = Counter(entry.operation for entry in entries if entry.outcome == "done")
    assert done["access.create_account"] == done["access.grant_role"] == 1
    only = hub.run(audit, AskAudit(actor_id=stranger.id), actor=door.admin).entries
    assert [entry.outcome for entry in only] == ["denied"] * 3


# a NUL, which no text of the database may have
A_NUL = "WyIyMDI2LTAxLTAxVDAwOjAwOjAwWiIsIlx1MDAwMCJd"


@pytest.mark.parametrize("after", ["", "x", "WyIyMDI2Il0", "eyJhIjoxfQ", "ž", "AAAA", A_NUL])
def test_a_made_up_mark_is_refused(door, hub: Hub, after: str) -> None:
    if after:
        with pytest.raises(PageUnknown):
            hub.run(audit, AskAudit(after=after), actor=door.admin)
    with pytest.raises(PageUnknown):
        hub.run(accounts, AskAccounts(after=after), actor=door.admin)


def test_accounts_come_in_pages(door, hub: Hub) -> None:
    made = {door.admin_id, *(door.hires() for _ in range(4))}

    seen, after = [], None
    while True:
        page = hub.run(accounts, AskAccounts(limit=2, after=after), actor=door.admin)
        assert len(page.accounts) <= 2
        seen += [account.account_id for account in page.accounts]
        if (after := page.next) is None:
            break

    assert len(seen) == 5 and set(seen) == made


def test_every_change_is_told_in_order_without_personal_data(door, hub: Hub) -> None:
    account = door.hires(email="told@shop.example", role="picker", at=WARSAW)
    hub.run(disable_account, ChooseAccount(account_id=account), actor=door.admin)

    with hub.reading() as tx:
        facts = tx.all(
            """
            SELECT name, version, body::text FROM kernel.facts
            WHERE subject_id = %(id)s ORDER BY version
            """,
            id=account,
        )
        version = tx.value("SELECT version FROM kernel.accounts WHERE id = %(id)s", id=account)

    assert [fact.name for fact in facts] == [
        "kernel.account_created",
        "kernel.account_invited",
        "kernel.password_chosen",
        "kernel.role_granted",
        "kernel.account_disabled",
    ]
    assert [fact.version for fact in facts] == [1, 2, 3, 4, 5]
    assert version == 5
    assert not any("told@" in fact.body or "Somebody" in fact.body for fact in facts)
