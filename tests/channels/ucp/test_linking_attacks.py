"""What somebody who means harm tries at the linking pages and endpoints, and does not get."""

import re
from typing import Any

import pytest

from charsu.channels.ucp import ADDRESS
from charsu.identity import RegisterPlatform, register_platform
from charsu.kernel import SYSTEM
from charsu.web.api.limits import PER_MINUTE
from tests.conformance.platform import AGENT

from .browser import BACK, ISSUER, SECRET, VERIFIER, Browser, shops, told
from .shopper import BUYER

pytestmark = pytest.mark.slow


def stored(browser: Browser) -> dict[str, int]:
    """How much there is of what an attacker would like to make or to fill."""
    with browser.market.hub.reading() as tx:
        return {
            name: tx.value(f"SELECT count(*) FROM {name}")
            for name in ("identity.links", "identity.link_tokens", "kernel.effects")
        }


def test_no_page_that_asks_her_can_be_put_into_another(browser: Browser) -> None:
    sign_in = browser.opens(browser.question())
    consent = browser.signs_in(browser.question())

    for shown in (sign_in, consent):
        policy = shown.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy and "script-src 'self'" in policy
        assert shown.headers["referrer-policy"] == "same-origin"
        assert shown.headers["cache-control"] == "no-store"
        assert shown.headers["cross-origin-opener-policy"] == "same-origin"


def test_the_way_back_tells_nobody_where_she_was(browser: Browser) -> None:
    asked = browser.signs_in(browser.question())

    answer = browser.sends("consent", asked, decision="agree")

    assert answer.status_code == 303, "a form is not sent on to the platform"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"


def test_cookies_are_for_these_pages_and_for_https(browser: Browser) -> None:
    query = browser.question()
    begun = browser.sends("sign-in", browser.opens(query), email="ana@example.org")

    cookies = [one for one in begun.headers.get_list("set-cookie") if one.startswith("link_")]

    assert len(cookies) == 2
    for one in cookies:
        assert "HttpOnly" in one and "Secure" in one and "Path=/oauth2" in one
        assert "SameSite=lax" in one


def test_cookies_are_for_https_behind_a_proxy_too(browser: Browser) -> None:
    browser.client.base_url = ISSUER.replace("https", "http")
    query = browser.question()

    begun = browser.sends("sign-in", browser.opens(query), email="ana@example.org")

    cookies = [one for one in begun.headers.get_list("set-cookie") if one.startswith("link_")]
    assert cookies and all("Secure" in one for one in cookies)


@pytest.mark.parametrize("path", ["sign-in", "code", "consent"])
def test_no_form_is_taken_from_another_page(browser: Browser, path: str) -> None:
    browser.signs_in(browser.question())
    fields = {"query": browser.question(), "decision": "agree", "email": "a@example.org"}

    for more in ({}, {"_csrf_token": "made up"}):
        answer = browser.client.post(f"/oauth2/{path}", data=fields | more, follow_redirects=False)
        assert answer.status_code == 403
    assert stored(browser)["identity.links"] == 0


@pytest.mark.parametrize(
    "query",
    [
        "//evil.example",
        "x\r\nSet-Cookie: link_customer=evil",
        "x\r\n\r\n<script>alert(1)</script>",
        "\u0416&@evil.example/",
    ],
)
def test_what_a_form_brings_along_leads_nowhere_else(browser: Browser, query: str) -> None:
    shown = browser.opens(browser.question())
    token = re.search(r'name="_csrf_token" value="([^"]*)"', shown.text)
    assert token

    answer = browser.client.post(
        "/oauth2/code",
        data={"_csrf_token": token[1], "query": query, "another": "yes"},
        follow_redirects=False,
    )

    location = answer.headers["location"]
    assert location.startswith("/oauth2/authorize?")
    assert location.isascii() and location.isprintable()
    assert "evil" not in " ".join(answer.headers.get_list("set-cookie"))


def test_what_is_shown_of_a_question_is_text(browser: Browser) -> None:
    bad = '"><script>alert(1)</script>'
    unknown = browser.opens(browser.question(client_id=bad), accept="text/html")
    asked = browser.opens(browser.question(state=bad), accept="text/html")

    assert (unknown.status_code, asked.status_code) == (404, 200)
    for shown in (unknown, asked):
        assert shown.headers["content-type"].startswith("text/html")
        assert "<script>alert" not in shown.text


def test_a_code_that_was_put_into_another_browser_is_worth_nothing(browser: Browser) -> None:
    """The attacker's platform began with a challenge of its own, and shows her code."""
    code = browser.agrees()["code"]

    stolen = browser.fetches(
        grant_type="authorization_code", code=code, redirect_uri=BACK, code_verifier="w" * 43
    )

    assert stolen.json()["error"] == "invalid_grant"
    assert browser.takes(code)["token_type"] == "Bearer", "and she is not locked out by it"


@pytest.mark.parametrize("decision", ["agree", "decline"])
def test_every_way_back_says_who_answers(browser: Browser, decision: str) -> None:
    asked = browser.signs_in(browser.question())

    assert told(browser.sends("consent", asked, decision=decision))["iss"] == ISSUER


def test_strangers_leave_nothing_behind(browser: Browser) -> None:
    before = stored(browser)

    for more in ({"client_secret": "guessed"}, {"client_id": "nobody"}, {"client_assertion": "x"}):
        said = {"grant_type": "refresh_token", "refresh_token": "x", "client_id": browser.name}
        for path in ("token", "revoke"):
            answer = browser.client.post(f"/oauth2/{path}", data=said | {"token": "x"} | more)
            assert answer.status_code == 401
    for _ in range(3):
        browser.opens(browser.question(scope="everything"))

    assert stored(browser) == before


def test_not_even_where_a_platform_can_keep_no_secret(browser: Browser) -> None:
    ask = RegisterPlatform(name="Native", profile_url=AGENT, redirects=(BACK,))
    native = browser.market.hub.run(register_platform, ask, actor=SYSTEM)
    said = {"client_id": str(native.linked_platform_id), "code_verifier": VERIFIER}
    before = stored(browser)

    for kind in ("authorization_code", "refresh_token"):
        more = {"grant_type": kind, "code": "x", "refresh_token": "x", "redirect_uri": BACK}
        answer = browser.client.post("/oauth2/token", data=said | more)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert browser.client.post("/oauth2/revoke", data=said | {"token": "x"}).status_code == 200

    assert stored(browser) == before


def test_nobody_is_asked_over_plain_http(browser: Browser) -> None:
    browser.market.set(ADDRESS, "http://shop.example")

    answer = browser.opens(browser.question())
    token = browser.fetches(grant_type="refresh_token", refresh_token="x")

    assert answer.status_code == 422
    assert (token.status_code, token.json()["error"]) == (400, "insecure_transport")


def test_neither_code_nor_token_nor_state_is_written_down(
    browser: Browser, capfd: pytest.CaptureFixture[str]
) -> None:
    capfd.readouterr()
    code = browser.agrees(state="a state of chance")["code"]
    tokens = browser.takes(code)
    shops(browser, tokens["access_token"]).wants("mug", buyer=BUYER)

    written = "".join(capfd.readouterr())

    assert "/oauth2/token" in written, "there is a line for each request"
    secrets = (code, *(tokens[name] for name in ("access_token", "refresh_token")), SECRET)
    for one in (*secrets, VERIFIER, "a state of chance", "a+state", "ana@example.org"):
        assert one not in written


def test_a_token_in_an_address_is_none(browser: Browser) -> None:
    tokens = browser.links()
    checkout = shops(browser, tokens["access_token"]).wants("mug", buyer=BUYER)
    path = f"/checkout-sessions/{checkout['id']}?access_token={tokens['access_token']}"

    assert shops(browser, None).asks("GET", path).status_code == 401


def signed_in(browser: Browser) -> list[Any]:
    with browser.market.hub.reading() as tx:
        return [
            row.is_open
            for row in tx.all(
                "SELECT ended_at IS NULL AS is_open FROM identity.sessions ORDER BY made_at"
            )
        ]


def test_she_sees_who_she_is_and_who_is_not_she_comes_in_anew(browser: Browser) -> None:
    query = browser.question()
    asked = browser.signs_in(query)

    left = browser.sends("code", asked, another="yes")
    after = browser.opens(query)

    assert "ana@example.org" in asked.text
    assert left.status_code == 303 and signed_in(browser) == [False]
    assert 'name="email"' in after.text and "ana@example.org" not in after.text


def test_requests_are_counted_by_where_they_come_from(browser: Browser) -> None:

    browser.market.set(PER_MINUTE, 5)
    said = {"grant_type": "refresh_token", "client_id": browser.name}

    answers = [
        browser.client.post("/oauth2/token", data=said | {"client_secret": f"guess {one}"})
        for one in range(8)
    ]

    assert 429 in {one.status_code for one in answers}
