"""Pages in Markdown."""

import inspect
import re
from collections.abc import Iterable, Sequence

NOTE = "<!-- Made by `python -m charsu.reference` from the code; edit the code instead. -->"
_COLUMNS = re.compile(r"^\S.*?\s{2,}\S|^\s{2,}\S", re.MULTILINE)


def page(title: str, *parts: str) -> str:
    """A whole page; empty parts are left out."""
    return "\n\n".join([f"# {title}", NOTE, *(part for part in parts if part)]) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; nothing where there are no rows."""
    lines = [_row(cells) for cells in rows]
    if not lines:
        return ""
    return "\n".join([_row(head), _row(["---"] * len(head)), *lines])


def told(text: str | None) -> str:
    """A docstring as Markdown: what it lines up in columns stays lined up."""
    paragraphs = inspect.cleandoc(text or "").replace("``", "`").split("\n\n")
    return "\n\n".join(
        f"```text\n{one}\n```" if _COLUMNS.search(one) else " ".join(one.split())
        for one in paragraphs
        if one
    )


def code(text: object) -> str:
    """The text as code, also where it has a bar or a backtick."""
    return f"`{str(text).replace('`', '')}`"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|")
