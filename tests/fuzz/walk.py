"""All phases of schemathesis over the whole API, in one process, and what came of them."""

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import schemathesis
from msgspec import Struct, field
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.specs.openapi.checks import is_unexpected_http_status_case

from charsu.kernel import HubError
from charsu.kernel.errors import Invalid
from charsu.web.api.errors import EDGE_ERRORS

from .pointing import KEY, Pointing

EXAMPLES = {"fuzzing": 10, "stateful": 250}
"""Requests of each mode for each operation; walks along links in one round."""
STEPS = 8
"""Requests of one walk at most."""
STEPS_MIN = 2_000
"""Requests on walks, in as many rounds as it takes.

A round ends early: Hypothesis asks that the same choices lead to the same further choices, and a
shop that remembers (an archived product, a canceled order) does not answer twice alike. Then what
was seen counts, and another round begins with another seed."""
WALKED_MIN = 250
"""Links followed from one answer of 2xx to another."""
LINKS_MIN = 60
"""Different ones among them, as chance leads; that each leads somewhere tests/web/api proves."""
ROUNDS_MAX = 60
"""What bounds a walk that gets nowhere: some 20 rounds do."""
AN_ID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LEFT_OUT = ["positive_data_acceptance"]
"""Takes every 422 for a fault of the description. Ours are refusals of the trade as well: no
schema says which coupon takes nothing off, or that a count names a product twice. What it is
there to find, ``what_fits_is_read`` finds."""
UNREAD = {kind.code for kind in EDGE_ERRORS if issubclass(kind, Invalid)}
"""Codes of requests that were refused for their form, before any operation was asked."""


class Walked(Struct):
    """What a run of all phases has seen.

    phases     how each phase ended, in each round that had it
    requests   how many were sent, by phase
    links      how many links were followed to an answer of 2xx, by name
    wrong      what was found, by check, operation and a request that shows it
    """

    phases: dict[str, set[str]] = field(default_factory=dict)
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
            if event.status is not Status.SKIP:
                self.phases.setdefault(event.phase.name.value, set()).add(event.status.value)
        elif isinstance(event, events.ScenarioFinished):
            self.requests[event.phase.value] += len(event.recorder.interactions)
            for name, told in failures(event.recorder):
                self.wrong[name].append(f"{event.phase.value}: {told}")
            self.links.update(followed(event.recorder))

    @property
    def is_far(self) -> bool:
        """Whether walks have led far enough to say something."""
        return (
            self.requests["stateful"] >= STEPS_MIN
            and self.links.total() >= WALKED_MIN
            and len(self.links) >= LINKS_MIN
        )

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
            yield node.transition.id


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


class Guide:
    """Goes along and lets requests that fit the description speak of what there is."""

    def __init__(self, pointing: Pointing) -> None:
        self.pointing = pointing
        self._keys = (f"walk-{number}" for number in itertools.count())
        self._heard: set[str] = set()

    def points(self, case: Any) -> None:
        """On walks everything is pointed but what a link has brought along: the shop said it."""
        if case.meta is None or not case.meta.generation.mode.is_positive:
            return
        if KEY in (case.headers or {}):
            case.headers[KEY] = next(self._keys)  # whoever sends one sends its own
        if case.meta.phase.name.value != "stateful":
            return
        address = {**(case.path_parameters or {}), **(case.query or {})}
        brought = {name: text for name, text in address.items() if self._is_brought(name, text)}
        name = case.operation.definition.raw["operationId"]
        with suppress(HubError):  # what it has brought cannot be made ready: that is for the shop
            self.pointing.point(name, case, brought=brought)

    def _is_brought(self, name: str, text: Any) -> bool:
        """Whether the shop has said it, as far as ids are concerned as an id."""
        is_heard = isinstance(text, str) and text in self._heard
        return is_heard and (not name.endswith("_id") or bool(AN_ID.fullmatch(text)))

    def hears(self, case: Any, response: Any) -> None:
        """What is said in an answer; a refusal may only repeat what was asked."""
        is_walk = case.meta is not None and case.meta.phase.name.value == "stateful"
        if is_walk and 200 <= response.status_code < 300 and response.content:
            self._heard.update(_texts(response.json()))


def _texts(value: Any) -> Iterator[str]:
    """Every text in an answer."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)


def walk(app: Any, headers: dict[str, str], pointing: Pointing, *, seed: int = 1) -> Walked:
    """Run every phase as a program with these headers, who on walks speaks of what there is."""
    guide = Guide(pointing)

    def before_call(context: Any, case: Any, kwargs: Any) -> None:
        guide.points(case)

    def after_call(context: Any, case: Any, response: Any) -> None:
        guide.hears(case, response)

    schemathesis.hook(before_call)
    schemathesis.hook(after_call)
    try:
        walked = Walked()
        for round_number in range(ROUNDS_MAX):
            config = _config(headers, seed=seed + round_number, is_first=not round_number)
            schema = schemathesis.openapi.from_asgi("/openapi.json", app, config=config)
            for event in from_schema(schema).execute():
                walked.note(event)
            if walked.is_far:
                break
        return walked
    finally:
        schemathesis.hooks.unregister(before_call)
        schemathesis.hooks.unregister(after_call)


def _config(headers: dict[str, str], *, seed: int, is_first: bool) -> SchemathesisConfig:
    """Every check but one; a failure does not end its phase; further rounds only walk."""
    phases: dict[str, Any] = {
        name: {"generation": {"max-examples": most}} for name, most in EXAMPLES.items()
    }
    phases["stateful"]["max-steps"] = STEPS
    if not is_first:
        phases |= {name: {"enabled": False} for name in ("examples", "coverage", "fuzzing")}
    return SchemathesisConfig.from_dict(
        {
            "seed": seed,
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
