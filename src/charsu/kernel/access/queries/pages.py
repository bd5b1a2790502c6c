"""Pages of lists."""

import base64
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from charsu.kernel.errors import Invalid

PageSize = Annotated[int, Meta(ge=1, le=200)]
CursorText = Annotated[str, Meta(max_length=300)]


class CursorInvalid(Invalid):
    """A cursor is the ``next_cursor`` of an earlier page, unchanged."""

    code = "cursor_invalid"

    def __init__(self) -> None:
        super().__init__("This cursor does not come from an earlier page.")


def next_mark(rows: list[Any], limit: int) -> str | None:
    return pack(rows[limit - 1].id) if len(rows) > limit else None


def after_mark(cursor: str | None) -> UUID | None:
    return None if cursor is None else unpack(cursor, UUID)


def pack(place: object) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def unpack(cursor: str, kind: Any) -> Any:
    """What was packed. Raises CursorInvalid, also for a NUL, which no text in the database has."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * 3)
        place = msgspec.json.decode(raw, type=kind)
    except (ValueError, msgspec.DecodeError) as problem:
        raise CursorInvalid from problem
    if b"\\u0000" in raw:
        raise CursorInvalid
    return place
