"""Chance that repeats: a number in [0, 1) drawn from the values of a row.

Polars does not promise that its own hash stays the same from version to version, so this one is
written out: rounds of x² + c modulo the Mersenne prime 2³¹ - 1, small enough for 64-bit integers.
It spreads invented shelf levels over products; it is not for secrets.
"""

import polars as pl

PRIME = (1 << 31) - 1


def draw(*columns: str, seed: int) -> pl.Expr:
    """A float in [0, 1) for each row, from integer columns that are 0 or more and a seed."""
    state: pl.Expr = pl.lit(seed, dtype=pl.Int64)
    for column in columns:
        state = (state * 48_271 + pl.col(column).cast(pl.Int64)) % PRIME
        for constant in (11, 1_013, 65_537):
            state = (state * state + constant) % PRIME
    return state / PRIME
