"""The suite finds what we have listed, and nothing else."""

from pathlib import Path

import pytest

from charsu.channels.ucp.spoken import VERSIONS
from tests.conformance.spck import allowed, run, unasked

PASSED_LEAST = {"2026-04-08": 155, "2026-08-25": 47}


@pytest.mark.slow
@pytest.mark.parametrize("version", VERSIONS)
def test_the_suite_finds_no_deviation_but_those_that_are_listed(
    version: str, tmp_path: Path
) -> None:
    verdict = run(tmp_path, version)

    assert verdict.deviating == allowed(version).keys(), verdict.table()
    assert verdict.unasked <= unasked().keys()
    assert len(verdict.passed) >= PASSED_LEAST[version], verdict.table()
