"""The log of a process, whoever writes to it."""

import io
import json
import logging
from typing import Any

import pytest
import structlog

from charsu.kernel.logs import configure_logs


@pytest.fixture
def written() -> io.StringIO:
    return io.StringIO()


def lines(written: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_what_libraries_log_is_json_like_our_own(written: io.StringIO) -> None:
    configure_logs(stream=written)
    structlog.get_logger("charsu.test").info("counted", pieces=3)
    logging.getLogger("psycopg.pool").warning("discarding closed connection: %s", "[BAD]")

    ours, theirs = lines(written)
    assert (ours["event"], ours["pieces"], ours["level"]) == ("counted", 3, "info")
    assert theirs["event"] == "discarding closed connection: [BAD]"
    assert (theirs["level"], theirs["logger"]) == ("warning", "psycopg.pool")
    assert theirs["timestamp"]


def test_a_failure_that_a_library_logs_is_one_line_without_the_row(written: io.StringIO) -> None:
    configure_logs(stream=written)
    try:
        raise ValueError("duplicate key\nDETAIL:  Key (email)=(mira@shop.example) exists.")
    except ValueError:
        logging.getLogger("some.library").exception("it failed")

    (line,) = lines(written)
    assert line["exception"][0]["exc_value"] == "duplicate key"
    assert "mira" not in written.getvalue()


def test_a_command_that_people_watch_logs_errors_only(written: io.StringIO) -> None:
    configure_logs(level=logging.ERROR, stream=written)
    logging.getLogger("psycopg").warning("error ignored in rollback")

    assert lines(written) == []
