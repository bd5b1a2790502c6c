"""Every phase of schemathesis: examples, coverage, fuzzing, and walks along the links."""

import os
from typing import Any

import pytest

from charsu.kernel import Hub

from .pointing import Pointing
from .walk import STEPS_MIN, walk

pytestmark = [
    pytest.mark.fuzz,
    pytest.mark.timeout(1500),  # making requests takes most of it
    # of the client that schemathesis drives applications with
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

SEED = int(os.environ.get("CHARSU_FUZZ_SEED", "1"))
WALKED_MIN = 250
"""Links followed from one answer of 2xx to another."""
LINKS_MIN = 60
"""Different ones among them, as chance leads; that each leads somewhere tests/web/api proves."""


def test_no_request_breaks_the_shop_or_surprises_its_caller(hub: Hub, door: Any) -> None:
    app, headers = door

    walked = walk(app, headers, Pointing(hub), seed=SEED)

    print(dict(walked.requests), walked.phases)
    print(f"{walked.links.total()} followed, of {len(walked.links)} links")
    assert not walked.wrong, walked.told()
    for phase in ("examples", "coverage", "fuzzing", "stateful"):
        assert walked.phases[phase] == {"success"}
        assert walked.requests[phase] > 0
    assert walked.requests["stateful"] >= STEPS_MIN
    assert walked.links.total() >= WALKED_MIN
    assert len(walked.links) >= LINKS_MIN
