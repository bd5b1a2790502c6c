"""Generated requests against the whole API, from somebody who knows the shop."""

from collections import Counter
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from charsu.kernel import Hub, HubError

from .pointing import IF_MATCH, KEY, Pointing

pytestmark = [
    pytest.mark.fuzz,
    pytest.mark.timeout(1500),  # making requests takes most of it
    # of the client that schemathesis drives applications with
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
EXAMPLES = 30
"""Requests for each operation."""
MAY_CARRY = {IF_MATCH, KEY, "codes", "delivery_method"}
"""What a request may leave out, and must have carried where it succeeded at least once."""
ANSWERED_MIN = 0.6
"""The part of requests from somebody who knows the shop that must succeed."""


class Seen:
    """What came back from an operation, and what the requests that succeeded carried."""

    def __init__(self, operation: Any) -> None:
        self.statuses: Counter[int] = Counter()
        self.carried = Counter(dict.fromkeys(MAY_CARRY & _offers(operation), 0))

    def note(self, case: Any, status: int) -> None:
        self.statuses[status] += 1
        if 200 <= status < 300:
            said = {**(case.headers or {}), **(case.body if isinstance(case.body, dict) else {})}
            self.carried.update(name for name in self.carried if said.get(name))

    @property
    def share_of_answers(self) -> float:
        answered = sum(count for status, count in self.statuses.items() if 200 <= status < 300)
        return answered / max(1, self.statuses.total())


def _offers(operation: Any) -> set[str]:
    """The headers and the fields of the body that the description names."""
    described = operation.definition.raw
    headers = {one["name"] for one in described["parameters"] if one["in"] == "header"}
    content = described.get("requestBody", {}).get("content", {})
    body = content.get("application/json", {}).get("schema", {})
    return headers | set(body.get("properties", {}))


def test_who_knows_the_shop_gets_what_is_asked_for(hub: Hub, door: Any) -> None:
    app, headers = door
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    pointing, seen = Pointing(hub), dict[str, Seen]()
    wrong: dict[str, str] = {}
    for operation in (result.ok() for result in schema.get_all_operations()):
        name = operation.definition.raw["operationId"]
        seen[name] = Seen(operation)
        try:
            _try(operation, headers, seen[name], pointing)
        except (BaseExceptionGroup, AssertionError, HubError) as problem:
            wrong[name] = _told(problem)

    hers = {one.name for one in hub.operations.values() if one.permission == "identity.own"}
    told = {
        name: dict(one.statuses)
        for name, one in seen.items()
        if one.share_of_answers < ANSWERED_MIN and name not in hers
    }
    statuses = sum((one.statuses for one in seen.values()), Counter[int]())
    print(f"{len(seen)} operations, {statuses.total()} requests: {dict(statuses)}")
    print(dict(sum((one.carried for one in seen.values()), Counter[str]())))
    assert not wrong, "\n\n".join(f"{label}: {why}" for label, why in wrong.items())
    assert told == {}
    assert {
        name: dict(one.carried)
        for name, one in seen.items()
        if 0 in one.carried.values() and name not in hers
    } == {}


def _told(problem: BaseException) -> str:
    """What went wrong, with the request that shows it."""
    parts = getattr(problem, "exceptions", ()) or (problem,)
    return "; ".join(f"{part} {getattr(part, 'message', '')}" for part in parts)[:1500]


def _try(operation: Any, headers: dict[str, str], seen: Seen, pointing: Pointing) -> None:
    strategy = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def send(case: Any) -> None:
        pointing.point(operation.definition.raw["operationId"], case)
        response = case.call(headers=headers)
        seen.note(case, response.status_code)
        case.validate_response(response, checks=CHECKS)

    send()
