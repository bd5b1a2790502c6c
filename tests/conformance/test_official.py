"""What is said of the official suite where it cannot be asked, and how its report is read."""

import json
from pathlib import Path

import pytest

from tests.conformance.official import obstacle, verdicts

REPORT = """\
Running tests under Python 3.11.7
[ RUN      ] CartTest.test_create
[       OK ] CartTest.test_create
[ RUN      ] CartTest.test_refused
[  FAILED  ] CartTest.test_refused
[  SKIPPED ] CartTest.test_later
"""


def a_copy(folder: Path, version: str) -> str:
    (folder / ".venv/bin").mkdir(parents=True)
    (folder / ".venv/bin/python").touch()
    (folder / "shopping-agent-test.json").write_text(json.dumps({"ucp": {"version": version}}))
    return str(folder)


def test_a_report_says_how_each_test_came_out() -> None:
    assert verdicts(REPORT) == {
        "CartTest.test_create": "OK",
        "CartTest.test_refused": "FAILED",
        "CartTest.test_later": "SKIPPED",
    }


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        ("2026-01-11", "it speaks 2026-01-11, and 2026-04-08, 2026-08-25 are spoken here"),
        ("2026-08-25", None),
    ],
)
def test_a_copy_is_asked_if_its_version_is_spoken(
    version: str, reason: str | None, tmp_path: Path
) -> None:
    assert obstacle(a_copy(tmp_path, version)) == reason


def test_what_is_left_out_is_said(tmp_path: Path) -> None:
    assert obstacle("") == "UCP_CONFORMANCE_DIR names no copy of it"
    assert "has no environment" in str(obstacle(str(tmp_path)))
