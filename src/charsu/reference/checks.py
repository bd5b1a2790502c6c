"""Every sentence that ``charsu check`` proves."""

from collections.abc import Iterable

from charsu.assembly import checks, rooms
from charsu.kernel.check import Check
from charsu.reference.markdown import code, page, table

ABOUT = """\
`charsu check` proves these sentences on a live database, all at one moment in one read-only
snapshot. It prints how much it looked at, and names the rows that break a sentence. Status 1
means that something is not as it must be."""


def checks_page() -> str:
    """The sentences, package by package."""
    sections = [
        f"## {room.__name__.split('.')[-2]}\n\n"
        + table(["check", "what must be true"], _rows(room.CHECKS))
        for room in rooms("checks")
    ]
    in_rooms = {one.name for room in rooms("checks") for one in room.CHECKS}
    others = [one for one in checks() if one.name not in in_rooms]
    head = "## all packages together\n\n"
    sections.append(head + table(["check", "what must be true"], _rows(others)))
    return page("Checks", ABOUT, *sections)


def _rows(checks: Iterable[Check]) -> list[list[str]]:
    return [[code(one.name), one.sentence] for one in checks]
