"""The suite finds what we have listed, and nothing else."""

from pathlib import Path

import pytest

from tests.conformance.spck import allowed, run

PASSED_LEAST = 120


@pytest.mark.slow
def test_the_suite_finds_no_deviation_but_those_that_are_listed(tmp_path: Path) -> None:
    verdict = run(tmp_path)

    assert verdict.deviating == allowed().keys(), verdict.table()
    assert len(verdict.passed) >= PASSED_LEAST, verdict.table()
