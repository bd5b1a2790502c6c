"""What needs a hand, as people see to it, in Chromium."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from charsu.kernel import Hub
from charsu.kernel.access import first_admin
from tests.shop import Shop

from .test_overview_in_browser import CHROMIUM, CONTRAST, QUIET
from .test_shop_in_browser import EMAIL, PASSWORD, served_at
from .troubled import troubled

pytestmark = pytest.mark.browser

SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
NAMELESS = """
[...document.querySelectorAll("main a, main button, main input:not([type=hidden]), main select,"
                              + "main summary")]
  .filter((one) => !(one.textContent || one.labels?.[0]?.textContent || one.ariaLabel || "").trim())
  .map((one) => one.outerHTML)
"""
TWICE = """
[...document.querySelectorAll("[id]")].map((one) => one.id)
  .filter((id, at, all) => all.indexOf(id) !== at)
"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def shop(hub: Hub) -> Shop:
    first_admin(hub, email=EMAIL, name="Ana", password=PASSWORD)
    return troubled(Shop(hub))


@pytest.fixture
def address(shop: Shop) -> Iterator[str]:
    with served_at(shop.hub) as address:
        yield address


def signed_in(browser: Browser, address: str, **more: object) -> Page:
    context = browser.new_context(reduced_motion="reduce", **more)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{address}/sign-in?next=/hands")
    page.locator("input[name=email]").fill(EMAIL)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("form[action='/sign-in'] button.btn-primary").click()
    expect(page.locator("#hands")).to_be_visible()
    return page


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_the_page_is_whole_and_readable_also_with_a_way_open(
    chromium: Browser, address: str, size: str, theme: str
) -> None:
    width, height = SIZES[size]
    viewport = {"width": width, "height": height}
    page = signed_in(chromium, address, viewport=viewport, color_scheme=theme, locale="en-US")
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.reload()
    page.locator("summary", has_text="Cancel it").first.click()

    assert page.locator("html").get_attribute("data-bs-theme") == theme
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(CONTRAST) == []
    assert page.evaluate(NAMELESS) == []
    page.locator("main summary").first.evaluate("way => way.textContent = ''")
    assert len(page.evaluate(NAMELESS)) == 1  # it would be found
    assert page.evaluate(TWICE) == []
    assert complaints == []
    page.context.close()


@pytest.mark.parametrize("language", ["en-US", "sr-Latn", "sr-Cyrl", "pl-PL", "az-AZ"])
def test_no_language_breaks_the_page(chromium: Browser, address: str, language: str) -> None:
    for width in (390, 1280):
        viewport = {"width": width, "height": 900}
        page = signed_in(chromium, address, viewport=viewport, locale=language)
        assert page.evaluate("document.documentElement.scrollWidth") == width
        page.context.close()


def test_somebody_takes_a_case_and_cancels_another_by_keyboard_alone(
    chromium: Browser, address: str
) -> None:
    page = signed_in(chromium, address, locale="en-US")
    before = page.locator(".case").count()
    page.locator("summary", has_text="I see to it").first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Yes: I see to it").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("It is yours now.")
    expect(page.locator(".tag-mine")).to_have_count(1)

    page.locator("summary", has_text="Cancel it").first.click()
    page.get_by_role("button", name="Yes: Cancel it").click()
    expect(page.get_by_role("status")).to_contain_text("It was canceled")
    expect(page.locator(".case")).to_have_count(before - 1)
    page.reload()
    expect(page.locator(".case")).to_have_count(before - 1)
    page.context.close()


def test_a_choice_of_the_filter_shows_what_was_asked_for(chromium: Browser, address: str) -> None:
    page = signed_in(chromium, address, locale="en-US")
    page.get_by_role("radio", name="Mine").check()
    expect(page.get_by_text("Nothing here")).to_be_visible()
    assert "whose=mine" in page.url
    page.get_by_role("radio", name="Everything").check()
    expect(page.locator(".case").first).to_be_visible()
    page.context.close()
