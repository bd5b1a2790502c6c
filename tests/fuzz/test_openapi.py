"""Generated requests against the whole API, from somebody who knows the shop."""

from collections import Counter, defaultdict
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

from .regular import Regular

pytestmark = [
    pytest.mark.fuzz,
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
ANSWERED_MIN = 0.6
"""The part of requests from somebody who knows the shop that must succeed."""


def test_who_knows_the_shop_gets_what_is_asked_for(hub: Hub, door: Any) -> None:
    app, headers = door
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    regular, seen = Regular(hub), defaultdict[str, Counter[int]](Counter)
    wrong: dict[str, str] = {}
    for operation in (result.ok() for result in schema.get_all_operations()):
        name = operation.definition.raw["operationId"]
        try:
            _try(operation, headers, seen[name], regular)
        except (BaseExceptionGroup, AssertionError, HubError) as problem:
            wrong[name] = _told(problem)

    rates = {name: _share_of_answers(statuses) for name, statuses in seen.items()}
    told = {name: dict(seen[name]) for name in rates if rates[name] < ANSWERED_MIN}
    print(f"{len(rates)} operations, {sum(map(sum, map(Counter.values, seen.values())))} requests")
    assert not wrong, "\n\n".join(f"{label}: {why}" for label, why in wrong.items())
    assert told == {}


def _share_of_answers(statuses: Counter[int]) -> float:
    answered = sum(count for status, count in statuses.items() if 200 <= status < 300)
    return answered / max(1, sum(statuses.values()))


def _told(problem: BaseException) -> str:
    """What went wrong, with the request that shows it."""
    parts = getattr(problem, "exceptions", ()) or (problem,)
    return "; ".join(f"{part} {getattr(part, 'message', '')}" for part in parts)[:1500]


def _try(operation: Any, headers: dict[str, str], seen: Counter[int], regular: Regular) -> None:
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
        regular.point(operation.definition.raw["operationId"], case)
        response = case.call(headers=headers)
        seen[response.status_code] += 1
        case.validate_response(response, checks=CHECKS)

    send()
