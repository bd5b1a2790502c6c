"""What needs a hand: who sees what, and what the buttons do, without a browser."""

import re
from collections.abc import Iterator

import pytest
from litestar.testing import TestClient

from charsu.kernel import Hub
from charsu.kernel.access import first_admin
from charsu.web import titles
from charsu.web.assets import FOLDER
from charsu.web.hands_page import VERBS
from charsu.web.site import build_app
from tests.failing import CONSUMER
from tests.orders.store import problems
from tests.shop import Shop

from .test_site import EMAIL, PASSWORD, Browser
from .troubled import member, troubled

pytestmark = pytest.mark.slow


@pytest.fixture
def shop(hub: Hub) -> Shop:
    first_admin(hub, email=EMAIL, name="Ana", password=PASSWORD)
    return troubled(Shop(hub))


@pytest.fixture
def client(shop: Shop) -> Iterator[TestClient]:
    with TestClient(build_app(shop.hub), base_url="http://127.0.0.1:8000") as client:
        yield client


def signed_in(client: TestClient, email: str) -> Browser:
    browser = Browser(client)
    browser.signs_in(email=email)
    return browser


@pytest.fixture
def site(client: TestClient) -> Browser:
    return signed_in(client, EMAIL)


def form_of(html: str, way: str, verb: str) -> dict[str, str]:
    """The hidden fields of the first button that would do this."""
    forms = re.findall(r'<form class="way-form".*?</form>', html, re.DOTALL)
    (first, *_) = [one for one in forms if f'value="{way}"' in one and f'value="{verb}"' in one]
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', first))


def presses(site: Browser, way: str, of: str, **typed: str):
    """Press the button on a page of now; what it sent, and the answer."""
    sent = form_of(site.get("/hands").text, way, of) | typed
    return sent, site.client.post("/hands", data=sent, follow_redirects=False)


def words(html: str) -> str:
    main = html[html.index("<main") :]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def test_a_manager_sees_what_happened_since_when_and_what_it_is_worth(site: Browser) -> None:
    seen = words(site.get("/hands").text)

    for sentence in (
        *("The store is late", "The store cannot do it", "Goods were not where they should be"),
        *("A terminal does not say whether it was paid", "Promised more than is on hand"),
        *("The provider has money that the books do not know", "stripe", "pi_3Nq8stray"),
        *("A receiver did not take what was sent", "https://erp.example/charsu"),
        *("The shop has given up reacting to what happened", CONSUMER, "ZeroDivisionError"),
        *("€284.30", "€258.00", "€184.06", "€99.00", "Overdue for", "Knez Mihailova"),
    ):
        assert sentence in seen, sentence


def test_who_is_not_signed_in_is_sent_to_the_door(client: TestClient) -> None:
    answer = Browser(client).get("/hands")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Fhands")
    assert client.post("/hands", data={}, follow_redirects=False).status_code in {303, 403}


def test_the_manager_of_a_store_sees_that_store_alone(client: TestClient, shop: Shop) -> None:
    email = member(shop, "manager", at="Nowy Świat")
    site = signed_in(client, email)
    html = site.get("/hands").text
    places = re.findall(r'<span class="dot-between case-subject">([^<]+)</span>', html)

    assert set(places) == {"Nowy Świat"}  # other stores are named as what a customer may choose
    assert "€258.00" in words(html)
    for hidden in ("stripe", "erp.example", "ZeroDivisionError", "€284.30", "€184.06"):
        assert hidden not in words(html), hidden
    away = site.get(f"/hands?location={shop.locations['Knez Mihailova']}")
    assert away.status_code == 403


def test_what_was_tried_too_often_is_shown_to_who_sees_to_money(
    client: TestClient, shop: Shop
) -> None:
    with shop.hub.writing("test.stuck") as tx:
        tx.run(
            "UPDATE kernel.processes SET state = 'stuck', last_problem = 'no answer'"
            " WHERE kind = 'orders.terminal_payment'"
        )
    everywhere = signed_in(client, member(shop, "manager"))
    seen = words(everywhere.get("/hands").text)
    client.cookies.clear()
    elsewhere = signed_in(client, member(shop, "manager", at="Nowy Świat"))

    assert "A terminal does not answer" in seen
    assert "It was tried many times; the log says why." in seen
    assert "A terminal does not answer" not in words(elsewhere.get("/hands").text)


def test_who_may_only_look_gets_no_buttons(client: TestClient, shop: Shop) -> None:
    site = signed_in(client, member(shop, "analyst"))
    html = site.get("/hands").text

    assert "The store cannot do it" in words(html)
    assert '<form class="way-form"' not in html


def test_a_button_for_what_somebody_may_not_do_does_nothing(client: TestClient, shop: Shop) -> None:
    """Whatever a page may have offered: the hub asks for itself."""
    sent = form_of(signed_in(client, EMAIL).get("/hands").text, "choose_cancel", "orders.choose")
    client.cookies.clear()
    site = signed_in(client, member(shop, "cashier", at="Nowy Świat"))
    csrf = re.search(r'name="_csrf_token" value="([^"]+)"', site.get("/hands").text)
    assert csrf
    refused = client.post("/hands", data=sent | {"_csrf_token": csrf[1]}, follow_redirects=False)

    assert refused.status_code == 422
    assert "You may not do this" in words(refused.text)


def test_a_button_pressed_twice_acts_once_and_says_what_was_done(site: Browser, shop: Shop) -> None:
    sent, done = presses(site, "choose_cancel", "orders.choose")
    again = site.client.post("/hands", data=sent, follow_redirects=False)

    assert done.status_code == again.status_code == 303
    shown = words(site.get(done.headers["location"]).text)
    assert "It was canceled, and the money is on its way back." in shown
    with shop.hub.reading() as tx:
        assert tx.value("SELECT count(*) FROM orders.refunds") == 1
    assert problems(shop) == []


def test_what_somebody_was_faster_with_is_refused_in_words(site: Browser) -> None:
    sent, _ = presses(site, "choose_cancel", "orders.choose")
    late = site.client.post("/hands", data=sent | {"key": "01900000-0000-7000-8000-000000000000"})
    assert late.status_code == 422
    assert "cancel is not offered here." in words(late.text)


def test_every_way_does_what_it_says(site: Browser, shop: Shop) -> None:
    for way, verb, typed in (
        ("take", "orders.take_exception", {}),
        ("hand_on", "orders.hand_on_exception", {"owner": "manager"}),
        ("close", "orders.close_exception", {"outcome": "found"}),
        ("choose_cancel", "orders.choose", {}),
        ("was_paid", "orders.resolve_terminal_payment", {"reference": "slip 4"}),
        ("resolve", "orders.resolve_difference", {"note": "Paid back by hand."}),
        ("replay", "webhooks.replay", {}),
        ("try_again", "log.try_again", {}),
    ):
        _, done = presses(site, way, verb, **typed)
        assert done.status_code == 303, (way, words(done.text))
        assert titles.WAYS_DONE[way] in words(site.get(done.headers["location"]).text)
    seen = words(site.get("/hands").text)
    for gone in ("stripe", "erp.example", "whether it was paid"):
        assert gone not in seen
    assert problems(shop) == []


@pytest.mark.parametrize(
    "broken",
    [
        {"verb": "access.grant_role"},
        {"verb": "orders.resolve_difference", "note": ""},
        {"key": "mine"},
        {"exception_id": "x"},
    ],
)
def test_a_form_that_no_page_has_drawn_is_refused(site: Browser, broken: dict[str, str]) -> None:
    _, answer = presses(site, "take", "orders.take_exception", **broken)
    assert answer.status_code == 422
    assert "Something is missing; choose again." in words(answer.text)


def test_mine_and_overdue_are_shown_alone(site: Browser) -> None:
    assert "Nothing here" in words(site.get("/hands?whose=mine").text)
    presses(site, "take", "orders.take_exception")
    mine = site.get("/hands?whose=mine").text
    late = site.get("/hands?whose=late").text

    assert (mine.count('class="case '), "Yours" in words(mine)) == (1, True)
    assert late.count('class="case case-late"') == late.count('class="case ') > 0


def test_a_shop_where_all_is_well_says_so_kindly(hub: Hub) -> None:
    first_admin(hub, email=EMAIL, name="Ana", password=PASSWORD)
    with TestClient(build_app(hub), base_url="http://127.0.0.1:8000") as client:
        seen = words(signed_in(client, EMAIL).get("/hands").text)
    assert "Nothing needs a hand" in seen
    assert "Enjoy the quiet." in seen


def test_every_word_of_the_page_has_its_place() -> None:
    assert set(titles.WAYS) == set(titles.WAYS_TELL) == set(titles.WAYS_DONE)
    sprite = (FOLDER / "vendor/tabler-icons-3.51.0/sprite.svg").read_text()
    drawn = {*titles.HAND_ICONS.values(), *titles.GROUP_ICONS.values()}
    assert [icon for icon in drawn if f'id="{icon}"' not in sprite] == []
    assert {verb.split(".")[0] for verb in VERBS} == {"log", "orders", "webhooks"}
