"""What an assistant finds and does, seen through the protocol's own client."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import httpx
import jsonschema
import psycopg
import pytest

from charsu.kernel import Hub

from ..api.counters import OTHER_STORE, STORE
from .conftest import MODES, Served, refusal, request

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("mode", MODES)
def test_a_client_of_any_revision_finds_the_tools_and_uses_them(
    counters: Served, mode: str
) -> None:
    assistant = counters.assistant(mode=mode)

    made = assistant.call("counters-make", location_id=str(STORE), label="door")
    seen = assistant.call("counters-one", counter_id=made.structured_content["counter_id"])

    assert not made.is_error
    assert seen.structured_content["label"] == "door"
    assert seen.content[0].text.startswith('{"counter_id":"')


@pytest.mark.parametrize(
    ("mode", "revision"), [("legacy", "2025-11-25"), ("auto", "2026-07-28")], ids=["old", "new"]
)
def test_it_tells_how_to_work_in_this_shop(counters: Served, mode: str, revision: str) -> None:
    agreed, instructions = counters.assistant(mode=mode).greeting()

    assert agreed == revision
    assert "minor unit" in instructions
    assert "idempotency_key" in instructions


def test_a_tool_tells_what_it_takes_and_what_it_does_to_the_shop(counters: Served) -> None:
    tools = counters.assistant().tools()

    make, drop, one = (tools[f"counters-{verb}"] for verb in ("make", "drop", "one"))
    assert make.title == "Counters: make"
    assert make.description == "Make a counter at a location.\n\nPermission: stock.receive."
    assert make.input_schema["required"] == ["location_id", "label"]
    assert make.input_schema["additionalProperties"] is False
    assert make.output_schema["required"] == ["counter_id", "revision"]
    assert (make.annotations.read_only_hint, make.annotations.idempotent_hint) == (False, False)
    assert (drop.annotations.destructive_hint, drop.annotations.idempotent_hint) == (True, True)
    assert one.annotations.read_only_hint is True
    assert "idempotency_key" in make.input_schema["properties"]
    assert "idempotency_key" not in one.input_schema["properties"]


def test_every_tool_of_the_whole_shop_is_well_formed(shop: Served) -> None:
    tools = shop.assistant().tools()

    assert len(tools) > 80
    assert list(tools) == sorted(tools)
    for name, tool in tools.items():
        assert name.replace("-", "").replace("_", "").isalnum() and len(name) <= 64
        assert tool.title and tool.description
        jsonschema.Draft202012Validator.check_schema(tool.input_schema)
        jsonschema.Draft202012Validator.check_schema(tool.output_schema)
        assert tool.input_schema["type"] == tool.output_schema["type"] == "object"


def test_no_operation_has_a_field_that_is_named_like_the_key(hub: Hub) -> None:
    for operation in hub.operations.values():
        assert "idempotency_key" not in operation.ask_type.__struct_fields__, operation.name


def test_an_operation_without_an_answer_is_said_to_be_done(counters: Served) -> None:
    counter = counters.site.counter()

    result = counters.assistant().call("counters-drop", counter_id=str(counter))

    assert (result.is_error, result.content[0].text) == (False, "Done.")
    assert counters.assistant().call("counters-list").structured_content == {"counters": []}


def test_the_same_key_twice_has_one_effect_and_one_answer(counters: Served) -> None:
    assistant = counters.assistant()
    wanted = {"location_id": str(STORE), "label": "door"}

    first = assistant.call("counters-make", **wanted, idempotency_key="door-1")
    again = assistant.call("counters-make", **wanted, idempotency_key="door-1")
    other = assistant.call("counters-make", **{**wanted, "label": "gate"}, idempotency_key="door-1")

    assert again.structured_content == first.structured_content
    assert refusal(other)["code"] == "key_reused"
    assert labels(assistant) == ["door"]


def test_without_a_key_each_call_is_a_change_of_its_own(counters: Served) -> None:
    """The unsafe control of the test above."""
    assistant = counters.assistant()

    for _ in range(2):
        assistant.call("counters-make", location_id=str(STORE), label="door")

    assert labels(assistant) == ["door", "door"]


def test_the_same_key_at_once_through_two_web_processes_has_one_effect(
    counters: Served,
    database: str,
    counters_hub: Hub,
    open_door: Callable[[Hub], Served],
) -> None:
    with Hub(database, operations=counters_hub.operations.values(), connections=4) as second_hub:
        second = open_door(second_hub)
        assistant = counters.assistant()
        addresses = [counters.address, second.address] * 4

        def make(address: str) -> Any:
            sent = type(assistant)(address, assistant.key)
            wanted = {"location_id": str(STORE), "label": "door", "idempotency_key": "k"}
            return sent.call("counters-make", **wanted)

        with ThreadPoolExecutor(8) as threads:
            results = list(threads.map(make, addresses))

    assert {one.structured_content["counter_id"] for one in results} == {
        results[0].structured_content["counter_id"]
    }
    assert labels(assistant) == ["door"]


def test_the_same_key_over_http_and_as_a_tool_is_one_request(counters: Served) -> None:
    assistant = counters.assistant()
    body = {"location_id": str(STORE), "label": "door"}
    over_http = httpx.post(
        f"{counters.address}/v1/counters",
        json=body,
        headers={**assistant.key, "Idempotency-Key": "k"},
    )

    as_tool = assistant.call("counters-make", **body, idempotency_key="k")

    assert as_tool.structured_content == over_http.json()


def test_a_refusal_has_a_code_and_says_how_to_mend_it(counters: Served) -> None:
    assistant = counters.assistant()
    counter = str(counters.site.counter())

    unknown = refusal(assistant.call("counters-one", counter_id=str(uuid4())))
    stale = refusal(assistant.call("counters-add", counter_id=counter, amount=1, revision=7))
    wrong = refusal(assistant.call("counters-add", counter_id=counter, amount=0))

    assert unknown["code"] == "counter_unknown"
    assert unknown["mend"].startswith("Look for it")
    assert unknown["request_id"].startswith("req_")
    assert (stale["code"], stale["data"]) == ("stale", {"expected": 7, "actual": 1})
    assert "revision" in stale["mend"]
    assert (wrong["code"], wrong["data"]["field"]) == ("field_invalid", "amount")


def test_a_refusal_is_told_in_the_language_that_is_asked_for(counters: Served) -> None:
    assistant = counters.assistant()
    assistant.key = {**assistant.key, "Accept-Language": "pl"}

    told = refusal(assistant.call("counters-one", counter_id=str(uuid4())))

    assert told["detail"].startswith("Nie ma")
    assert not told["mend"].startswith("Look for it")


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"label": "x"}, "location_id"),
        ({"location_id": "store 7", "label": "x"}, "location_id"),
        ({"location_id": str(STORE), "label": 5}, "label"),
        ({"location_id": str(STORE), "label": "x\x00"}, "label"),
        ({"location_id": str(STORE), "label": "x", "lable": "y"}, "lable"),
        ({"location_id": str(STORE), "label": "x", "idempotency_key": ""}, "idempotency_key"),
        ({"location_id": str(STORE), "label": "x", "idempotency_key": "a b"}, "idempotency_key"),
        ({"location_id": str(STORE), "label": "x", "idempotency_key": 7}, "idempotency_key"),
        (
            {"location_id": str(STORE), "label": "x", "idempotency_key": "k" * 256},
            "idempotency_key",
        ),
        (
            {"location_id": str(STORE), "label": "x", "notes": [{"text": "n", "marks": [2**70]}]},
            "notes[0].marks[0]",
        ),
    ],
    ids=[
        *("missing", "no_id", "wrong_type", "nul", "unknown"),
        *("empty_key", "key_with_space", "number_as_key", "long_key", "huge_number"),
    ],
)
def test_wrong_arguments_are_refused_by_name_and_change_nothing(
    counters: Served, arguments: dict[str, Any], field: str
) -> None:
    assistant = counters.assistant()

    told = refusal(assistant.call("counters-make", **arguments))

    assert (told["code"], told["data"]["field"].lstrip(".")) == ("field_invalid", field)
    assert labels(assistant) == []


def test_a_fault_of_our_own_tells_nothing(counters: Served) -> None:
    arguments = {"counter_id": str(uuid4())}
    params = {"name": "counters-break", "arguments": arguments}
    reply = counters.post(request("tools/call", params))

    assert (reply.status, reply.body["code"]) == (500, "internal_error")
    assert arguments["counter_id"] not in str(reply.body)


def test_packages_in_the_address_keep_the_list_short(shop: Served) -> None:
    few = shop.assistant(packages="orders,stock").tools()
    all_of_them = shop.assistant().tools()

    assert {name.partition("-")[0] for name in few} == {"orders", "stock"}
    assert few == {
        name: tool for name, tool in all_of_them.items() if name.startswith(("orders-", "stock-"))
    }


def test_a_key_of_one_store_reaches_no_other(counters: Served) -> None:
    mine, theirs = counters.site.counter(at=STORE), counters.site.counter(at=OTHER_STORE)
    assistant = counters.assistant("stockkeeper", at=STORE)

    def add(counter: UUID) -> Any:
        return assistant.call("counters-add", counter_id=str(counter), amount=1)

    assert add(mine).structured_content["value"] == 1
    assert refusal(add(theirs))["code"] == "forbidden"
    assert refusal(add(uuid4()))["code"] == "forbidden"


def test_every_denied_call_is_in_the_audit(counters: Served, database: str) -> None:
    picker = counters.assistant("picker")

    right = picker.call("counters-make", location_id=str(STORE), label="door")
    wrong = picker.call("counters-make", label=5)

    assert refusal(right)["code"] == refusal(wrong)["code"] == "forbidden"
    assert "label" not in str(wrong.content)  # what is wrong is told to those who may
    with psycopg.connect(database) as connection:
        denied = connection.execute("SELECT operation FROM kernel.denials").fetchall()
    assert denied == [("counters.make",)] * 2


def labels(assistant: Any) -> list[str]:
    listed = assistant.call("counters-list").structured_content["counters"]
    return [one["label"] for one in listed]
