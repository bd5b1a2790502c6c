"""The live overview without a browser: what is drawn, for whom, and what the stream says."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import msgspec
import pytest
from babel import Locale
from litestar.testing import TestClient

from charsu.kernel import Money
from charsu.web import CurrencySales, OverviewAsk, OverviewView, Period, SalesPoint
from charsu.web.charts import share, sparkline
from charsu.web.formats import Formats

from .bazaar import ARRIVED, KNEZ, NOW, WEB, busy_day, first_morning
from .site import Shop, serve, site


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def browser(shop: Shop) -> Iterator[TestClient]:
    with TestClient(site(shop)) as client:
        yield client


def text_of(html: str) -> str:
    """What stands on the page, without tags, in one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_the_page_shows_each_currency_by_itself(browser: TestClient) -> None:
    shown = text_of(browser.get("/overview").text)
    for sales in busy_day().sales:
        assert text_of(Formats(Locale("en"), ZoneInfo("UTC")).money(sales.total)) in shown


def test_a_store_stands_under_its_currency_with_its_share_of_all_sales(
    browser: TestClient,
) -> None:
    page = browser.get("/overview").text
    card = page.partition('id="stores"')[2].partition("</section>")[0]
    shown = text_of(card)
    assert "Serbian Dinar 3 of 4 Knez Mihailova" in shown
    assert "Polish Zloty Nowy Świat" in shown
    [first, *_] = re.findall(r'bar-full" width="(\d+)"', card)
    assert int(first) == share(28_916_500, of=busy_day().sales[0].total.minor)


def test_somebody_not_signed_in_is_sent_to_the_sign_in_and_back(
    browser: TestClient, shop: Shop
) -> None:
    shop.viewer = None
    sent = browser.get("/overview?period=7d", follow_redirects=False)
    assert sent.status_code == 303
    assert sent.headers["location"] == "/sign-in?next=%2Foverview%3Fperiod%3D7d"
    assert 'name="next" value="/overview?period=7d"' in browser.get(sent.headers["location"]).text


def test_a_part_for_somebody_not_signed_in_sends_the_whole_page_away(
    browser: TestClient, shop: Shop
) -> None:
    shop.viewer = None
    answer = browser.get("/overview", headers={"HX-Request": "true"})
    assert answer.headers["hx-redirect"].startswith("/sign-in?")
    assert answer.text == ""


def test_the_stream_says_nothing_to_somebody_not_signed_in(browser: TestClient, shop: Shop) -> None:
    shop.viewer = None
    answer = browser.get("/overview/stream")
    assert (answer.status_code, answer.text) == (401, "")


def test_the_filter_asks_for_what_was_chosen(browser: TestClient, shop: Shop) -> None:
    browser.get(f"/overview?period=30d&channel={WEB}&location={KNEZ}")
    browser.get("/overview?channel=&location=")
    assert shop.asked == [
        OverviewAsk(period=Period.MONTH, channel_id=WEB, location_id=KNEZ),
        OverviewAsk(),
    ]


@pytest.mark.parametrize("query", ["period=century", "channel=web", "location=1", "period="])
def test_a_broken_address_leads_to_the_whole_business(
    browser: TestClient, shop: Shop, query: str
) -> None:
    assert browser.get(f"/overview?{query}").status_code == 200
    assert shop.asked == [OverviewAsk()]


def test_what_a_channel_cannot_narrow_says_that_it_is_of_all(
    browser: TestClient, shop: Shop
) -> None:
    said = "Of all channels: they share the shelves of a location."
    assert said not in browser.get("/overview").text
    narrowed = browser.get(f"/overview?channel={WEB}").text
    assert said in narrowed
    assert "Of all channels: an exception belongs to a location." in narrowed
    assert narrowed.count('dot-between">all channels<') == 2  # below the figures of both


def test_one_channel_is_not_compared_with_itself(browser: TestClient, shop: Shop) -> None:
    hidden = re.compile(r'<section[^>]+id="channels"[^>]+hidden')
    assert not hidden.search(browser.get("/overview").text)
    assert hidden.search(browser.get(f"/overview?channel={WEB}").text)


def test_growth_says_against_what(browser: TestClient) -> None:
    assert "than yesterday by this time" in text_of(browser.get("/overview?period=today").text)
    assert "than the 30 days before" in text_of(browser.get("/overview?period=30d").text)


def test_htmx_gets_the_same_board_without_the_shell(browser: TestClient) -> None:
    whole = browser.get("/overview").text
    part = browser.get("/overview", headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith('<div id="board"')
    assert part.strip() in whole


def test_a_new_shop_says_what_will_stand_in_each_place(browser: TestClient, shop: Shop) -> None:
    shop.answer = first_morning
    shown = text_of(browser.get("/overview").text)
    for sentence in ("No sales in this period", "Nobody is waiting", "Nothing to mend"):
        assert sentence in shown
    assert "Nothing in stock yet" in shown
    assert "Everything can be sold" not in shown
    assert "First steps" in shown
    assert "charsu import products" in shown
    shop.answer = busy_day
    assert "First steps" not in browser.get("/overview").text


@pytest.mark.parametrize("language", ["en", "sr-Latn", "sr-Cyrl", "pl", "az"])
@pytest.mark.parametrize("path", ["/overview", "/sign-in", "/welcome", "/trouble"])
def test_every_page_is_drawn_in_every_language(
    browser: TestClient, path: str, language: str
) -> None:
    browser.cookies["language"] = language
    assert f'<html lang="{language}"' in browser.get(path).text


def test_names_from_outside_are_text_and_never_markup(browser: TestClient, shop: Shop) -> None:
    hostile = "<script>alert(1)</script>{0}"
    shop.answer = lambda ask: msgspec.structs.replace(
        busy_day(ask),
        business=hostile,
        facts=(msgspec.structs.replace(ARRIVED[0], subject=hostile, name="x.<i>", place=hostile),),
    )
    page = browser.get("/overview").text
    assert "<script>alert" not in page
    assert "<i>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{0}" in page


def test_no_page_runs_scripts_of_its_own_text(browser: TestClient) -> None:
    for path in ("/overview", "/sign-in", "/welcome", "/trouble"):
        answer = browser.get(path)
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert re.findall(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=|<style", answer.text) == []


def test_every_file_a_page_names_is_served_and_kept_for_good(browser: TestClient) -> None:
    page = browser.get("/overview").text
    files = set(re.findall(r'(?:src|href)="(/static/[^"#]+)', page))
    assert len(files) > 8
    for address in files:
        served = browser.get(address)
        assert served.status_code == 200
        assert "immutable" in served.headers["cache-control"]


def test_the_language_is_kept_on_the_device_and_leads_back(browser: TestClient) -> None:
    browser.get("/sign-in")
    form = {"language": "pl", "next": "/sign-in", "_csrf_token": browser.cookies["csrf"]}
    answer = browser.post("/preferences/language", data=form, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert "Zaloguj się" in browser.get("/sign-in").text


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example"]
)
def test_nobody_is_led_to_another_site(browser: TestClient, elsewhere: str) -> None:
    browser.get("/sign-in")
    form = {"language": "pl", "next": elsewhere, "_csrf_token": browser.cookies["csrf"]}
    answer = browser.post("/preferences/language", data=form, follow_redirects=False)
    assert answer.headers["location"] == "/overview"


def messages_of(stream: httpx.Response) -> Iterator[str]:
    """The data of each message, as a browser puts it together."""
    data: list[str] = []
    for line in stream.iter_lines():
        if line.startswith("data: "):
            data.append(line.removeprefix("data: "))
        elif not line and data:
            yield "\n".join(data)
            data = []


def panels_of(message: str) -> list[str]:
    return re.findall(r'hx-target="#([a-z-]+)"', message)


def test_the_stream_sends_every_panel_once_and_then_what_changed(shop: Shop) -> None:
    def later(ask: OverviewAsk) -> OverviewView:
        view = busy_day(ask)
        return msgspec.structs.replace(view, facts=view.facts[1:])

    with serve(shop) as served, httpx.stream("GET", f"{served.address}/overview/stream") as stream:
        messages = messages_of(stream)
        first = next(messages)
        shop.show(later)
        second = next(messages)

    assert panels_of(first) == [
        "figures",
        "sales",
        "facts",
        "channels",
        "stores",
        "waiting",
        "exceptions",
        "stock-outs",
        "as-of",
    ]
    assert panels_of(second) == ["facts"]


def test_a_quiet_stream_gives_signs_of_life(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("charsu.web.overview_page.HEARTBEAT_SECONDS", 0.01)
    with serve(shop) as served, httpx.stream("GET", f"{served.address}/overview/stream") as stream:
        events = (line for line in stream.iter_lines() if line.startswith("event: "))
        assert [next(events) for _ in range(3)] == ["event: panels", "event: alive", "event: alive"]


def test_nothing_is_followed_for_a_page_that_has_gone(shop: Shop) -> None:
    with serve(shop) as served:
        with httpx.stream("GET", f"{served.address}/overview/stream") as stream:
            next(messages_of(stream))
        assert shop.left.wait(10)


def test_money_is_written_as_each_language_does() -> None:
    amount = Money(1_234_567, "AZN")
    written = {
        language: Formats(Locale.parse(language), ZoneInfo("UTC")).money(amount)
        for language in ("en", "sr_Latn", "pl", "az")
    }
    assert written == {
        "en": "AZN\xa012,345.67",
        "sr_Latn": "12.345,67\xa0AZN",
        "pl": "12\xa0345,67\xa0AZN",
        "az": "12.345,67\xa0₼",
    }


def test_times_are_those_of_the_zone() -> None:
    noon = datetime(2026, 11, 23, 12, 3, 5, tzinfo=UTC)
    assert Formats(Locale("pl"), ZoneInfo("Asia/Baku")).clock(noon) == "16:03:05"


def test_growth_from_nothing_says_nothing() -> None:
    sales = CurrencySales(
        total=Money(500, "EUR"), orders=1, before=Money(0, "EUR"), points=(SalesPoint(NOW, 500, 1),)
    )
    assert sales.change is None
    assert msgspec.structs.replace(sales, before=Money(400, "EUR")).change == 0.25


def test_a_bar_is_full_at_the_whole_and_seen_at_the_least() -> None:
    assert [share(amount, of=1000) for amount in (-5, 0, 1, 500, 1000)] == [0, 0, 1, 50, 100]
    assert share(5, of=0) == 0


def test_a_line_goes_from_edge_to_edge_and_touches_the_top_where_sales_were_best() -> None:
    points = tuple(SalesPoint(NOW + timedelta(hours=n), minor, 1) for n, minor in enumerate((0, 9)))
    assert sparkline(points, width=10, height=20) == "M0.0 19.0L10.0 1.0"
