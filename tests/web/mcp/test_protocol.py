"""Messages as they should not be, and those that the protocol's own client does not send."""

import base64
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from charsu.kernel import Hub
from charsu.kernel.access import new_token
from charsu.web.api.asking import BODY_BYTES_MAX

from .conftest import Served, door_to, request

LIST = request("tools/list")
CALL = request("tools/call", {"name": "counters-list", "arguments": {}})
LEGACY = {"jsonrpc": "2.0", "id": 7, "method": "tools/list"}


@pytest.fixture(scope="module")
def counters(lasting_hub: Hub) -> Iterator[Served]:
    with door_to(lasting_hub) as served:
        yield served


def test_a_request_of_the_current_revision_is_answered_as_it_demands(counters: Served) -> None:
    reply = counters.post(LIST)

    result = reply.body["result"]
    assert (reply.status, reply.body["id"]) == (200, 1)
    assert reply.headers["content-type"].startswith("application/json")
    assert reply.headers["cache-control"] == "no-store"
    assert result["resultType"] == "complete"
    assert (result["ttlMs"], result["cacheScope"]) == (60_000, "private")
    assert result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"] == "charsu"


def test_discovery_names_the_revisions(counters: Served) -> None:
    result = counters.post(request("server/discover")).body["result"]

    assert result["supportedVersions"] == ["2026-07-28", "2025-11-25", "2025-06-18"]
    assert result["capabilities"] == {"tools": {}}


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("2025-11-25", "2025-11-25"),
        ("2025-06-18", "2025-06-18"),
        ("2024-11-05", "2025-11-25"),
        ("2099-01-01", "2025-11-25"),
    ],
)
def test_a_handshake_agrees_on_a_revision_that_has_one(
    counters: Served, asked: str, answered: str
) -> None:
    params = {"protocolVersion": asked, "capabilities": {}, "clientInfo": {}}
    message = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}

    reply = counters.post(message, mcp_protocol_version=None)

    assert reply.body["result"]["protocolVersion"] == answered
    assert "mcp-session-id" not in reply.headers
    assert "resultType" not in reply.body["result"]


def test_earlier_revisions_are_answered_in_their_own_form(counters: Served) -> None:
    listed = counters.post(LEGACY, mcp_protocol_version="2025-06-18", mcp_method=None)
    pinged = counters.post({**LEGACY, "method": "ping"}, mcp_protocol_version="2025-11-25")
    unknown = counters.post({**LEGACY, "method": "x"}, mcp_protocol_version="2025-11-25")

    assert set(listed.body["result"]) == {"tools"}
    assert pinged.body["result"] == {}
    assert (unknown.status, unknown.body["error"]["code"]) == (200, -32601)


def test_a_notification_is_taken_and_not_answered(counters: Served) -> None:
    message = {"jsonrpc": "2.0", "method": "notifications/initialized"}

    reply = counters.post(message, mcp_protocol_version="2025-11-25")

    assert (reply.status, reply.body) == (202, None)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (b"", -32700),
        (b"{", -32700),
        (b"\xff\xfe", -32700),
        (b'{"method": "\\ud800"}', -32700),
        (b"[" * 100_000, -32700),
        (b"[]", -32600),
        ([LIST], -32600),
        (b"7", -32600),
        ({}, -32600),
        ({**LIST, "jsonrpc": "1.0"}, -32600),
        ({**LIST, "id": None}, -32600),
        ({**LIST, "id": True}, -32600),
        ({**LIST, "id": 2**70}, -32600),
        ({**LIST, "id": {}}, -32600),
        ({**LIST, "params": []}, -32600),
        ({**LIST, "method": 5}, -32600),
        ({"jsonrpc": "2.0", "id": 1, "result": {}}, -32600),
    ],
    ids=[
        *("empty", "half", "no_utf8", "lone_surrogate", "deep", "array", "batch", "number"),
        *("nothing", "old_rpc", "null_id", "true_id", "huge_id", "object_id", "list_params"),
        *("number_method", "response"),
    ],
)
def test_what_is_no_request_is_refused(counters: Served, message: Any, code: int) -> None:
    reply = counters.post(message)

    assert (reply.status, reply.body["error"]["code"]) == (400, code)


@pytest.mark.parametrize(
    ("message", "headers", "code"),
    [
        (LIST, {"mcp_protocol_version": None}, -32020),
        (LIST, {"mcp_protocol_version": "2025-11-25"}, -32020),
        (LIST, {"mcp_method": None}, -32020),
        (LIST, {"mcp_method": "tools/call"}, -32020),
        (CALL, {"mcp_name": None}, -32020),
        (CALL, {"mcp_name": "counters-make"}, -32020),
        (CALL, {"mcp_name": "=?base64?!?="}, -32020),
        (LEGACY, {"mcp_protocol_version": None}, -32020),
        (LEGACY, {"mcp_protocol_version": "1900-01-01"}, -32022),
        (LEGACY, {"mcp_protocol_version": "2025-03-26"}, -32022),
        (LEGACY, {}, -32602),
    ],
    ids=[
        *("no_revision", "other_revision", "no_method", "other_method", "no_name", "other_name"),
        *("broken_name", "nothing_said", "old_revision", "with_batches", "no_meta"),
    ],
)
def test_headers_say_what_the_body_says(
    counters: Served, message: Any, headers: dict[str, str | None], code: int
) -> None:
    reply = counters.post(message, **headers)

    assert (reply.status, reply.body["error"]["code"], reply.body["id"]) == (
        400,
        code,
        message["id"],
    )


def test_a_revision_that_is_not_known_is_told_which_are(counters: Served) -> None:
    reply = counters.post(LEGACY, mcp_protocol_version="1900-01-01")

    assert reply.body["error"]["data"] == {
        "supported": ["2026-07-28", "2025-11-25", "2025-06-18"],
        "requested": "1900-01-01",
    }


def test_a_name_in_the_header_may_be_wrapped(counters: Served) -> None:
    wrapped = f"=?base64?{base64.b64encode(b'counters-list').decode()}?="

    assert counters.post(CALL, mcp_name=wrapped).body["result"]["isError"] is False


@pytest.mark.parametrize(
    ("message", "status", "code"),
    [
        (request("resources/list"), 404, -32601),
        (request("initialize"), 404, -32601),
        (request("ping"), 404, -32601),
        (request("tools/call", {"name": "counters-none"}), 400, -32602),
        (request("tools/call", {"name": "counters.list"}), 400, -32602),
        (request("tools/call", {"name": "counters-list", "arguments": []}), 400, -32602),
        (request("tools/list", {"cursor": "x"}), 400, -32602),
    ],
    ids=[
        *("resources", "handshake", "ping", "no_tool", "dotted", "list_of_arguments", "cursor"),
    ],
)
def test_what_is_not_offered_is_an_error_of_the_protocol(
    counters: Served, message: Any, status: int, code: int
) -> None:
    reply = counters.post(message)

    assert (reply.status, reply.body["error"]["code"]) == (status, code)


def test_a_tool_outside_the_chosen_packages_is_unknown(counters: Served) -> None:
    reply = counters.post(CALL, query="?packages=access")

    assert reply.body["error"]["code"] == -32602


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?packages=orders,nothing", "packages"),
        ("?packages=", "packages"),
        ("?package=counters", "package"),
        ("?packages=%ff", ""),
    ],
    ids=["unknown", "empty", "misspelled", "no_utf8"],
)
def test_a_wrong_choice_of_packages_is_told(counters: Served, query: str, field: str) -> None:
    reply = counters.post(LIST, query=query)

    assert (reply.status, reply.body["code"], reply.body["data"]["field"]) == (
        422,
        "field_invalid",
        field,
    )


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"authorization": None}, "credentials_malformed"),
        ({"authorization": "Basic YTpi"}, "credentials_malformed"),
        ({"authorization": "Bearer charsu_key_" + "x" * 43}, "key_refused"),
        ({"authorization": None, "x_charsu_guest": new_token("guest")}, "credentials_malformed"),
    ],
    ids=["nothing", "basic", "made_up", "guest"],
)
@pytest.mark.parametrize("message", [LIST, b"{"], ids=["request", "broken"])
def test_without_a_key_nothing_is_answered(
    counters: Served, message: Any, headers: dict[str, str | None], code: str
) -> None:
    reply = counters.post(message, **headers)

    assert (reply.status, reply.body["code"]) == (401, code)
    assert reply.headers["www-authenticate"].startswith("Bearer")


def test_a_session_opens_nothing_here(counters: Served) -> None:
    cookie = f"session={counters.site.session()}"

    reply = counters.post(LIST, authorization=None, cookie=cookie, sec_fetch_site="same-origin")

    assert (reply.status, reply.body["code"]) == (401, "credentials_malformed")


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "http://127.0.0.1", ""],
    ids=lambda text: text or "empty",
)
def test_a_page_in_a_browser_is_not_let_in_even_with_a_key(counters: Served, origin: str) -> None:
    reply = counters.post(LIST, origin=origin)

    assert (reply.status, reply.body["code"]) == (403, "cross_site")


def test_a_name_that_suddenly_means_this_machine_opens_nothing(counters: Served) -> None:
    """DNS rebinding: Origin and Host agree, and both are the attacker's."""
    reply = counters.post(LIST, origin="http://evil.example", host="evil.example")

    assert (reply.status, reply.body["code"]) == (403, "cross_site")


def test_a_body_has_bounds(counters: Served) -> None:
    padded = {**LIST, "padding": "x" * BODY_BYTES_MAX}

    reply = counters.post(padded)

    assert (reply.status, reply.body["code"]) == (413, "body_too_large")


def test_a_body_says_that_it_is_json(counters: Served) -> None:
    reply = counters.post(LIST, content_type="text/plain")

    assert (reply.status, reply.body["code"]) == (415, "not_json")


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
def test_there_is_no_stream_and_no_session(counters: Served, method: str) -> None:
    answer = httpx.request(method, f"{counters.address}/mcp", headers=counters.site.key("admin"))

    assert answer.status_code == 405
    assert "POST" in answer.headers["allow"]
