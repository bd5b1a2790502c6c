"""What platforms ask of the authorization server, however strange, and what it answers."""

import base64
import logging
from typing import Any

import pytest
from authlib.oauth2 import rfc8414, rfc9207

from .browser import BACK, ISSUER, SECRET, VERIFIER, Browser

pytestmark = pytest.mark.slow


def takes(browser: Browser, code: str = "made up", **more: str) -> Any:
    said = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": BACK,
        "code_verifier": VERIFIER,
    }
    return browser.client.post("/oauth2/token", data=said | more)


def basic(name: str, secret: str = SECRET) -> dict[str, str]:
    pair = base64.b64encode(f"{name}:{secret}".encode()).decode()
    return {"authorization": f"Basic {pair}"}


def test_a_platform_may_show_its_secret_in_either_way(browser: Browser) -> None:
    code = browser.agrees()["code"]
    said = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}

    taken = browser.client.post(
        "/oauth2/token", data=said | {"code_verifier": VERIFIER}, headers=basic(browser.name)
    )
    renewed = browser.fetches(
        grant_type="refresh_token", refresh_token=taken.json()["refresh_token"]
    )

    assert taken.status_code == 200 and renewed.status_code == 200
    assert taken.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "header", ["nobody", "Basic", "Basic !", "Basic /w==", "Bearer x", "Basic "]
)
def test_who_does_not_prove_itself_is_told_how_to(browser: Browser, header: str) -> None:
    answer = browser.client.post(
        "/oauth2/token",
        data={"grant_type": "refresh_token", "refresh_token": "x"},
        headers={"authorization": header},
    )

    assert answer.status_code == 401 and answer.json()["error"] == "invalid_client"
    assert answer.headers["www-authenticate"] == f'Basic realm="{ISSUER}"'


@pytest.mark.parametrize(
    "more", [{}, {"client_secret": ""}, {"client_secret": "guessed"}, {"client_id": "nobody"}]
)
def test_a_platform_with_a_secret_is_nobody_without_it(
    browser: Browser, more: dict[str, str]
) -> None:
    answer = takes(browser, browser.agrees()["code"], **{"client_id": browser.name} | more)

    assert answer.status_code == 401 and answer.json()["error"] == "invalid_client"


def test_one_proof_is_shown_and_of_the_client_that_asks(browser: Browser) -> None:
    said = {"grant_type": "refresh_token", "refresh_token": "x"}

    def asks(**more: str) -> Any:
        return browser.client.post("/oauth2/token", data=said | more, headers=basic(browser.name))

    twice = asks(client_secret=SECRET)
    another = asks(client_id="00000000-0000-0000-0000-000000000000")

    assert (twice.status_code, twice.json()["error"]) == (400, "invalid_request")
    assert (another.status_code, another.json()["error"]) == (401, "invalid_client")
    assert asks(client_id=browser.name).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": ""}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": 'pass"word\n\u0416'}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code"}, "invalid_request"),
        ({"grant_type": "authorization_code", "code": "\x00\u0416"}, "invalid_grant"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "x" * 5000}, "invalid_grant"),
        ({"grant_type": ["refresh_token", "refresh_token"]}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": ["x", "y"]}, "invalid_request"),
    ],
)
def test_what_is_wrong_with_a_request_is_said_in_the_words_of_the_standard(
    browser: Browser, said: dict[str, Any], error: str
) -> None:
    answer = browser.client.post(
        "/oauth2/token", data={"client_id": browser.name, "client_secret": SECRET} | said
    )

    assert (answer.status_code, answer.json()["error"]) == (400, error)


@pytest.mark.parametrize("verifier", ["", "w" * 43, "v" * 129])
def test_a_code_without_its_verifier_is_no_grant(browser: Browser, verifier: str) -> None:
    code = browser.agrees()["code"]

    answer = browser.fetches(
        grant_type="authorization_code", code=code, redirect_uri=BACK, code_verifier=verifier
    )

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_a_refresh_that_asks_for_more_is_refused_and_costs_nothing(browser: Browser) -> None:
    token = browser.links()["refresh_token"]
    many = " ".join(f"dev.ucp.shopping.order:read{one}" for one in range(30))

    wider = browser.fetches(grant_type="refresh_token", refresh_token=token, scope=many)
    plain = browser.fetches(grant_type="refresh_token", refresh_token=token)

    assert (wider.status_code, wider.json()["error"]) == (400, "invalid_scope")
    assert plain.status_code == 200


@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "something_else"])
def test_what_kind_a_token_is_taken_for_does_not_keep_it_alive(browser: Browser, hint: str) -> None:
    token = browser.links()["refresh_token"]
    said = {"token": token, "token_type_hint": hint}

    answer = browser.client.post("/oauth2/revoke", data=said, headers=basic(browser.name))

    assert answer.status_code == 200
    again = browser.fetches(grant_type="refresh_token", refresh_token=token)
    assert again.json()["error"] == "invalid_grant"


def test_giving_back_nothing_is_no_request(browser: Browser) -> None:
    answer = browser.client.post("/oauth2/revoke", headers=basic(browser.name))

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    "more",
    [
        {"scope": 'all"\u0416'},
        {"code_challenge_method": 'S256"\u0416'},
        {"code_challenge": "c" * 42 + "\n"},
        {"response_type": "code token"},
    ],
)
def test_strange_letters_are_no_fault_of_ours(browser: Browser, more: dict[str, str]) -> None:
    answer = browser.opens(browser.question(**more))

    assert answer.status_code == 303 and answer.headers["location"].startswith(f"{BACK}?error=")


@pytest.mark.parametrize(
    "query", ["&".join(f"a{one}=1" for one in range(40)), f"state={'s' * 5000}"]
)
def test_a_question_has_an_end(browser: Browser, query: str) -> None:
    assert browser.opens(f"{browser.question()}&{query}").status_code == 422


def test_whoever_is_asked_twice_for_one_thing_is_not_sent_on(browser: Browser) -> None:
    twice = browser.opens(f"{browser.question()}&scope=everything")

    assert "error=invalid_request" in twice.headers["location"]


def test_no_token_is_written_into_a_log(browser: Browser, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    tokens = browser.links()
    renewed = browser.fetches(
        grant_type="refresh_token", refresh_token=tokens["refresh_token"]
    ).json()

    assert "Issue token" in caplog.text, "authlib tells all"
    for one in (tokens, renewed):
        assert one["access_token"] not in caplog.text
        assert one["refresh_token"] not in caplog.text
    assert SECRET not in caplog.text


def test_the_metadata_is_what_the_standards_want(browser: Browser) -> None:
    about = browser.client.get("/.well-known/oauth-authorization-server").json()

    metadata = rfc8414.AuthorizationServerMetadata(about)
    metadata.validate(metadata_classes=[rfc9207.AuthorizationServerMetadata])  # raises
    assert about["issuer"] == ISSUER
