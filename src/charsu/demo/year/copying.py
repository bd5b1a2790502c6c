"""Frames as the bytes that PostgreSQL's COPY takes, a hundred thousand rows at a time."""

from collections.abc import Iterator

import polars as pl

ROWS = 100_000


def csv_chunks(frame: pl.DataFrame) -> Iterator[bytes]:
    """The rows for ``COPY table (columns) FROM STDIN (FORMAT csv)``, in their order.

    A null is written as nothing and an empty text as ``""``, as PostgreSQL tells them apart; times
    are written in UTC with their offset. The columns must not be lists.
    """
    utc = pl.selectors.datetime(time_zone="UTC")
    timed = frame.with_columns(utc.dt.strftime("%Y-%m-%d %H:%M:%S%.6f+00"))
    for chunk in timed.iter_slices(ROWS):
        yield chunk.write_csv(include_header=False, null_value="", quote_style="necessary").encode()
