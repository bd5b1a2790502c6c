"""Which kinds of terminals this shop can speak to: ours for trying out, and those of plug-ins.

A distribution that declares

    [project.entry-points."charsu.terminals"]
    zvt = "charsu_zvt:ZvtTerminal"

adds a kind named ``zvt``: the class is called without arguments and has the shape of ``Terminal``;
how it reaches its terminals is its own matter. One that cannot be loaded is left out and named in
the log; the hub goes on without it.
"""

import re
from collections.abc import Collection, Iterable
from importlib.metadata import EntryPoint, entry_points

import structlog

from charsu.orders.terminals.pretending import TestTerminal
from charsu.orders.terminals.terminal import Terminal

GROUP = "charsu.terminals"
TEST_KIND = "test_terminal"
_NAME = re.compile("[a-z][a-z0-9_]{1,30}")
_FLAGS = ("captures_in_parts", "tells_statements", "tells_totals")
_log = structlog.get_logger("charsu.terminals")


def load_kinds(found: Iterable[EntryPoint], *, taken: Collection[str]) -> dict[str, Terminal]:
    """The kinds that plug-ins bring, in order of their names; none takes another's name."""
    kinds: dict[str, Terminal] = {}
    for point in sorted(found, key=lambda each: each.name):
        try:
            if not _NAME.fullmatch(point.name) or point.name in {*taken, *kinds}:
                raise ValueError("the name is taken, or is none for a kind of terminal")
            kinds[point.name] = _checked(point.load()())
        except Exception as problem:
            _log.error("terminal_left_out", kind=point.name, reason=repr(problem))
    return kinds


def _checked(kind: object) -> Terminal:
    if not isinstance(kind, Terminal):
        raise TypeError("it has not the shape of a terminal")
    if not all(isinstance(getattr(kind, flag), bool) for flag in _FLAGS):
        raise TypeError("it does not say what it can do")
    return kind


OTHERS = ("counter", "credit", "exchange", "history", "test", "stripe", TEST_KIND)
"""Names of those who take money otherwise."""

TERMINALS: dict[str, Terminal] = {
    TEST_KIND: TestTerminal(),
    **load_kinds(entry_points(group=GROUP), taken=OTHERS),
}
"""By name, as payments keep it."""
