"""Every phase of schemathesis: examples, coverage, fuzzing, and walks along the links."""

from typing import Any

import pytest

from charsu.kernel import Hub

from .regular import Regular
from .walk import walk

pytestmark = [
    pytest.mark.fuzz,
    # of the client that schemathesis drives applications with
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

WALKED_MIN = 20
"""Links followed from one answer of 2xx to another."""


def test_no_request_breaks_the_shop_or_surprises_its_caller(hub: Hub, door: Any) -> None:
    app, headers = door
    regular = Regular(hub)
    regular.fill()

    walked = walk(app, headers, regular)

    print(walked.requests, dict(walked.links))
    assert not walked.wrong, walked.told()
    for phase in ("examples", "coverage", "fuzzing", "stateful"):
        assert walked.phases[phase] == "success"
        assert walked.requests[phase] > 0
    assert walked.links.total() >= WALKED_MIN
