"""Pages of lists: ``next`` of an answer is a mark, and ``after`` of the next request gives it back.

A mark names the last row shown by what its list is sorted by, never by a count of rows. So pages
stay right while rows come in: each row that was there at the first page is shown once.
"""

import base64
from collections.abc import Sequence
from datetime import UTC, datetime
from types import GenericAlias
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from charsu.kernel.errors import Invalid

MARK_LENGTH_MAX = 600

Mark = Annotated[str, Meta(max_length=MARK_LENGTH_MAX)]
Moment = Annotated[datetime, Meta(tz=True)]


class PageUnknown(Invalid):
    """The page mark is not one that an answer gave."""

    code = "page_unknown"

    def __init__(self) -> None:
        super().__init__("Ask for the next page with the mark that the last one gave.")


def cut(rows: Sequence[Any], limit: int, *columns: str) -> tuple[Sequence[Any], str | None]:
    """The rows of a page and the mark of the next one; None where nothing follows.

    rows     as the statement gave them, asked for one more than ``limit``
    columns  what the list is sorted by; together they name one row
    """
    shown = rows[:limit]
    if len(rows) <= limit:
        return shown, None
    return shown, write_mark(*(getattr(shown[-1], column) for column in columns))


def write_mark(*place: str | int | UUID | datetime) -> str:
    """A place in a list as text that fits into an address."""
    plain = [one.astimezone(UTC) if isinstance(one, datetime) else one for one in place]
    return base64.urlsafe_b64encode(msgspec.json.encode(plain)).decode().rstrip("=")


def read_mark(mark: str | None, *kinds: Any) -> tuple[Any, ...]:
    """The place that a mark names, a value for each kind; all None for the first page.

    Raises PageUnknown for what ``write_mark`` would not have written.
    """
    if mark is None:
        return (None,) * len(kinds)
    try:
        plain = base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4))
        place: tuple[Any, ...] = msgspec.json.decode(plain, type=GenericAlias(tuple, kinds))
        is_ours = write_mark(*place) == mark
    except (ValueError, OverflowError, msgspec.DecodeError) as problem:
        raise PageUnknown from problem
    if not is_ours or rb"\u0000" in plain:  # no text of the database has a NUL
        raise PageUnknown
    return place
