"""A customer lets a platform act for her on our page, and its checkout is hers."""

import time
from uuid import UUID

import pytest

from charsu.channels.ucp.door.meeting import LOOK_SECONDS
from charsu.channels.ucp.reactions import WORDING, keep_consents
from charsu.customers import SetConsent, set_consent
from charsu.identity import (
    DisablePlatform,
    disable_platform,
)
from charsu.kernel import SYSTEM, Hub
from charsu.kernel.log import deliver
from tests.identity.driver import work

from .browser import BACK, CART, CHECKOUT, ISSUER, ORDERS, SECRET, VERIFIER, Browser, shops, told
from .shopper import BUYER, PAID

pytestmark = pytest.mark.slow


def test_a_linked_platforms_order_is_the_customers(browser: Browser) -> None:
    tokens = browser.links()
    platform = shops(browser, tokens["access_token"])

    checkout = platform.wants("mug", buyer=BUYER, fulfillment=platform.ships())
    done = platform.asks("POST", f"/checkout-sessions/{checkout['id']}/complete", PAID).json()

    assert done["status"] == "completed", done
    with browser.market.hub.reading() as tx:
        owners = tx.all(
            "SELECT i.value_key FROM orders.orders o JOIN customers.identifiers i"
            " ON i.customer_id = o.customer_id"
        )
    assert [row.value_key for row in owners] == ["ana@example.org"]
    assert tokens["token_type"] == "Bearer" and set(tokens["scope"].split()) == {ORDERS, CHECKOUT}


def _consents(hub: Hub) -> list[tuple[str, str, bool]]:
    with hub.reading() as tx:
        found = tx.all(
            "SELECT purpose, source, is_granted FROM customers.consents ORDER BY purpose"
        )
    return [tuple(row) for row in found]


def _buys(browser: Browser, token: str | None, **consent: bool) -> None:
    platform = shops(browser, token)
    buyer = BUYER | {"consent": consent}
    checkout = platform.wants("mug", buyer=buyer, fulfillment=platform.ships())
    done = platform.asks("POST", f"/checkout-sessions/{checkout['id']}/complete", PAID).json()
    assert done["status"] == "completed", done


def _catches_up(hub: Hub) -> None:
    with hub.writing("test") as tx:
        while deliver(tx, keep_consents):
            pass


def test_what_she_said_of_her_data_is_kept_with_her(browser: Browser) -> None:
    hub = browser.market.hub
    _buys(browser, browser.links()["access_token"], marketing=True, sale_of_data=False)

    _catches_up(hub)
    _catches_up(hub)

    assert _consents(hub) == [("marketing", "agent", True), ("sharing", "agent", False)]


def test_what_she_said_since_is_not_undone_by_what_she_said_before(browser: Browser) -> None:
    hub = browser.market.hub
    _buys(browser, browser.links()["access_token"], marketing=True)
    with hub.reading() as tx:
        her = tx.value("SELECT customer_id FROM orders.orders")
    said = {"channel": "any", "is_granted": False, "source": "till", "wording": "v1"}
    ask = SetConsent(customer_id=her, purpose="marketing", **said)
    hub.run(set_consent, ask, actor=SYSTEM)

    _catches_up(hub)

    assert _consents(hub) == [("marketing", "till", False)]


def test_a_guests_word_is_nobodys_until_she_proves_her_address(browser: Browser) -> None:
    hub = browser.market.hub
    _buys(browser, None, marketing=True, sale_of_data=False)
    with hub.reading() as tx:
        said_at = tx.value("SELECT at FROM kernel.facts WHERE name ~ 'ucp_session_completed'")

    browser.signs_in(browser.question(), email="mila@example.org")
    work(hub)
    assert _consents(hub) == []
    for letter in browser.outbox.glob("*.json"):
        letter.unlink()

    browser.client.cookies.clear()
    browser.signs_in(browser.question())
    work(hub)
    assert _consents(hub) == [("marketing", "agent", True), ("sharing", "agent", False)]
    with hub.reading() as tx:
        rows = tx.all("SELECT DISTINCT said_at, wording FROM customers.consents")
    assert [tuple(row) for row in rows] == [(said_at, WORDING)]


def test_what_is_hers_is_touched_with_her_token_only(browser: Browser) -> None:
    tokens = browser.links()
    checkout = shops(browser, tokens["access_token"]).wants("mug", buyer=BUYER)
    path = f"/checkout-sessions/{checkout['id']}"

    without = shops(browser, None).asks("GET", path)
    broken = shops(browser, "made up").asks("GET", path)
    revoked = browser.client.post(
        "/oauth2/revoke",
        data={"token": tokens["refresh_token"]},
        auth=(browser.name, SECRET),
    )
    after = shops(browser, tokens["access_token"]).asks("GET", path)

    assert without.status_code == 401 and without.json()["code"] == "identity_required"
    about = f'resource_metadata="{ISSUER}/.well-known/oauth-protected-resource"'
    assert without.headers["www-authenticate"] == f'Bearer realm="{ISSUER}", {about}'
    assert without.json()["messages"][0]["severity"] == "requires_buyer_review"
    assert broken.status_code == 401
    invalid = f'Bearer realm="{ISSUER}", error="invalid_token", {about}'
    assert broken.headers["www-authenticate"] == invalid
    assert revoked.status_code == 200 and after.status_code == 401


def test_a_platform_does_what_it_was_allowed_only(browser: Browser) -> None:
    code = browser.agrees(scope=ORDERS)["code"]
    tokens = browser.fetches(
        grant_type="authorization_code", code=code, redirect_uri=BACK, code_verifier=VERIFIER
    ).json()
    wider = browser.fetches(
        grant_type="refresh_token", refresh_token=tokens["refresh_token"], scope=CHECKOUT
    )
    platform = shops(browser, tokens["access_token"])
    refused = platform.asks("POST", "/checkout-sessions", platform.body("mug"))

    assert wider.status_code == 400 and wider.json()["error"] == "invalid_scope"
    assert refused.status_code == 403 and refused.json()["code"] == "insufficient_scope"
    assert f'scope="{CHECKOUT}"' in refused.headers["www-authenticate"]


def test_the_profile_tells_of_linking_while_there_is_a_platform(browser: Browser) -> None:
    def declared() -> bool:
        time.sleep(LOOK_SECONDS)
        about = browser.client.get("/.well-known/ucp").json()["ucp"]["capabilities"]
        return "dev.ucp.common.identity_linking" in about

    assert declared()
    ask = DisablePlatform(linked_platform_id=UUID(browser.name))
    browser.market.hub.run(disable_platform, ask, actor=SYSTEM)
    assert not declared()


def test_the_metadata_says_what_there_is(browser: Browser) -> None:
    about = browser.client.get("/.well-known/oauth-authorization-server").json()

    assert about["issuer"] == ISSUER
    assert about["code_challenge_methods_supported"] == ["S256"]
    assert set(about["scopes_supported"]) == {CART, ORDERS, CHECKOUT}
    assert about["authorization_response_iss_parameter_supported"] is True


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "00000000-0000-0000-0000-000000000000"},
        {"client_id": "nobody"},
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": None},
        {"redirect_uri": f"{BACK}/../evil"},
    ],
)
def test_nobody_is_sent_to_where_no_platform_is(
    browser: Browser, wrong: dict[str, str | None]
) -> None:
    answer = browser.opens(browser.question(**wrong))

    assert answer.status_code == 404 and "location" not in answer.headers


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"scope": "everything"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
    ],
)
def test_a_wrong_question_goes_back_with_its_error(
    browser: Browser, wrong: dict[str, str | None], error: str
) -> None:
    answer = told(browser.opens(browser.question(**wrong)))

    assert answer == {"error": error, "state": "xyz", "iss": ISSUER}


def test_she_is_told_who_asks_for_what_and_may_decline(browser: Browser) -> None:
    asked = browser.signs_in(browser.question())
    declined = told(browser.sends("consent", asked, decision="decline"))

    assert "Agent &lt;of&gt; all" in asked.text and "agent.example" in asked.text
    assert "buy in your name" in asked.text
    assert "form-action 'self' https://agent.example;" in asked.headers["content-security-policy"]
    assert declined == {"error": "access_denied", "state": "xyz", "iss": ISSUER}


def test_the_answer_says_who_gives_it(browser: Browser) -> None:
    answer = browser.agrees()

    assert answer["iss"] == ISSUER and answer["state"] == "xyz" and len(answer["code"]) == 43


def test_no_other_page_agrees_for_her(browser: Browser) -> None:
    browser.signs_in(browser.question())
    fields = {"query": browser.question(), "decision": "agree"}

    forged = browser.client.post("/oauth2/consent", data=fields, follow_redirects=False)

    assert forged.status_code == 403
    with browser.market.hub.reading() as tx:
        assert tx.value("SELECT count(*) FROM identity.links") == 0


def test_a_wrong_code_lets_nobody_in(browser: Browser) -> None:
    query = browser.question()
    browser.sends("sign-in", browser.opens(query), email="ana@example.org")

    answer = browser.sends("code", browser.opens(query), code="nothing")

    assert answer.status_code == 422 and "This is not the code" in answer.text


def test_a_disabled_platform_is_out_at_once(browser: Browser) -> None:
    tokens = browser.links()
    ask = DisablePlatform(linked_platform_id=UUID(browser.name))
    browser.market.hub.run(disable_platform, ask, actor=SYSTEM)

    answer = shops(browser, tokens["access_token"]).asks("GET", "/carts/any")

    assert answer.status_code == 401
    again = browser.fetches(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert again.status_code == 401 and again.json()["error"] == "invalid_client"
    assert browser.opens(browser.question()).status_code == 404


def test_what_is_refused_names_what_tells_where_tokens_come_from(browser: Browser) -> None:
    about = browser.client.get("/.well-known/oauth-protected-resource").json()

    assert (about["resource"], about["authorization_servers"]) == (ISSUER, [ISSUER])
    assert set(about["scopes_supported"]) == {CART, ORDERS, CHECKOUT}
