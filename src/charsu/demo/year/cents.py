"""Dollars in binary floating point back to the whole cents they were.

The source keeps amounts as float64. Each is within 10⁻¹¹ dollars of a whole number of cents (20
sales values and 8 discounts are dust such as 2·10⁻¹⁶ left by an addition, and mean zero), and the
next candidate is a whole cent away, so rounding recovers the amount rather than approximating it.
``prove`` holds the input to that, and every sum afterwards is a sum of integers.
"""

import polars as pl

TOLERANCE = 1e-6  # of a cent; the data stays below 1e-9


def cents(column: str) -> pl.Expr:
    """A column of dollars as integer cents."""
    return (pl.col(column) * 100).round().cast(pl.Int64)


def prove(frame: pl.LazyFrame, columns: tuple[str, ...]) -> None:
    """Check that every amount is a whole number of cents; ValueError names the column if not."""
    off = frame.select((pl.col(c) * 100 - cents(c)).abs().max().alias(c) for c in columns)
    for column, residue in off.collect().row(0, named=True).items():
        if residue is None or not residue < TOLERANCE:
            raise ValueError(f"{column} holds amounts that are not whole cents")
