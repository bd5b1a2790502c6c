"""Every sentence that ``charsu check`` proves."""

from charsu.assembly import rooms
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
        + table(["check", "what must be true"], _rows(room))
        for room in rooms("checks")
    ]
    return page("Checks", ABOUT, *sections)


def _rows(room: object) -> list[list[str]]:
    found: tuple[Check, ...] = getattr(room, "CHECKS", ())
    return [[code(one.name), one.sentence] for one in found]
