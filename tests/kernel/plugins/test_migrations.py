"""A plug-in's tables are made and changed by its own steps, whatever happens on the way."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from signal import SIGKILL
from typing import Any

import psycopg
import pytest

from charsu.migrations import current, head

pytestmark = pytest.mark.slow

PREPARE = """
    import sys

    import msgspec

    from charsu.assembly import open_hub, operations, plugins, prepare

    prepare(sys.argv[1])
    seen = {
        "loaded": [plugin.distribution for plugin in plugins().loaded],
        "failed": {failed.distribution: failed.reason for failed in plugins().failed},
        "operations": [one.name for one in operations() if one.name.startswith("gifts.")],
    }
    print(msgspec.json.encode(seen).decode())
"""
ONLY_OPEN = PREPARE.replace("prepare(sys.argv[1])", "open_hub(sys.argv[1]).close()")

Run = Callable[..., Any]
Release = Callable[[str], Path]


def columns(database: str) -> list[str]:
    """Of the table of wrapped gifts, in their order."""
    with psycopg.connect(database) as connection:
        rows = connection.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_schema = 'gifts' AND table_name = 'wraps' ORDER BY ordinal_position"
        )
        return [name for (name,) in rows]


def taken(database: str) -> str | None:
    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT version_num FROM gifts.alembic_version").fetchone()
        return row and row[0]


def test_a_second_release_changes_the_tables_and_keeps_what_is_in_them(
    release: Release, in_new_process: Run, blank: str
) -> None:
    in_new_process(PREPARE, blank, site=release("1.0"))
    with psycopg.connect(blank) as connection:
        connection.execute("INSERT INTO gifts.wraps VALUES (uuidv7(), 'green', 1)")

    seen = in_new_process(PREPARE, blank, site=release("1.1"))

    assert (seen["loaded"], seen["failed"]) == (["charsu-gifts 1.1"], {})
    assert columns(blank) == ["order_id", "paper", "version", "ribbon"]
    with psycopg.connect(blank) as connection:
        rows = connection.execute("SELECT paper, ribbon FROM gifts.wraps").fetchall()
    assert rows == [("green", None)]


def test_a_step_that_is_killed_half_way_is_taken_by_the_next_run(
    release: Release, in_new_process: Run, blank: str
) -> None:
    in_new_process(PREPARE, blank, site=release("1.1"), gifts="die", ends_with=-SIGKILL)

    assert (current(blank), taken(blank)) == (head(), "0001")
    assert "ribbon" not in columns(blank)

    seen = in_new_process(PREPARE, blank, site=release("1.1"))

    assert seen["loaded"] == ["charsu-gifts 1.1"]
    assert taken(blank) == "0002"
    assert "ribbon" in columns(blank)


def test_a_step_that_fails_leaves_out_its_plug_in_alone_until_it_succeeds(
    release: Release, in_new_process: Run, blank: str
) -> None:
    failed = in_new_process(PREPARE, blank, site=release("1.1"), gifts="fail")

    reason = "its migrations are at 0001, not at 0002"
    assert failed == {"loaded": [], "failed": {"charsu-gifts 1.1": reason}, "operations": []}
    assert (current(blank), taken(blank)) == (head(), "0001")
    assert "ribbon" not in columns(blank)
    # a process that was told that the shop is prepared comes to the same
    assert in_new_process(ONLY_OPEN, blank, site=release("1.1")) == failed

    mended = in_new_process(PREPARE, blank, site=release("1.1"))

    assert (mended["loaded"], mended["operations"]) == (["charsu-gifts 1.1"], ["gifts.wrap"])


def test_an_older_release_does_not_work_on_tables_that_it_does_not_know(
    release: Release, in_new_process: Run, blank: str
) -> None:
    in_new_process(PREPARE, blank, site=release("1.1"))

    seen = in_new_process(PREPARE, blank, site=release("1.0"))

    assert seen["failed"] == {"charsu-gifts 1.0": "its migrations are at 0002, not at 0001"}
    assert "ribbon" in columns(blank)


def test_two_processes_that_bring_a_shop_up_at_once_wait_for_each_other(
    release: Release, in_new_process: Run, blank: str
) -> None:
    site = release("1.1")
    with ThreadPoolExecutor(2) as both:
        runs = [both.submit(in_new_process, PREPARE, blank, site=site) for _ in range(2)]

    assert [run.result()["loaded"] for run in runs] == [["charsu-gifts 1.1"]] * 2
    assert taken(blank) == "0002"


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({}, "there is no table gifts.wraps"),
        ({"migrations/0001_wraps.py": "this is no Python"}, "cannot be read: SyntaxError"),
        ({"migrations/0001_wraps.py": "raise SystemExit(3)"}, "cannot be read: SystemExit(3)"),
    ],
    ids=["no steps", "no Python", "an exit"],
)
def test_tables_that_no_step_makes_are_told_and_not_stumbled_over(
    install: Run, in_new_process: Run, blank: str, files: dict[str, str], reason: str
) -> None:
    tables = """
        from sqlalchemy import Column, Table
        from charsu.kernel import Uuid, metadata

        wraps = Table("wraps", metadata, Column("id", Uuid, primary_key=True), schema="gifts")
    """
    written = {f"bad_gifts/{path}": text for path, text in files.items()}
    install("gifts", "bad_gifts", {"bad_gifts/__init__.py": tables, **written})

    seen = in_new_process(PREPARE, blank)

    assert seen["loaded"] == []
    assert reason in seen["failed"]["bad_gifts 1.0"]
    assert current(blank) == head()
