"""People come in with a password, and out when they say so."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from charsu.kernel import Hub
from charsu.kernel.access import (
    AdminExists,
    ChooseAccount,
    InvitationRefused,
    SessionEnded,
    SignInRefused,
    TooManyAttempts,
    accept_invitation,
    actor_for_session,
    disable_account,
    first_admin,
    needs_first_admin,
    new_token,
    passwords,
    sign_in,
    sign_out,
    signing_in,
)
from charsu.kernel.access.attempts import BY_NAME_MAX, FROM_ONE_PLACE_MAX, WINDOW
from charsu.kernel.access.errors import (
    AccountNotInvited,
    PasswordTooLong,
    PasswordTooObvious,
    PasswordTooShort,
)

HOME = "192.0.2.7"
EMAIL = "admin@shop.example"
PASSWORD = "grapes on the balcony"


def test_the_password_opens_a_session_of_its_owner(door, hub: Hub) -> None:
    session = sign_in(hub, email="  ADMIN@Shop.Example ", password=PASSWORD, address=HOME)

    actor = actor_for_session(hub, session.token)

    assert (actor.id, actor.kind) == (door.admin_id, "staff")
    assert actor.may("anything.at_all", None)


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (EMAIL, PASSWORD + "!"),
        (EMAIL, ""),
        ("nobody@shop.example", PASSWORD),
        ("no address", PASSWORD),
        ("", ""),
        ("a\0@shop.example", "\0"),
        ("x" * 5000 + "@shop.example", "y" * 100_000),
    ],
)
def test_whatever_is_wrong_the_refusal_is_the_same(
    door, hub: Hub, email: str, password: str
) -> None:
    with pytest.raises(SignInRefused) as refused:
        sign_in(hub, email=email, password=password, address=HOME)

    assert (str(refused.value), refused.value.data) == (str(SignInRefused()), {})


def test_known_and_unknown_names_cost_the_same_work(
    door, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    verify = passwords._hasher.verify

    def counted(kept: str, password: str) -> bool:
        hashed.append(kept.rsplit("$", 2)[0])  # algorithm and parameters
        return verify(kept, password)

    monkeypatch.setattr(
        passwords,
        "_hasher",
        type("Spy", (), {"verify": staticmethod(counted), "hash": passwords._hasher.hash})(),
    )
    statements: Counter[str] = Counter()

    def work(email: str) -> tuple[list[str], int]:
        hashed.clear()
        statements.clear()
        with pytest.raises(SignInRefused):
            sign_in(hub, email=email, password="wrong", address=HOME)
        return list(hashed), sum(statements.values())

    hub.faults.before_call = lambda statement: statements.update([statement])  # type: ignore[method-assign]
    work("warm@shop.example")

    known, unknown = work(EMAIL), work("nobody@shop.example")

    assert known == unknown
    assert len(known[0]) == 1
    assert known[1] > 0


def test_signing_out_ends_the_session_everywhere(door, hub: Hub, open_shop) -> None:
    session = sign_in(hub, email=EMAIL, password=PASSWORD, address=HOME)
    elsewhere = open_shop()
    assert actor_for_session(elsewhere, session.token)

    sign_out(hub, session.token)

    with pytest.raises(SessionEnded):
        actor_for_session(elsewhere, session.token)
    with pytest.raises(SessionEnded):
        sign_out(hub, session.token)


def test_a_session_ends_by_itself(door, hub: Hub) -> None:
    session = sign_in(hub, email=EMAIL, password=PASSWORD, address=HOME)

    hub.offset = timedelta(hours=11)
    assert actor_for_session(hub, session.token)
    hub.offset = timedelta(hours=13)

    with pytest.raises(SessionEnded):
        actor_for_session(hub, session.token)


@pytest.mark.parametrize(
    "token",
    ["", "charsu_session_", "\0", new_token("session"), "ž" * 43],
    ids=["empty", "bare", "nul", "made_up", "not_ascii"],
)
def test_no_made_up_token_is_a_session(door, hub: Hub, token: str) -> None:
    with pytest.raises(SessionEnded):
        actor_for_session(hub, token)


def test_a_new_password_ends_the_sessions_of_the_old_one(door, hub: Hub) -> None:
    session = sign_in(hub, email=EMAIL, password=PASSWORD, address=HOME)
    token = door.invites(door.admin_id)

    accept_invitation(hub, token=token, password="pears in the cellar")

    with pytest.raises(SessionEnded):
        actor_for_session(hub, session.token)
    with pytest.raises(SignInRefused):
        sign_in(hub, email=EMAIL, password=PASSWORD, address=HOME)
    assert sign_in(hub, email=EMAIL, password="pears in the cellar", address=HOME)
    with hub.reading() as tx:
        told = tx.all(
            "SELECT version FROM kernel.facts WHERE name = 'kernel.session_revoked'"
            " AND subject_id = %(session)s",
            session=session.started.session_id,
        )
    assert [row.version for row in told] == [2]


def test_an_invitation_serves_once(door, hub: Hub, race: Callable[..., list[object]]) -> None:
    token = door.invites(door.admin_id)

    outcomes = race(
        lambda n: accept_invitation(hub, token=token, password=f"pear number {n} in a row"),
        times=6,
    )

    assert Counter(type(outcome).__name__ for outcome in outcomes) == {
        "UUID": 1,
        "InvitationRefused": 5,
    }


def test_an_invitation_runs_out_and_is_replaced_by_a_later_one(door, hub: Hub) -> None:
    earlier = door.invites(door.admin_id)
    later = door.invites(door.admin_id, hours=1)
    with pytest.raises(InvitationRefused):
        accept_invitation(hub, token=earlier, password="pears in the cellar")

    hub.offset = timedelta(minutes=61)

    with pytest.raises(InvitationRefused):
        accept_invitation(hub, token=later, password="pears in the cellar")


def test_a_refused_password_leaves_the_invitation_good(door, hub: Hub) -> None:
    token = door.invites(door.admin_id)

    for password, refusal in [
        ("short", PasswordTooShort),
        ("x" * 300, PasswordTooLong),
        ("passwordpassword", PasswordTooObvious),
        ("admin@shop.example", PasswordTooObvious),
        ("aaaaaaaaaaaaaaaaaa", PasswordTooObvious),
    ]:
        with pytest.raises(refusal):
            accept_invitation(hub, token=token, password=password)

    assert accept_invitation(hub, token=token, password="pears in the cellar") == door.admin_id


def test_the_same_letters_are_the_same_password_however_they_are_typed(door, hub: Hub) -> None:
    composed, decomposed = "šljive na terasi", "s\u030cljive na terasi"
    accept_invitation(hub, token=door.invites(door.admin_id), password=composed)

    assert sign_in(hub, email=EMAIL, password=decomposed, address=HOME)


def test_a_disabled_account_is_out_at_once_and_for_good(door, hub: Hub) -> None:
    account = door.hires(email="leaver@shop.example")
    session = sign_in(hub, email="leaver@shop.example", password=PASSWORD, address=HOME)

    hub.run(disable_account, ChooseAccount(account_id=account), actor=door.admin)

    with pytest.raises(SessionEnded):
        actor_for_session(hub, session.token)
    with pytest.raises(SignInRefused):
        sign_in(hub, email="leaver@shop.example", password=PASSWORD, address=HOME)
    with pytest.raises(AccountNotInvited):
        door.invites(account)


def test_guessing_is_cut_off_and_the_owner_is_not_locked_out(door, hub: Hub) -> None:
    for _ in range(FROM_ONE_PLACE_MAX):
        with pytest.raises(SignInRefused):
            sign_in(hub, email=EMAIL, password="wrong", address="203.0.113.9")

    with pytest.raises(TooManyAttempts) as refused:
        sign_in(hub, email=EMAIL, password=PASSWORD, address="203.0.113.9")

    assert 0 < refused.value.data["retry_after"] <= WINDOW.total_seconds()
    assert sign_in(hub, email=EMAIL, password=PASSWORD, address=HOME)


def test_the_cut_off_ends_after_its_window(door, hub: Hub) -> None:
    for _ in range(FROM_ONE_PLACE_MAX):
        with pytest.raises(SignInRefused):
            sign_in(hub, email=EMAIL, password="wrong", address=HOME)

    hub.offset = WINDOW + timedelta(seconds=1)

    assert sign_in(hub, email=EMAIL, password=PASSWORD, address=HOME)


def test_unknown_names_are_cut_off_like_known_ones(door, hub: Hub) -> None:
    for _ in range(FROM_ONE_PLACE_MAX):
        with pytest.raises(SignInRefused):
            sign_in(hub, email="nobody@shop.example", password="wrong", address=HOME)

    with pytest.raises(TooManyAttempts):
        sign_in(hub, email="nobody@shop.example", password="wrong", address=HOME)


def test_many_addresses_guessing_one_name_are_cut_off_together(
    door, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The slow hash is not what this is about.
    monkeypatch.setattr(signing_in, "is_password", lambda *_: False)
    for number in range(BY_NAME_MAX):
        with pytest.raises(SignInRefused):
            sign_in(hub, email=EMAIL, password="wrong", address=f"198.51.100.{number}")

    with pytest.raises(TooManyAttempts):
        sign_in(hub, email=EMAIL, password=PASSWORD, address="203.0.113.200")


def test_tries_at_once_are_counted_like_tries_in_a_row(
    door, hub: Hub, race: Callable[..., list[object]]
) -> None:
    outcomes = race(lambda _: sign_in(hub, email=EMAIL, password="wrong", address=HOME), times=14)

    assert Counter(type(outcome) for outcome in outcomes) == {
        SignInRefused: FROM_ONE_PLACE_MAX,
        TooManyAttempts: 14 - FROM_ONE_PLACE_MAX,
    }


def test_of_several_first_administrators_at_once_there_is_one(
    hub: Hub, race: Callable[..., list[object]]
) -> None:
    assert needs_first_admin(hub)

    outcomes = race(
        lambda n: first_admin(hub, email=f"admin{n}@shop.example", name="Ana", password=PASSWORD),
        times=6,
    )

    assert Counter(isinstance(outcome, AdminExists) for outcome in outcomes) == {True: 5, False: 1}
    assert not needs_first_admin(hub)


def test_no_secret_and_no_address_is_kept(door, hub: Hub) -> None:
    session = sign_in(hub, email=EMAIL, password=PASSWORD, address=HOME)
    with pytest.raises(SignInRefused):
        sign_in(hub, email=EMAIL, password="not it at all", address=HOME)
    with hub.reading() as tx:
        tables = tx.all(
            "SELECT format('%I.%I', schemaname, relname) AS name FROM pg_stat_user_tables"
        )
        kept = [
            tx.connection.execute(
                f"SELECT coalesce(string_agg(t::text, ''), '') FROM {name} t"
            ).fetchone()[0]
            for (name,) in tables
        ]

    stored = "".join(kept)
    assert "admin@shop.example" in stored
    for secret in (PASSWORD, "not it at all", session.token, HOME):
        assert secret not in stored
        assert secret.encode().hex() not in stored
