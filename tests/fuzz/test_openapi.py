"""Generated requests against the whole API: nothing breaks, and nothing answers unannounced."""

import logging
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
import structlog
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    response_schema_conformance,
    status_code_conformance,
)

from charsu.kernel import Hub, HubError
from charsu.kernel.access import IssueKey, KeyRole, digest_of, issue_key, new_token
from charsu.kernel.actors import SYSTEM
from charsu.web.site import build_app

from .regular import Regular

pytestmark = [
    pytest.mark.fuzz,
    # of the client that schemathesis drives applications with
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

CHECKS = [not_a_server_error, status_code_conformance, response_schema_conformance]
EXAMPLES = 30
"""Requests of each kind for each operation."""
ANSWERED_MIN = 0.6
"""The part of requests from somebody who knows the shop that must succeed."""


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Thousands of lines of log would hide what is told at the end."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.configure(**before)


@pytest.fixture
def door(hub: Hub):
    """The whole shop, and the headers of a program that may do everything."""
    secret = new_token("key")
    ask = IssueKey(label="fuzz", digest=digest_of(secret).hex(), roles=(KeyRole(role="admin"),))
    hub.run(issue_key, ask, actor=SYSTEM)
    return build_app(hub), {"Authorization": f"Bearer {secret}"}


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_no_request_breaks_the_shop_or_surprises_its_caller(door: Any, mode: Any) -> None:
    app, headers = door
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    seen: defaultdict[str, Counter[int]] = defaultdict(Counter)

    wrong: dict[str, str] = {}
    for operation in (result.ok() for result in schema.get_all_operations()):
        try:
            _try(operation, headers, mode, seen[operation.label])
        except Unsatisfiable:
            continue  # nothing can be wrong with a request that has no parts
        except (BaseExceptionGroup, AssertionError) as problem:
            wrong[operation.label] = _told(problem)

    print({label: dict(statuses) for label, statuses in seen.items()})
    assert not wrong, "\n\n".join(f"{label}: {why}" for label, why in wrong.items())
    assert seen


def test_who_knows_the_shop_gets_what_is_asked_for(hub: Hub, door: Any) -> None:
    app, headers = door
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    regular, seen = Regular(hub), defaultdict[str, Counter[int]](Counter)
    wrong: dict[str, str] = {}
    for operation in (result.ok() for result in schema.get_all_operations()):
        name = operation.definition.raw["operationId"]
        try:
            _try(operation, headers, GenerationMode.POSITIVE, seen[name], regular)
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


def _try(
    operation: Any,
    headers: dict[str, str],
    mode: Any,
    seen: Counter[int],
    regular: Regular | None = None,
) -> None:
    strategy = operation.as_strategy(generation_mode=mode)

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
        if regular is not None:
            regular.point(operation.definition.raw["operationId"], case)
        response = case.call(headers=headers)
        seen[response.status_code] += 1
        case.validate_response(response, checks=CHECKS)

    send()
