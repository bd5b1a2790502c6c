"""Accepting an invitation, as the invited meets it."""

import re
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from litestar.testing import TestClient
from structlog.testing import capture_logs

from charsu.kernel import SYSTEM, Actor, Hub
from charsu.kernel.access import (
    ChooseAccount,
    CreateAccount,
    Invite,
    account_actor,
    create_account,
    digest_of,
    disable_account,
    first_admin,
    invite,
    new_token,
)
from charsu.language import translate
from charsu.web import LANGUAGES
from charsu.web.site import build_app

from .test_site import HTML, Browser

PASSWORD = "grapes on the balcony"
EMAIL = "mira@shop.example"


@pytest.fixture
def browser(hub: Hub) -> Iterator[Browser]:
    first_admin(hub, email="ana@shop.example", name="Ana Petrović", password=PASSWORD)
    with TestClient(build_app(hub), base_url="http://127.0.0.1:8000") as client:
        yield Browser(client)


def invited(hub: Hub, *, by: str | None = "ana@shop.example", language: str = "en") -> str:
    """The token with which Mira may choose a password."""
    mira = _account(hub, EMAIL)
    if mira is None:
        ask = CreateAccount(email=EMAIL, name="Mira Jovanović", language=language)
        mira = hub.run(create_account, ask, actor=SYSTEM).account_id
    token = new_token("invitation")
    letter = Invite(account_id=mira, token_digest=digest_of(token).hex())
    hub.run(invite, letter, actor=_actor(hub, by) if by else SYSTEM)
    return token


def _account(hub: Hub, email: str) -> UUID | None:
    with hub.reading() as tx:
        return tx.value("SELECT id FROM kernel.accounts WHERE email = %(email)s", email=email)


def _actor(hub: Hub, email: str) -> Actor:
    account = _account(hub, email)
    assert account
    with hub.reading() as tx:
        actor = account_actor(tx, account)
    assert actor
    return actor


def accepts(browser: Browser, token: str, password: str = PASSWORD):
    page = f"/invitation/{token}"
    return browser.submit("/invitation", page=page, token=token, password=password)


def test_the_invited_sees_who_lets_whom_in_and_is_signed_in_with_the_password(
    browser: Browser, hub: Hub
) -> None:
    token = invited(hub)
    page = browser.get(f"/invitation/{token}").text
    assert "Ana Petrović lets you in at Charsu." in page
    assert ("Mira Jovanović" in page, EMAIL in page) == (True, True)
    assert "At least 12 characters." in page

    came_in = accepts(browser, token)
    assert (came_in.status_code, came_in.headers["location"]) == (303, "/overview")
    assert "session" in browser.client.cookies

    other = Browser(TestClient(browser.client.app, base_url="http://127.0.0.1:8000"))
    assert other.signs_in(email=EMAIL).status_code == 303


def test_an_invitation_by_whoever_runs_the_machine_names_nobody(browser: Browser, hub: Hub) -> None:
    page = browser.get(f"/invitation/{invited(hub, by=None)}").text
    assert "You are invited to Charsu." in page


def test_looking_uses_nothing_up_and_a_password_that_cannot_be_is_asked_for_again(
    browser: Browser, hub: Hub
) -> None:
    token = invited(hub)
    refused = accepts(browser, token, "abc")
    assert refused.status_code == 422
    assert "A password has 12 characters or more." in refused.text
    assert 'value="abc"' not in refused.text
    assert "session" not in browser.client.cookies
    assert accepts(browser, token).status_code == 303


def test_a_used_invitation_says_so_and_tells_no_name(browser: Browser, hub: Hub) -> None:
    token = invited(hub)
    accepts(browser, token)
    again = browser.get(f"/invitation/{token}")
    assert again.status_code == 410
    assert "This invitation was used" in again.text
    assert "Mira" not in again.text


def test_a_newer_invitation_replaces_the_one_before(browser: Browser, hub: Hub) -> None:
    first, second = invited(hub), invited(hub)
    assert browser.get(f"/invitation/{first}").status_code == 410
    assert browser.get(f"/invitation/{second}").status_code == 200


def test_an_expired_invitation_says_so(browser: Browser, hub: Hub) -> None:
    token = invited(hub)
    page = browser.get(f"/invitation/{token}").text
    hub.offset += timedelta(hours=73)
    late = browser.get(f"/invitation/{token}")
    assert (late.status_code, "This invitation has expired" in late.text) == (410, True)

    form = re.search(r'name="_csrf_token" value="([^"]+)"', page)
    assert form
    fields = {"_csrf_token": form[1], "token": token, "password": PASSWORD}
    sent = browser.client.post("/invitation", data=fields, follow_redirects=False)
    assert (sent.status_code, "session" in browser.client.cookies) == (410, False)


@pytest.mark.parametrize("token", ["hello", "charsu_invitation_" + "x" * 43])
def test_a_wrong_link_says_that_it_does_not_work(browser: Browser, token: str) -> None:
    wrong = browser.get(f"/invitation/{token}")
    assert wrong.status_code == 404
    assert "This invitation does not work" in wrong.text


def test_the_invitation_of_a_disabled_account_does_not_work(browser: Browser, hub: Hub) -> None:
    token = invited(hub)
    mira = _account(hub, EMAIL)
    assert mira
    hub.run(disable_account, ChooseAccount(account_id=mira), actor=SYSTEM)
    assert browser.get(f"/invitation/{token}").status_code == 404


def test_neither_token_nor_password_comes_into_the_log(browser: Browser, hub: Hub) -> None:
    token = invited(hub)
    with capture_logs() as told:
        accepts(browser, token, "abc")
        accepts(browser, token)
    assert told
    assert token not in str(told)
    assert PASSWORD not in str(told)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_invitation_speaks_the_language_of_the_account(
    browser: Browser, hub: Hub, language: str
) -> None:
    token, _ = invited(hub, language=language), translate(language)
    page = browser.get(f"/invitation/{token}", headers=HTML | {"Accept-Language": "de"}).text
    assert f'lang="{language}"' in page
    assert _("Choose your password") in page


def test_a_form_of_another_site_chooses_no_password(browser: Browser, hub: Hub) -> None:
    fields = {"token": invited(hub), "password": PASSWORD}
    assert browser.client.post("/invitation", data=fields).status_code == 403
