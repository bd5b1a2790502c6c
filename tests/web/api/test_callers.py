"""Who is let in, and as whom."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest

from charsu.kernel import SYSTEM
from charsu.kernel.access import RevokeRole, guest_id, new_token, revoke_role, sign_out
from charsu.web.api.asking import BODY_BYTES_MAX

from .conftest import Site
from .counters import OTHER_STORE, STORE

SAME_SITE = {"Sec-Fetch-Site": "same-origin"}


def me(site: Site, **headers: str):
    return site.client.get("/v1/me", headers=headers)


def test_nobody_in_particular_is_a_guest_and_stays_the_same_one(site: Site) -> None:
    first = me(site)
    token = first.headers["x-charsu-guest"]

    again = me(site, **{"X-Charsu-Guest": token})

    assert first.json()["kind"] == "guest"
    assert again.json()["id"] == first.json()["id"] == str(guest_id(token))
    assert "x-charsu-guest" not in again.headers
    assert me(site).json()["id"] != first.json()["id"]


@pytest.mark.parametrize(
    "token",
    ["", "x", "01890000-0000-7000-8000-00000000ffff", "charsu_session_x"],
    ids=["empty", "short", "plain_id", "session"],
)
def test_a_made_up_guest_token_is_replaced(site: Site, token: str) -> None:
    answer = me(site, **{"X-Charsu-Guest": token})

    assert answer.status_code == 200
    assert answer.headers["x-charsu-guest"] != token


@pytest.mark.parametrize(
    ("header", "code"),
    [
        pytest.param("Bearer charsu_key_" + "x" * 43, "key_refused", id="made_up"),
        ("Bearer x", "key_refused"),
        ("Bearer " + "é" * 43, "key_refused"),
        ("Bearer ", "credentials_malformed"),
        ("", "credentials_malformed"),
        ("Basic YTpi", "credentials_malformed"),
        ("Bearer " + "x" * 5000, "key_refused"),
    ],
)
def test_a_wrong_key_is_nobody_and_not_a_guest(site: Site, header: str, code: str) -> None:
    answer = site.client.get("/v1/me", headers={"Authorization": header.encode("latin-1")})

    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_session_cookie_is_its_owner_until_signed_out(site: Site) -> None:
    token = site.session()
    cookie = {"Cookie": f"session={token}"}
    assert me(site, **cookie).json()["kind"] == "staff"

    sign_out(site.hub, token)

    after = me(site, **cookie)
    assert (after.status_code, after.json()["code"]) == (401, "session_ended")
    assert 'session=""' in after.headers["set-cookie"] or "Max-Age=0" in after.headers["set-cookie"]


def test_a_session_ends_by_itself_also_for_the_edge(site: Site) -> None:
    cookie = {"Cookie": f"session={site.session()}"}

    site.hub.offset = timedelta(days=1)

    assert me(site, **cookie).status_code == 401


@pytest.mark.parametrize(
    ("headers", "is_let_in"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Origin": "http://testserver.local"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver.local"}, False),
        ({"Origin": "http://evil.example"}, False),
        ({"Origin": "http://testserver.local.evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": ""}, False),
        ({}, False),
    ],
)
def test_another_site_cannot_use_a_browsers_session(
    site: Site, headers: dict[str, str], is_let_in: bool
) -> None:
    cookie = {"Cookie": f"session={site.session()}"}
    body = {"location_id": str(STORE), "label": "door"}

    answer = site.client.post("/v1/counters", json=body, headers={**cookie, **headers})

    assert answer.status_code == (201 if is_let_in else 403)
    if not is_let_in:
        assert answer.json()["code"] == "cross_site"
        assert site.client.get("/v1/counters", headers=cookie).json() == {"counters": []}


def test_another_site_cannot_use_a_guests_cookie(site: Site) -> None:
    cookie = {"Cookie": f"guest={new_token('guest')}"}

    answer = site.client.post(
        "/v1/counters", json={}, headers={**cookie, "Origin": "http://evil.example"}
    )

    assert answer.json()["code"] == "cross_site"


def test_a_key_needs_no_origin_and_wins_over_a_cookie(site: Site) -> None:
    headers = {**site.key("admin"), "Cookie": f"session={site.session()}"}

    answer = site.client.post(
        "/v1/counters", json={"location_id": str(STORE), "label": "x"}, headers=headers
    )

    assert answer.status_code == 201


def test_a_guest_who_may_not_is_asked_to_sign_in_and_staff_are_denied(site: Site) -> None:
    body = {"location_id": str(STORE), "label": "door"}

    guest = site.client.post("/v1/counters", json=body)
    picker = site.client.post("/v1/counters", json=body, headers=site.key("picker"))

    assert (guest.status_code, guest.json()["code"]) == (401, "sign_in_needed")
    assert (picker.status_code, picker.json()["code"]) == (403, "forbidden")


def test_who_may_not_ask_learns_nothing_of_what_is_wrong_with_the_request(site: Site) -> None:
    body = {"label": 5, "nonsense": True}

    assert site.client.post("/v1/counters", json=body).status_code == 401
    assert (
        site.client.post("/v1/counters", json=body, headers=site.key("picker")).status_code == 403
    )
    assert site.client.post("/v1/counters", json=body, headers=site.key("admin")).status_code == 422


def test_staff_of_one_store_reach_no_other(site: Site) -> None:
    mine, theirs = site.counter(at=STORE), site.counter(at=OTHER_STORE)
    key = site.key("stockkeeper", at=STORE)

    def add(counter: UUID):
        return site.client.post(f"/v1/counters/{counter}/add", json={"amount": 1}, headers=key)

    assert add(mine).status_code == 200
    assert add(theirs).status_code == 403
    assert add(uuid4()).status_code == 403  # what is not there looks like what is elsewhere


def test_every_denial_is_in_the_audit(site: Site) -> None:
    key, admin = site.key("picker"), site.key("admin")
    who = site.client.get("/v1/me", headers=key).json()["id"]
    body = {"location_id": str(STORE), "label": "door"}
    site.client.post("/v1/counters", json=body, headers=key)
    site.client.post("/v1/counters", json={"label": 5}, headers=key)

    entries = site.client.get(f"/v1/audit?actor_id={who}", headers=admin).json()["entries"]

    assert [(one["operation"], one["outcome"]) for one in entries] == [
        ("counters.make", "denied")
    ] * 2


@pytest.mark.parametrize(
    "request_",
    [
        {"json": {"label": 5, "nonsense": True}},
        {"content": b"{", "headers": {"Content-Type": "application/json"}},
        {"content": b"label=x", "headers": {"Content-Type": "text/plain"}},
        {"content": b"x" * (BODY_BYTES_MAX + 1), "headers": {"Content-Type": "application/json"}},
        {"json": {}, "params": {"nonsense": "1"}},
        {"json": {}, "headers": {"Idempotency-Key": "with a space"}},
    ],
    ids=["fields", "no JSON", "another type", "too large", "a parameter", "a header"],
)
@pytest.mark.parametrize("role", ["picker", None])
def test_a_denied_request_is_answered_and_audited_alike_well_formed_or_not(
    site: Site, role: str | None, request_: dict[str, Any]
) -> None:
    guest = {"X-Charsu-Guest": new_token("guest")}
    who = site.key(role) if role else guest
    well_formed = {"json": {"location_id": str(STORE), "label": "door"}}

    def denied(asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        headers = {**asked.get("headers", {}), **who}
        answer = site.client.post("/v1/counters", **{**asked, "headers": headers})
        return answer.status_code, {**answer.json(), "request_id": ""}

    assert denied(request_) == denied(well_formed)
    with site.hub.reading() as tx:
        kept = tx.all("SELECT actor_id, operation FROM kernel.denials")
    assert len(kept) == 2
    assert len(set(kept)) == 1
    assert kept[0].operation == "counters.make"


def test_a_key_that_lost_its_role_is_not_told_an_answer_kept_for_it(site: Site) -> None:
    headers = {**site.key("admin"), "Idempotency-Key": "once"}
    body = {"location_id": str(STORE), "label": "door"}
    send = partial(site.client.post, "/v1/counters", json=body, headers=headers)
    assert send().json() == send().json()

    with site.hub.reading() as tx:
        grant_id = tx.value("SELECT id FROM kernel.role_grants")
    site.hub.run(revoke_role, RevokeRole(grant_id=grant_id), actor=SYSTEM)

    assert (send().status_code, send().json()["code"]) == (403, "forbidden")


def test_a_key_is_issued_over_http_without_its_secret(site: Site) -> None:
    from charsu.kernel.access import digest_of

    admin, secret = site.key("admin"), new_token("key")
    body = {
        "label": "till",
        "digest": digest_of(secret).hex(),
        "roles": [{"role": "stockkeeper", "location_id": str(STORE)}],
    }

    issued = site.client.post("/v1/api-keys", json=body, headers=admin)
    let_in = site.client.get("/v1/me", headers={"Authorization": f"Bearer {secret}"})

    assert issued.status_code == 200
    assert let_in.json()["id"] == issued.json()["key_id"]
    assert let_in.json()["grants"][0]["location_ids"] == [str(STORE)]
    revoked = site.client.delete(f"/v1/api-keys/{issued.json()['key_id']}", headers=admin)
    assert revoked.status_code == 200
    after = site.client.get("/v1/me", headers={"Authorization": f"Bearer {secret}"})
    assert after.status_code == 401
