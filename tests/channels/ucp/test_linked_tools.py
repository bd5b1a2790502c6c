"""A linked platform acts for a customer over MCP as it does over HTTP."""

from typing import Any
from uuid import uuid4

from tests.conformance.platform import AGENT

from .browser import BACK, CHECKOUT, ISSUER, ORDERS, SECRET, VERIFIER, Browser, shops
from .shopper import BUYER, PAID

MCP = "/ucp/2026-04-08/mcp"
ABOUT = f'resource_metadata="{ISSUER}/.well-known/oauth-protected-resource"'


def calls(browser: Browser, token: str | None, tool: str, **arguments: Any) -> Any:
    meta = {"ucp-agent": {"profile": AGENT}, "idempotency-key": str(uuid4())}
    params = {"name": tool, "arguments": {"meta": meta, **arguments}}
    message = {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params}
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    return browser.client.post(MCP, json=message, headers=headers)


def shown(browser: Browser, token: str | None, tool: str, **arguments: Any) -> dict[str, Any]:
    answer = calls(browser, token, tool, **arguments)
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["result"]["structuredContent"])


def wanted(browser: Browser) -> dict[str, Any]:
    platform = shops(browser, None)
    return platform.body("mug", buyer=BUYER, fulfillment=platform.ships())


def test_what_it_buys_by_tools_is_hers(browser: Browser) -> None:
    token = browser.links()["access_token"]

    checkout = shown(browser, token, "create_checkout", checkout=wanted(browser))
    done = shown(browser, token, "complete_checkout", id=checkout["id"], checkout=PAID)

    assert done["status"] == "completed"
    with browser.market.hub.reading() as tx:
        owners = tx.all(
            "SELECT i.value_key FROM orders.orders o JOIN customers.identifiers i"
            " ON i.customer_id = o.customer_id"
        )
    assert [row.value_key for row in owners] == ["ana@example.org"]


def test_without_her_token_a_tool_tells_where_there_is_one(browser: Browser) -> None:
    token = browser.links()["access_token"]
    name = shown(browser, token, "create_checkout", checkout=wanted(browser))["id"]

    without = calls(browser, None, "get_checkout", id=name)
    broken = calls(browser, "made up", "get_checkout", id=name)

    assert (without.status_code, broken.status_code) == (401, 401)
    assert without.json()["error"]["data"]["code"] == "identity_required"
    assert without.headers["www-authenticate"] == f'Bearer realm="{ISSUER}", {ABOUT}'
    invalid = f'Bearer realm="{ISSUER}", error="invalid_token", {ABOUT}'
    assert broken.headers["www-authenticate"] == invalid


def test_a_tool_does_what_she_allowed_only(browser: Browser) -> None:
    code = browser.agrees(scope=ORDERS)["code"]
    token = browser.fetches(
        grant_type="authorization_code", code=code, redirect_uri=BACK, code_verifier=VERIFIER
    ).json()["access_token"]

    refused = calls(browser, token, "create_checkout", checkout=wanted(browser))

    assert refused.status_code == 403
    assert refused.json()["error"]["data"]["code"] == "insufficient_scope"
    told = f'Bearer realm="{ISSUER}", error="insufficient_scope", scope="{CHECKOUT}", {ABOUT}'
    assert refused.headers["www-authenticate"] == told


def test_a_token_that_was_given_back_opens_no_tool(browser: Browser) -> None:
    tokens = browser.links()
    name = shown(browser, tokens["access_token"], "create_checkout", checkout=wanted(browser))["id"]
    said = {"token": tokens["refresh_token"], "client_id": browser.name, "client_secret": SECRET}
    assert browser.client.post("/oauth2/revoke", data=said).status_code == 200

    after = calls(browser, tokens["access_token"], "complete_checkout", id=name, checkout=PAID)

    assert after.status_code == 401


def test_what_is_wrong_otherwise_asks_for_no_token(browser: Browser) -> None:
    answer = calls(browser, None, "create_checkout", checkout={"line_items": []})

    assert answer.status_code == 400 and "www-authenticate" not in answer.headers
