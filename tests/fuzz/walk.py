"""All phases of schemathesis over the whole API, in one process, and what came of them."""

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import schemathesis
from msgspec import Struct, field
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.specs.openapi.checks import is_unexpected_http_status_case

from charsu.kernel.errors import Invalid
from charsu.web.api.errors import EDGE_ERRORS

from .regular import Regular

EXAMPLES = {"fuzzing": 10, "stateful": 250}
"""Requests of each mode for each operation; walks along links."""
STEPS = 8
"""Requests of one walk at most."""
LEFT_OUT = ["positive_data_acceptance"]
"""Takes every 422 for a fault of the description. Ours are refusals of the trade as well: no
schema says which coupon takes nothing off, or that a count names a product twice. What it is
there to find, ``what_fits_is_read`` finds."""
UNREAD = {kind.code for kind in EDGE_ERRORS if issubclass(kind, Invalid)}
"""Codes of requests that were refused for their form, before any operation was asked."""


class Walked(Struct):
    """What a run of all phases has seen.

    phases     how each phase ended, by its name
    requests   how many were sent, by phase
    links      how many links were followed to an answer of 2xx, by the operation that they lead to
    wrong      what was found, by check, operation and a request that shows it
    """

    phases: dict[str, str] = field(default_factory=dict)
    requests: Counter[str] = field(default_factory=Counter)
    links: Counter[str] = field(default_factory=Counter)
    wrong: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def note(self, event: events.EngineEvent) -> None:
        """Take up what the engine tells."""
        if isinstance(event, events.FatalError):
            raise event.exception
        if isinstance(event, events.NonFatalError):
            self.wrong[f"engine: {event.info.title}"].append(f"{event.label}: {event.value}")
        elif isinstance(event, events.PhaseFinished):
            self.phases[event.phase.name.value] = event.status.value
        elif isinstance(event, events.ScenarioFinished):
            self.requests[event.phase.value] += len(event.recorder.interactions)
            for name, told in failures(event.recorder):
                self.wrong[name].append(f"{event.phase.value}: {told}")
            self.links.update(followed(event.recorder))

    def told(self) -> str:
        """What was found, each kind with the first requests that show it."""
        return "\n\n".join(
            "\n".join((f"{name}, {len(shown)} times:", *shown[:3]))
            for name, shown in self.wrong.items()
        )


def failures(recorder: ScenarioRecorder) -> Iterator[tuple[str, str]]:
    """Each failed check with its operation, its reason and the request."""
    for case_id, checks in recorder.checks.items():
        for check in checks:
            if (shown := check.failure_info) is not None:
                operation = recorder.cases[case_id].value.operation.label
                yield check.name, f"{operation}: {shown.failure} {shown.code_sample}"[:2000]


def followed(recorder: ScenarioRecorder) -> Iterator[str]:
    """Where links have led to an answer, both ends being 2xx."""
    for case_id, node in recorder.cases.items():
        if node.transition is None or not node.is_transition_applied:
            continue
        if _is_answered(recorder, node.parent_id) and _is_answered(recorder, case_id):
            yield node.value.operation.label


def _is_answered(recorder: ScenarioRecorder, case_id: str | None) -> bool:
    response = recorder.find_response(case_id=case_id) if case_id else None
    return response is not None and 200 <= response.status_code < 300


@schemathesis.check
def what_fits_is_read(ctx: Any, response: Any, case: Any) -> None:
    """A request that fits the description is never refused for its form."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if response.status_code < 400 or is_unexpected_http_status_case(case) or not _is_quoted(case):
        return
    assert response.json().get("code") not in UNREAD, response.text


def _is_quoted(case: Any) -> bool:
    """False for an If-Match of 0: what schemathesis 4.32 sends where a pattern asks for quotes."""
    return (case.headers or {}).get("If-Match") != "0"


def walk(app: Any, headers: dict[str, str], regular: Regular) -> Walked:
    """Run every phase as a program with these headers, who on walks speaks of what there is."""
    schema = schemathesis.openapi.from_asgi("/openapi.json", app, config=_config(headers))
    keys = (f"walk-{number}" for number in itertools.count())

    def before_call(context: Any, case: Any, kwargs: Any) -> None:
        if case.meta is None or not case.meta.generation.mode.is_positive:
            return
        if "Idempotency-Key" in (case.headers or {}):
            case.headers["Idempotency-Key"] = next(keys)  # whoever sends one sends its own
        if case.meta.phase.name.value == "stateful":
            regular.supply(case)

    schemathesis.hook(before_call)
    try:
        walked = Walked()
        for event in from_schema(schema).execute():
            walked.note(event)
        return walked
    finally:
        schemathesis.hooks.unregister(before_call)


def _config(headers: dict[str, str]) -> SchemathesisConfig:
    """The same requests at each run; every check but one; a failure does not end its phase."""
    phases = {name: {"generation": {"max-examples": most}} for name, most in EXAMPLES.items()}
    phases["stateful"]["max-steps"] = STEPS
    return SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "headers": headers,
            "continue-on-failure": True,
            "generation": {
                "deterministic": True,
                "database": "none",
                "no-shrink": True,
                "with-security-parameters": False,  # the key above; ignored_auth tries others
            },
            "checks": {name: {"enabled": False} for name in LEFT_OUT},
            "phases": phases,
        }
    )
