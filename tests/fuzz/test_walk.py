"""Every phase of schemathesis: examples, coverage, fuzzing, and walks along the links."""

import os
from typing import Any

import pytest

from charsu.kernel import Hub

from .pointing import Pointing
from .walk import walk

pytestmark = [
    pytest.mark.fuzz,
    pytest.mark.timeout(1500),  # making requests takes most of it
    # of the client that schemathesis drives applications with
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

SEED = int(os.environ.get("CHARSU_FUZZ_SEED", "1"))


def test_no_request_breaks_the_shop_or_surprises_its_caller(hub: Hub, door: Any) -> None:
    app, headers = door

    walked = walk(app, headers, Pointing(hub), seed=SEED)

    print(dict(walked.requests), walked.phases)
    print(f"{walked.links.total()} followed, of {len(walked.links)} links")
    assert not walked.wrong, walked.told()
    for phase in ("examples", "coverage", "fuzzing", "stateful"):
        assert walked.phases[phase] == {"success"}
        assert walked.requests[phase] > 0
    assert walked.is_far
