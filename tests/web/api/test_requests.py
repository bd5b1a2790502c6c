"""What a caller sends, and what comes back."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import psycopg
import pytest
import structlog
from litestar import Request

from charsu.kernel import Hub
from charsu.web.api import bug
from charsu.web.api.errors import FieldInvalid
from charsu.web.api.shapes import check_plain, read_json

from .conftest import Site, site_of
from .counters import OTHER_STORE, STORE


@pytest.fixture(scope="module")
def site(lasting_hub: Hub) -> Iterator[Site]:
    with site_of(lasting_hub) as site:
        yield site


def made(site: Site, headers: dict[str, str], **fields: object):
    body = {"location_id": str(STORE), "label": "door", **fields}
    return site.client.post("/v1/counters", json=body, headers=headers)


def test_what_is_made_says_where_it_is_found(site: Site) -> None:
    key = site.key("admin")

    answer = made(site, key)

    assert answer.status_code == 201
    assert answer.headers["location"] == f"/v1/counters/{answer.json()['counter_id']}"
    assert answer.headers["etag"] == '"1"'
    found = site.client.get(answer.headers["location"], headers=key)
    assert (found.status_code, found.json()["label"]) == (200, "door")


def test_nothing_to_say_is_204(site: Site) -> None:
    counter = site.counter()

    answer = site.client.delete(f"/v1/counters/{counter}", headers=site.key("admin"))

    assert (answer.status_code, answer.content) == (204, b"")


def test_a_refusal_is_a_problem_with_code_numbers_and_page(site: Site) -> None:
    key, counter = site.key("admin"), site.counter()
    for _ in range(10):
        site.client.post(f"/v1/counters/{counter}/add", json={"amount": 100}, headers=key)

    full = site.client.post(f"/v1/counters/{counter}/add", json={"amount": 1}, headers=key)

    assert full.status_code == 409
    assert full.headers["content-type"] == "application/problem+json"
    problem = full.json()
    assert problem["request_id"] == full.headers["x-request-id"]
    assert {name: problem[name] for name in ("code", "status", "detail", "data")} == {
        "code": "counter_full",
        "status": 409,
        "detail": "Out of stock",
        "data": {"value": 1000},
    }
    page = site.client.get(problem["type"])
    assert page.status_code == 200
    assert "The counter has reached its most" in page.text


def test_a_fault_of_our_own_is_told_to_the_log_and_not_to_the_caller(site: Site, log) -> None:
    secret = uuid4()
    key = site.key("admin")

    answer = site.client.post("/v1/broken", json={"counter_id": str(secret)}, headers=key)

    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert str(secret) not in answer.text and "Zero" not in answer.text
    [entry] = [
        line for line in map(json.loads, log.getvalue().splitlines()) if line["event"] == "bug"
    ]
    assert entry["request_id"] == answer.json()["request_id"]
    assert entry["exception"][0]["exc_type"] == "ZeroDivisionError"
    assert key["Authorization"].split()[1] not in log.getvalue()
    assert entry["path"] == "/v1/broken"


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ("pl", "Brak w magazynie"),
        ("de, sr-Cyrl;q=0.9", "Нема на стању"),
        ("en", "Out of stock"),
        ("de", "Out of stock"),
        ("\xff;q=x", "Out of stock"),
    ],
)
def test_a_refusal_speaks_the_callers_language(site: Site, wanted: str, sentence: str) -> None:
    headers = {**site.key("admin"), "Accept-Language": wanted.encode("latin-1")}
    path = f"/v1/counters/{site.counter()}/add"

    answers = [site.client.post(path, json={"amount": 100}, headers=headers) for _ in range(11)]

    assert answers[-1].json()["detail"] == sentence


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"location_id": "nonsense"}, "location_id"),
        ({"location_id": None}, "location_id"),
        ({"label": ""}, "label"),
        ({"label": "x" * 41}, "label"),
        ({"label": 7}, "label"),
        ({"label": "a\0b"}, "label"),
        ({"notes": [{}]}, "notes[0].text"),
        ({"labell": "typo"}, "labell"),
        ({"value": 10}, "value"),
        ({"revision": 3}, "revision"),
        ({"notes": [{"text": "x", "extra": 1}]}, "notes[0].extra"),
        ({"notes": [{"text": "x", "marks": [1, 2**70]}]}, "notes[0].marks[1]"),
        ({"notes": [{"text": "x", "marks": ["1"]}]}, "notes[0].marks[0]"),
        ({"notes": [{"text": "x", "marks": [1.5]}]}, "notes[0].marks[0]"),
        ({"names": {"a": {"text": "x", "b": 1}}}, "names.a.b"),
        ({"rule": {"type": "fixed", "amount": 1, "percent": 2}}, "rule.percent"),
        ({"rule": {"type": "share", "percent": 101}}, "rule.percent"),
        ({"rule": {"type": "other"}}, "rule.type"),
    ],
)
def test_a_field_that_does_not_fit_is_named(site: Site, fields: object, field: str) -> None:
    answer = made(site, site.key("admin"), **fields)

    assert (answer.status_code, answer.json()["code"]) == (422, "field_invalid")
    assert answer.json()["data"]["field"] == field


def test_a_body_that_fits_goes_through_whole(site: Site) -> None:
    answer = made(
        site,
        site.key("admin"),
        notes=[{"text": "x", "marks": [2**63 - 1]}],
        names={"a": {"text": "é"}},
        rule={"type": "share", "percent": 5},
    )

    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"{", "application/json", 400, "malformed_body"),
        (b"[]", "application/json", 400, "malformed_body"),
        (b'"text"', "application/json", 400, "malformed_body"),
        (b'{"a": "\xff"}', "application/json", 400, "malformed_body"),
        (b'{"a": "\\ud800"}', "application/json", 400, "malformed_body"),
        (b'{"a": NaN}', "application/json", 400, "malformed_body"),
        (b'{"a":' * 50_000, "application/json", 400, "malformed_body"),
        (b"{}", "text/plain", 415, "not_json"),
        (b"{}", "", 415, "not_json"),
        (b"a=b", "application/x-www-form-urlencoded", 415, "not_json"),
        (b" " * (1 << 20) + b"{}", "application/json", 413, "body_too_large"),
        (b"", "application/json", 422, "field_invalid"),
    ],
)
def test_a_body_that_is_none_is_refused(
    site: Site, content: bytes, kind: str, status: int, code: str
) -> None:
    headers = {**site.key("admin"), "Content-Type": kind}

    answer = site.client.post("/v1/counters", content=content, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 200),
        ("?least=-5&is_short=true&order=value", 200),
        (f"?only={UUID(int=1)}&only={UUID(int=2)}", 200),
        ("?label=%C5%A1ljiva", 200),
        ("?label=", 200),
        ("?least=x", 422),
        ("?least=1.5", 422),
        ("?least=１２", 422),
        ("?least=9223372036854775808", 422),
        ("?least=1&least=2", 422),
        ("?order=id", 422),
        ("?is_short=maybe", 422),
        ("?label=%00", 422),
        ("?label=%ff", 422),
        ("?only=x", 422),
        ("?unknown=1", 422),
        ("?counter_id=1;drop", 422),
        ("?" + "&".join(["only=x"] * 1000), 422),
    ],
)
def test_a_question_says_in_its_address_what_it_asks(site: Site, query: str, status: int) -> None:
    site.counter()

    assert site.client.get("/v1/counters" + query, headers=site.key("admin")).status_code == status


@pytest.mark.parametrize("text", ["x", "%00", "' OR 1=1 --", "../../etc/passwd", "１", "-"])
def test_an_id_that_is_none_names_nothing(site: Site, text: str) -> None:
    answer = site.client.get(f"/v1/counters/{text}")

    assert answer.status_code in {404, 422}
    assert answer.json()["code"] in {"field_invalid", "no_such_address"}


def test_one_key_has_one_effect_and_one_answer(site: Site) -> None:
    counter = site.counter()
    headers = {**site.key("admin"), "Idempotency-Key": "once"}
    path = f"/v1/counters/{counter}/add"

    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(
                lambda _: site.client.post(path, json={"amount": 5}, headers=headers), range(8)
            )
        )

    assert {answer.status_code for answer in answers} == {200}
    assert {answer.content for answer in answers} == {answers[0].content}
    assert answers[0].json()["value"] == 5
    other = site.client.post(path, json={"amount": 6}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    someone = {**site.key("admin"), "Idempotency-Key": "once"}
    assert site.client.post(path, json={"amount": 6}, headers=someone).json()["value"] == 11


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "ž"])
def test_an_idempotency_key_is_short_and_plain(site: Site, key: str) -> None:
    headers = {**site.key("admin"), "Idempotency-Key": key.encode()}

    answer = site.client.post("/v1/counters", json={}, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (422, "header_invalid")


def test_if_match_guards_against_a_change_unseen(site: Site) -> None:
    key, counter = site.key("admin"), site.counter()
    path = f"/v1/counters/{counter}/add"
    seen = site.client.get(f"/v1/counters/{counter}", headers=key).headers["etag"]

    def add(**headers: str):
        return site.client.post(path, json={"amount": 1}, headers={**key, **headers})

    first, second = add(**{"If-Match": seen}), add(**{"If-Match": seen})

    assert (first.status_code, first.headers["etag"]) == (200, '"2"')
    assert (second.status_code, second.json()["code"]) == (412, "stale")
    assert second.json()["data"] == {"expected": 1, "actual": 2}
    assert add(**{"If-Match": "*"}).status_code == 200
    assert add(**{"If-Match": 'W/"3"'}).json()["code"] == "header_invalid"
    in_body = site.client.post(path, json={"amount": 1, "revision": 3}, headers=key)
    assert in_body.json()["data"]["field"] == "revision"


@pytest.mark.parametrize(
    ("written", "status"),
    [("2", 200), ("2.0", 200), ("2e0", 200), ("2.5", 422), ("1e999", 400), ("9.5e18", 422)],
)
def test_a_whole_number_may_be_written_with_a_point(site: Site, written: str, status: int) -> None:
    answer = site.client.post(
        f"/v1/counters/{site.counter()}/add",
        content=f'{{"amount": {written}}}',
        headers={**site.key("admin"), "Content-Type": "application/json"},
    )

    assert answer.status_code == status


def test_a_large_whole_number_with_a_point_loses_no_digit() -> None:
    assert read_json(b"[9007199254740993.0, 0.0, 0.5]") == [9007199254740993, 0, 0.5]


@pytest.mark.parametrize(
    ("text", "is_refused"),
    [
        ("0001-01-01T00:00:00+00:01", True),
        ("0001-01-01t13:59:59+14:00", True),
        ("9999-12-31 23:59:59-00:01", True),
        ("0001-01-01T00:00:00Z", False),
        ("9999-12-31T23:59:59.999999Z", False),
        ("0001-01-01T00:00:00-14:00", False),
        ("9999-12-31T5 boxes until the end of time", False),
    ],
)
def test_an_instant_that_no_clock_shows_is_refused(text: str, is_refused: bool) -> None:
    """PostgreSQL would keep it, and whoever reads the row again would fail."""
    try:
        check_plain({"lines": [{"valid_from": text}]})
    except FieldInvalid as refused:
        assert is_refused
        assert refused.data["field"] == "lines[0].valid_from"
    else:
        assert not is_refused


def test_options_tells_every_method_of_an_address(site: Site) -> None:
    answer = site.client.options("/v1/counters")

    assert answer.status_code == 204
    assert {"GET", "POST", "OPTIONS"} <= set(answer.headers["allow"].split(", "))


def test_a_field_of_the_address_is_not_repeated_in_the_body(site: Site) -> None:
    mine, other = site.counter(), site.counter(at=OTHER_STORE)

    answer = site.client.post(
        f"/v1/counters/{mine}/add",
        json={"counter_id": str(other), "amount": 1},
        headers=site.key("stockkeeper", at=STORE),
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "field_invalid")


def test_a_request_keeps_the_id_its_caller_gave(site: Site) -> None:
    given = site.client.get("/v1/me", headers={"X-Request-Id": "trace-1234567"})
    forged = site.client.get("/v1/me", headers={"X-Request-Id": 'x"\u00e9{}'.encode()})

    assert given.headers["x-request-id"] == "trace-1234567"
    assert forged.headers["x-request-id"].startswith("req_")


def test_each_request_is_one_line_in_the_log(site: Site, log) -> None:
    counter = site.counter()
    log.truncate(0)

    site.client.get(f"/v1/counters/{counter}?least=1", headers=site.key("admin"))

    [entry] = [
        line
        for line in map(json.loads, log.getvalue().lstrip("\0").splitlines())
        if line["event"] == "request"
    ]
    assert (entry["operation"], entry["status"], entry["method"]) == ("counters.one", 422, "GET")
    assert UUID(entry["actor"])
    assert entry["request_id"] and entry["ms"] > 0
    assert str(counter) not in log.getvalue()


def test_every_answer_is_guarded_and_none_is_kept(site: Site) -> None:
    for path in ("/v1/me", "/nothing", "/health/live", "/docs/api"):
        headers = site.client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
    assert site.client.get("/v1/me").headers["cache-control"] == "no-store"


def test_an_address_for_other_methods_says_which(site: Site) -> None:
    answer = site.client.put("/v1/me", json={})

    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert "GET" in answer.headers["allow"]


def test_what_a_row_holds_stays_out_of_the_log_when_the_database_refuses_it(log) -> None:
    try:
        raise psycopg.errors.UniqueViolation(
            "duplicate key value violates it\nDETAIL:  Key (email)=(ana@shop.example)"
        )
    except psycopg.Error:
        structlog.get_logger("charsu").exception("bug")

    assert "duplicate key value" in log.getvalue()
    assert "ana@shop.example" not in log.getvalue()


def test_a_fault_is_logged_by_the_template_of_its_address(log) -> None:
    scope = {"type": "http", "path": "/invitation/charsu_invitation_secret", "headers": []}
    request = Request({**scope, "path_template": "/invitation/{token}"})  # type: ignore[typeddict-item]

    bug(request, RuntimeError("broken"))

    assert json.loads(log.getvalue())["path"] == "/invitation/{token}"
