"""Which keys a file has named already, in bounded memory however many there are."""

import sqlite3
from types import TracebackType
from typing import Self

CACHE_KIB = 16 * 1024


class SeenKeys:
    """Keys with the line where each stood first, in a temporary database that leaves no file."""

    def __init__(self) -> None:
        self._keys = sqlite3.connect("", isolation_level=None)  # "" is private and on disk
        self._keys.executescript(
            f"""
            PRAGMA cache_size = -{CACHE_KIB};
            PRAGMA journal_mode = OFF;
            PRAGMA synchronous = OFF;
            CREATE TABLE seen (key TEXT PRIMARY KEY, line INTEGER NOT NULL) WITHOUT ROWID;
            BEGIN;
            """
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._keys.close()

    def first_line(self, key: str, line: int) -> int | None:
        """The line where this key stood before, or None, and then it has stood here now."""
        added = self._keys.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (key, line))
        if added.rowcount:
            return None
        (first,) = self._keys.execute("SELECT line FROM seen WHERE key = ?", (key,)).fetchone()
        return int(first)
