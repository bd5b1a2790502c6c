"""The live overview as people use it, in Chromium."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from charsu.web import OverviewAsk, OverviewView

from .bazaar import ARRIVED, busy_day, first_morning
from .site import Served, Shop, serve

pytestmark = pytest.mark.browser

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
CONTRAST = (Path(__file__).parent / "contrast.js").read_text()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def served() -> Iterator[Served]:
    with serve(Shop()) as site:
        yield site


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, served: Served) -> Page:
    """The overview, live."""
    page = context.new_page()
    page.goto(f"{served.address}/overview")
    expect(page.locator("#board")).to_have_attribute("data-live", "on")
    return page


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("path", ["/overview", "/sign-in", "/welcome", "/invitation", "/trouble"])
def test_a_page_is_whole_and_readable(
    chromium: Browser, served: Served, path: str, size: str, theme: str
) -> None:
    width, height = SIZES[size]
    context = chromium.new_context(
        viewport={"width": width, "height": height}, color_scheme=theme, reduced_motion="reduce"
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(served.address + path)
    if path == "/overview":
        expect(page.locator("#sales-chart canvas")).to_be_visible()

    assert page.locator("html").get_attribute("data-bs-theme") == theme
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(CONTRAST) == []
    assert [text for text in complaints if path != "/trouble" or "404" not in text] == []
    context.close()


def test_a_text_too_pale_would_be_found(page: Page) -> None:
    page.locator("h1").evaluate("title => title.style.color = '#999'")
    assert [text for text in page.evaluate(CONTRAST) if text.endswith("Overview")]


def test_what_happens_appears_by_itself_and_leaves_the_reader_where_she_is(
    page: Page, served: Served
) -> None:
    page.locator("select[name=channel]").focus()
    served.shop.show(first_morning)
    expect(page.get_by_text("Nobody is waiting")).to_be_visible()
    served.shop.show(busy_day)
    expect(page.get_by_text("Order 10633")).to_be_visible()
    expect(page.locator("#sales-chart canvas")).to_be_visible()
    expect(page.locator("select[name=channel]")).to_be_focused()


def test_a_fact_that_has_just_arrived_stands_out(page: Page, served: Served) -> None:
    expect(page.locator("#facts li")).to_have_count(len(ARRIVED))
    expect(page.locator(".fact-new")).to_have_count(0)
    served.shop.show(one_more_order)
    expect(page.locator(".fact-new")).to_have_text(re.compile("Order 10634"))


def one_more_order(ask: OverviewAsk) -> OverviewView:
    order = msgspec.structs.replace(ARRIVED[0], id=UUID(int=1), subject="Order 10634")
    return msgspec.structs.replace(busy_day(ask), facts=(order, *ARRIVED))


def test_a_lost_connection_is_said_with_the_time_of_what_is_shown(
    page: Page, served: Served
) -> None:
    expect(page.locator("#lost")).to_be_hidden()
    served.stop()
    expect(page.locator("#lost")).to_contain_text("Connection lost. Shown as of 1:03:05")
    expect(page.locator("#board")).to_have_attribute("data-live", "lost")


def test_a_choice_of_the_filter_changes_the_board_its_address_and_its_stream(
    page: Page, served: Served
) -> None:
    with page.expect_request("**/overview/stream?period=30d&*"):
        page.get_by_role("radio", name="30 days").check()
    expect(page.locator("#board")).to_have_attribute("data-live", "on")
    expect(page.get_by_role("radio", name="30 days")).to_be_checked()
    expect(page.locator("#sales-chart canvas")).to_be_visible()
    assert "period=30d" in page.url
    assert served.shop.asked[-1].period == "30d"


def test_the_theme_is_chosen_by_keyboard_and_kept(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.locator(".account").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("radio", name="Dark")).to_be_visible()
    page.get_by_role("radio", name="Auto").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(page.locator("body")).to_have_css("background-color", "rgb(13, 20, 19)")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


@pytest.mark.parametrize("size", SIZES)
def test_the_menu_stays_in_sight_however_far_one_scrolls(
    chromium: Browser, served: Served, size: str
) -> None:
    width, height = SIZES[size]
    context = chromium.new_context(viewport={"width": width, "height": height // 2})
    page = context.new_page()
    page.goto(f"{served.address}/overview")

    top = page.evaluate(
        "() => { scrollTo({top: 1e6, behavior: 'instant'});"
        " return [scrollY, document.querySelector('.side').getBoundingClientRect().top]; }"
    )

    assert top[0] > 300
    assert top[1] == 0
    context.close()


@pytest.mark.parametrize("path", ["/overview", "/sign-in", "/trouble"])
def test_without_a_script_the_system_decides_between_light_and_dark(
    chromium: Browser, served: Served, path: str
) -> None:
    papers = {}
    for theme in ("light", "dark"):
        context = chromium.new_context(color_scheme=theme, java_script_enabled=False)
        page = context.new_page()
        page.goto(f"{served.address}{path}")
        papers[theme] = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert page.evaluate(CONTRAST) == []
        page.emulate_media(media="print")
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert paper == "rgb(255, 255, 255)"
        assert page.evaluate("getComputedStyle(document.body).color") == "rgb(27, 37, 35)"
        context.close()

    assert papers == {"light": "rgb(246, 244, 239)", "dark": "rgb(13, 20, 19)"}


@pytest.mark.parametrize("chosen", ["light", "dark"])
def test_what_was_chosen_holds_against_the_system_without_a_script(
    chromium: Browser, served: Served, chosen: str
) -> None:
    other = {"light": "dark", "dark": "light"}[chosen]
    context = chromium.new_context(color_scheme=other, java_script_enabled=False)
    context.add_cookies([{"name": "theme", "value": chosen, "url": served.address}])
    page = context.new_page()
    page.goto(f"{served.address}/sign-in")

    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == {"light": "rgb(246, 244, 239)", "dark": "rgb(13, 20, 19)"}[chosen]
    context.close()


def test_the_language_is_chosen_in_the_menu(page: Page) -> None:
    page.locator(".account").click()
    page.get_by_role("button", name="Polski").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Przegląd")
    expect(page.locator("html")).to_have_attribute("lang", "pl")


def test_the_menu_closes_by_escape_and_by_a_click_elsewhere(page: Page) -> None:
    page.locator(".account").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    expect(page.locator(".account")).to_be_focused()
    page.locator(".account").click()
    page.get_by_role("heading", level=1).click()
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()


def test_the_menus_open_before_any_script_has_come(chromium: Browser, served: Served) -> None:
    phone = {"width": 390, "height": 844}
    context = chromium.new_context(viewport=phone, java_script_enabled=False, locale="en-US")
    page = context.new_page()
    page.goto(f"{served.address}/overview")
    expect(page.get_by_role("link", name="API reference")).to_be_hidden()
    page.locator(".side-toggle").click()
    expect(page.get_by_role("link", name="API reference")).to_be_visible()
    page.locator(".account").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    context.close()


def test_the_chart_can_be_read_as_a_table(page: Page) -> None:
    table = page.get_by_role("table", name="Sales over time")
    assert table.get_by_role("row").count() == 1 + len(busy_day().sales[0].points)


def test_a_page_is_live_again_after_the_server_was_started_anew(page: Page, served: Served) -> None:
    served.stop()
    expect(page.locator("#board")).to_have_attribute("data-live", "lost")

    with serve(Shop(first_morning), served.port):
        expect(page.locator("#board")).to_have_attribute("data-live", "on", timeout=20_000)
        expect(page.locator("#waiting")).to_contain_text("Nobody is waiting")
        expect(page.locator("#lost")).to_be_hidden()


def test_a_page_that_stays_open_for_long_does_not_grow(page: Page, served: Served) -> None:
    def nodes() -> int:
        return int(page.evaluate("document.querySelectorAll('*').length"))

    def after(orders: int) -> None:
        newest = msgspec.structs.replace(ARRIVED[0], id=UUID(int=10_000 + orders))
        facts = (newest, *ARRIVED[1:])
        served.shop.show(
            lambda ask: msgspec.structs.replace(busy_day(ask), facts=facts, exception_count=orders)
        )
        expect(page.locator(f"#fact-{newest.id}")).to_be_attached()

    after(100)
    before = nodes()
    for orders in range(101, 131):
        after(orders)
    assert nodes() == before


@pytest.mark.parametrize("language", ["en", "sr-Latn", "sr-Cyrl", "pl", "az"])
def test_the_figures_of_a_row_stand_on_one_line_however_long_their_labels_are(
    page: Page, language: str
) -> None:
    page.context.add_cookies([{"name": "language", "value": language, "url": page.url}])
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    tops = [box.bounding_box() for box in page.locator(".figure-number").all()]
    heights = [box["y"] for box in tops if box]
    assert heights[0] == heights[1] and heights[2] == heights[3]


def test_a_password_shows_how_strong_its_length_makes_it(page: Page, served: Served) -> None:
    page.goto(f"{served.address}/invitation")
    strength, word = page.locator(".strength"), page.locator("#password-strength")
    for letters, level, said in ((1, 1, "Too short"), (12, 2, "Long enough"), (20, 4, "Very good")):
        page.locator("#password").fill("x" * letters)
        expect(strength).to_have_attribute("data-level", str(level))
        expect(word).to_have_text(said)


def test_a_password_can_be_looked_at_before_it_is_sent(page: Page, served: Served) -> None:
    page.goto(f"{served.address}/invitation")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#password")).to_have_attribute("type", "text")
    page.get_by_role("button", name="Hide").click()
    expect(page.locator("#password")).to_have_attribute("type", "password")
