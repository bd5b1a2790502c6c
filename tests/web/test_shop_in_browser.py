"""The real site on a real shop, in Chromium: somebody signs in and sees an order arrive."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from charsu.kernel import SYSTEM, Hub
from charsu.kernel.access import IssueKey, KeyRole, digest_of, first_admin, issue_key, new_token
from charsu.web.serving import web_server
from charsu.web.site import build_app
from tests.shop import Shop

from .test_overview_in_browser import CHROMIUM, QUIET

pytestmark = pytest.mark.browser

EMAIL, PASSWORD = "ana@shop.example", "grapes on the balcony"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def shop(hub: Hub) -> Shop:
    shop = Shop(hub)
    shop.has("mug", 8, at="belgrade")
    shop.costs("mug", 1200)
    first_admin(hub, email=EMAIL, name="Ana", password=PASSWORD)
    return shop


@pytest.fixture
def address(shop: Shop) -> Iterator[str]:
    with served_at(shop.hub) as address:
        yield address


@contextmanager
def served_at(hub: Hub) -> Iterator[str]:
    """The whole site over HTTP, and where."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        server = web_server(build_app(hub), host="127.0.0.1", port=port)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        yield f"http://127.0.0.1:{port}"
        server.should_exit = True
        thread.join()


def till(hub: Hub) -> dict[str, str]:
    """The headers of a program that sells."""
    secret = new_token("key")
    ask = IssueKey(label="till", digest=digest_of(secret).hex(), roles=(KeyRole(role="cashier"),))
    hub.run(issue_key, ask, actor=SYSTEM)
    return {"Authorization": f"Bearer {secret}"}


def test_an_order_over_the_api_arrives_on_the_open_page(
    chromium: Browser, shop: Shop, address: str
) -> None:
    page = chromium.new_page(locale="en-US")
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address)
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#board")).to_have_attribute("data-live", "on")
    expect(page.get_by_text("No sales in this period")).to_be_visible()

    line = {"variant_id": str(shop.variants["mug"]), "quantity": 2}
    order = {"channel_id": str(shop.channels["web"]), "country": "RS", "lines": [line]}
    placed = httpx.post(f"{address}/v1/orders", json=order, headers=till(shop.hub))
    assert placed.status_code == 201, placed.text

    expect(page.locator("#facts")).to_contain_text("Order placed")
    expect(page.locator("#sales")).to_contain_text("€24.00")
    expect(page.locator("#channels")).to_contain_text("web")
    assert complaints == []
    page.close()


def test_after_signing_out_the_page_is_gone(chromium: Browser, shop: Shop, address: str) -> None:
    page = chromium.new_page(locale="en-US")
    page.goto(f"{address}/overview?period=7d")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{address}/overview?period=7d")

    page.get_by_text("Ana", exact=True).click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(f"{address}/sign-in")
    page.goto(f"{address}/overview")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    page.close()
