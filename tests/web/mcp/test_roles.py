"""Every role with every tool: what HTTP lets in is listed, and the other way round."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from charsu.kernel import WHOLE_BUSINESS, AnyOperation
from charsu.kernel.access import ROLES
from charsu.web.mcp.tools import tool_name
from tests.regular import request_for, sample

from ..api.counters import OTHER_STORE, STORE
from ..api.permitted import is_permitted
from .conftest import Served, request

pytestmark = pytest.mark.slow


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=60) as client:
        yield client


def offered(served: Served) -> list[AnyOperation]:
    return [one for one in served.site.hub.operations.values() if one.http_path]


@pytest.mark.parametrize("role", ROLES)
def test_a_role_lists_the_tools_that_it_may_call_over_http(
    shop: Served, client: httpx.Client, role: str
) -> None:
    key = shop.site.key(role)
    listed = set(shop.assistant(role).tools())

    wrong = []
    for operation in offered(shop):
        fields = sample(operation.ask_type, location_id=STORE)
        sent = request_for(operation, fields)
        sent["url"] = shop.address + sent["url"]
        is_let_in = client.request(**sent, headers=key).status_code not in {401, 403}
        if is_let_in != (tool_name(operation) in listed):
            wrong.append(operation.name)

    assert wrong == []
    assert listed


@pytest.mark.parametrize("role", ROLES)
def test_a_role_at_one_store_lists_what_it_may_do_there(shop: Served, role: str) -> None:
    listed = set(shop.assistant(role, at=STORE).tools())

    assert listed == {
        tool_name(one)
        for one in offered(shop)
        if is_permitted(role, one.permission) and one.places is not WHOLE_BUSINESS
    }


@pytest.mark.parametrize("role", ROLES)
def test_a_role_does_with_tools_what_it_says_and_nothing_else(
    shop: Served, client: httpx.Client, role: str
) -> None:
    """Also where a tool that is not listed is called by its name."""
    key = shop.site.key(role)
    seen: Counter[bool] = Counter()

    for operation in offered(shop):
        is_let_in = call(shop, client, operation, key, at=STORE)
        assert is_let_in == is_permitted(role, operation.permission), operation.name
        seen[is_let_in] += 1

    assert seen[True] > 0
    assert seen[False] > 0 or role == "admin"


def test_a_role_at_one_store_is_denied_at_another(shop: Served, client: httpx.Client) -> None:
    key = shop.site.key("stockkeeper", at=STORE)
    of_a_place = [
        one
        for one in offered(shop)
        if one.name in {"stock.receive", "stock.count", "stock.levels", "stock.write_off"}
    ]

    assert len(of_a_place) == 4
    for operation in of_a_place:
        assert call(shop, client, operation, key, at=STORE), operation.name
        assert not call(shop, client, operation, key, at=OTHER_STORE), operation.name


def call(
    shop: Served, client: httpx.Client, operation: AnyOperation, key: dict[str, str], *, at: Any
) -> bool:
    """Whether the call was let in, however it came out."""
    name = tool_name(operation)
    arguments = sample(operation.ask_type, location_id=at)
    message = request("tools/call", {"name": name, "arguments": arguments})
    headers = {
        **key,
        "MCP-Protocol-Version": "2026-07-28",
        "Mcp-Method": "tools/call",
        "Mcp-Name": name,
    }
    answer = client.post(f"{shop.address}/mcp", json=message, headers=headers)
    assert answer.status_code == 200, (operation.name, answer.text)
    result = answer.json()["result"]
    if not result["isError"]:
        return True
    return json.loads(result["content"][0]["text"])["code"] != "forbidden"
