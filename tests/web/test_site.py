"""The whole site as a browser meets it: coming in, going out, and what is refused."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar.testing import TestClient

from charsu.kernel import Hub
from charsu.kernel.access import first_admin
from charsu.web import LANGUAGES, translate
from charsu.web.media import media_folder
from charsu.web.site import build_app

EMAIL = "ana@shop.example"
PASSWORD = "grapes on the balcony"
HTML = {"Accept": "text/html"}


class Browser:
    """A browser of its own: it keeps cookies and fills in forms."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.client.headers.update(HTML)

    def get(self, path: str, **more):
        return self.client.get(path, follow_redirects=False, **more)

    def submit(self, path: str, *, page: str | None = None, **fields: str):
        """Fill in the form of a page and send it."""
        html = self.client.get(page or path).text
        token = re.search(r'name="_csrf_token" value="([^"]+)"', html)
        assert token, html
        data = {"_csrf_token": token[1], **fields}
        return self.client.post(path, data=data, follow_redirects=False)

    def signs_in(self, email: str = EMAIL, password: str = PASSWORD, **more: str):
        return self.submit("/sign-in", email=email, password=password, **more)


@pytest.fixture
def new_site(hub: Hub) -> Iterator[Browser]:
    """A shop that nobody has opened yet."""
    with TestClient(build_app(hub), base_url="http://127.0.0.1:8000") as client:
        yield Browser(client)


@pytest.fixture
def site(hub: Hub, new_site: Browser) -> Browser:
    """A shop with its administrator."""
    first_admin(hub, email=EMAIL, name="Ana", password=PASSWORD)
    return new_site


def test_who_knows_the_password_comes_in_and_sees_the_overview(site: Browser) -> None:
    assert site.get("/").headers["location"] == "/overview"
    assert site.get("/overview").headers["location"] == "/sign-in?next=%2Foverview"

    entered = site.signs_in(next="/overview?period=7d")
    assert (entered.status_code, entered.headers["location"]) == (303, "/overview?period=7d")
    shown = site.get("/overview?period=7d")
    assert shown.status_code == 200
    assert EMAIL in shown.text


def test_the_session_is_kept_where_no_script_and_no_other_site_gets_at_it(site: Browser) -> None:
    cookie = site.signs_in().headers["set-cookie"].lower()
    assert "session=" in cookie
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (EMAIL, "plums on the balcony"),
        ("nobody@shop.example", PASSWORD),
        ("\x00", "\x00"),
        ("", ""),
    ],
)
def test_a_wrong_pair_is_refused_without_saying_which_is_wrong(
    site: Browser, email: str, password: str
) -> None:
    refused = site.signs_in(email=email, password=password)
    assert refused.status_code == 422
    assert "The e-mail address or the password is wrong." in refused.text
    assert "session" not in refused.cookies
    assert site.get("/overview").status_code == 303


def test_guessing_is_stopped_with_the_time_to_wait(site: Browser) -> None:
    answers = [site.signs_in(password=f"guess number {n}").status_code for n in range(11)]
    assert answers == [422] * 10 + [429]
    stopped = site.signs_in()
    assert int(stopped.headers["retry-after"]) > 0


def test_nobody_is_led_to_another_site(site: Browser) -> None:
    assert site.signs_in(next="//evil.example").headers["location"] == "/overview"


def test_after_signing_out_the_session_opens_nothing_any_more(site: Browser) -> None:
    site.signs_in()
    token = site.client.cookies["session"]
    left = site.submit("/sign-out", page="/overview")
    assert (left.status_code, left.headers["location"]) == (303, "/sign-in")
    assert "session" not in site.client.cookies

    site.client.cookies["session"] = token
    assert site.get("/overview").status_code == 303
    assert site.get("/overview/stream").status_code == 401
    assert site.get("/v1/accounts").status_code == 401


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/welcome", "/preferences/language"])
def test_a_form_of_another_site_is_refused(site: Browser, path: str) -> None:
    sent = site.client.post(path, data={"email": EMAIL, "password": PASSWORD})
    assert sent.status_code == 403
    assert "session" not in site.client.cookies


def test_a_new_shop_is_opened_once(new_site: Browser, hub: Hub) -> None:
    assert new_site.get("/sign-in").headers["location"] == "/welcome"

    made = new_site.submit("/welcome", name=" Ana  Petrović ", email=EMAIL, password=PASSWORD)
    assert (made.status_code, made.headers["location"]) == (303, "/overview")
    assert "Ana Petrović" in new_site.get("/overview").text

    assert new_site.get("/welcome").status_code == 404
    assert new_site.submit("/welcome", page="/sign-in", name="B", email="b@shop.example",
                           password=PASSWORD).status_code == 404  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"password": "short"}, "A password has 12 characters or more."),
        ({"email": "nowhere"}, "This is no e-mail address."),
        ({"name": "\x00"}, "Say how you are called."),
    ],
)
def test_a_first_account_that_cannot_be_is_asked_for_again(
    new_site: Browser, fields: dict[str, str], problem: str
) -> None:
    whole = {"name": "Ana", "email": EMAIL, "password": PASSWORD}
    refused = new_site.submit("/welcome", **whole | fields)
    assert refused.status_code == 422
    assert problem in refused.text
    assert PASSWORD not in refused.text


def test_a_shop_that_others_can_reach_is_opened_with_its_code_only(hub: Hub) -> None:
    app = build_app(hub, setup_code="ABCD2345EFGH")
    whole = {"name": "Ana", "email": EMAIL, "password": PASSWORD}
    with TestClient(app, base_url="http://shop.example") as client:
        browser = Browser(client)
        refused = browser.submit("/welcome", **whole, code="ABCD2345EFGX")
        assert "This is not the code that was printed at the start." in refused.text
        assert browser.submit("/welcome", **whole, code=" abcd2345efgh ").status_code == 303


def test_without_a_code_a_new_shop_is_opened_on_its_own_machine_only(hub: Hub) -> None:
    with TestClient(build_app(hub), base_url="http://rebound.example") as client:
        assert client.get("/welcome").status_code == 403


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_speaks_the_readers_language(site: Browser, language: str) -> None:
    _ = translate(language)
    site.client.cookies["language"] = language
    assert _("Sign in") in site.get("/sign-in").text
    assert _("There is no such page") in site.get("/nowhere").text
    assert _("The e-mail address or the password is wrong.") in site.signs_in(password="x").text
    site.signs_in()
    assert f'lang="{language}"' in site.get("/overview").text
    assert _("Nobody is waiting") in site.get("/overview").text


def test_what_is_not_there_is_a_page_for_people_and_a_problem_for_programs(site: Browser) -> None:
    for_people = site.get("/nowhere")
    assert for_people.status_code == 404
    assert "There is no such page" in for_people.text
    for_programs = site.client.get("/nowhere", headers={"Accept": "application/json"})
    assert for_programs.json()["code"] == "no_such_address"
    assert site.get("/v1/nowhere").json()["code"] == "no_such_address"


@pytest.mark.parametrize("language", ["en", "pl"])
def test_a_request_that_makes_no_sense_is_told_in_words_for_people(
    site: Browser, language: str
) -> None:
    site.client.cookies["language"] = language
    told = site.submit("/preferences/language", page="/sign-in", language="klingon")
    assert told.status_code == 422
    sentence = translate(language)("The request asks for something that is not known here")
    assert sentence in told.text
    assert "Validation" not in told.text and "JSON" not in told.text


def test_pictures_are_served_from_their_folder_and_nothing_else_is(
    hub: Hub, tmp_path: Path
) -> None:
    folder = tmp_path / "media"
    (folder / "chain").mkdir(parents=True)
    (folder / "chain" / "mug.svg").write_text("<svg/>")
    (folder / "chain" / "notes.txt").write_text("not a picture")
    (tmp_path / "secret.svg").write_text("<svg>secret</svg>")
    (folder / "link.svg").symlink_to(tmp_path / "secret.svg")
    with TestClient(build_app(hub, media=[media_folder(folder)])) as client:
        shown = client.get("/media/chain/mug.svg")
        assert (shown.text, shown.headers["content-type"]) == ("<svg/>", "image/svg+xml")
        assert "sandbox" in shown.headers["content-security-policy"]
        again = client.get("/media/chain/mug.svg", headers={"If-None-Match": shown.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        for path in ("../secret.svg", "%2e%2e/secret.svg", "..%2fsecret.svg", "link.svg",
                     "chain/notes.txt", "chain", "chain/cup.svg", "%00.svg"):  # fmt: skip
            assert client.get(f"/media/{path}").status_code == 404, path
