"""Ids that come out the same each time the same year is loaded.

They are UUIDv7 like every id of the hub (RFC 9562, section 5.7): 48 bits of milliseconds, then
bits that look like chance. Here those come from BLAKE2b over what the thing is, and the last
twelve are left zero for its parts: an order ends in 000, its lines in 001, 002, ….
"""

from datetime import datetime
from hashlib import blake2b
from uuid import UUID

import polars as pl

PARTS = 0xFFF  # the most parts that one thing can number


def stable_id(kind: str, number: int, at: datetime) -> UUID:
    """The id of a thing made at ``at`` (aware), always the same for the same three values."""
    return UUID(_text(kind, number, int(at.timestamp() * 1000)))


def stable_ids(kind: str, numbers: pl.Series, milliseconds: pl.Series) -> pl.Series:
    """``stable_id`` for columns of numbers and of milliseconds since 1970, as text."""
    pairs = zip(numbers, milliseconds, strict=True)
    return pl.Series((_text(kind, number, at) for number, at in pairs), dtype=pl.String)


def part_ids(whole: pl.Expr, number: pl.Expr) -> pl.Expr:
    """The id of part 1, 2, … (at most 4,095) of things whose ids are given, as text."""
    tails = pl.Series([f"{part:03x}" for part in range(PARTS + 1)])
    return whole.str.head(33) + pl.lit(tails).gather(number)


def _text(kind: str, number: int, milliseconds: int) -> str:
    chance = int.from_bytes(blake2b(f"{kind}/{number}".encode(), digest_size=8).digest())
    high = milliseconds << 16 | 0x7000 | chance & 0xFFF
    low = 1 << 63 | (chance >> 12 & (1 << 50) - 1) << 12
    text = f"{high << 64 | low:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
