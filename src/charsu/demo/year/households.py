"""Households as customers: names and addresses are invented and every row says so.

E-mail addresses end in example.com (RFC 2606) and telephone numbers are of the range 555-0100 to
555-0199 that North America keeps for fiction, so nothing can ever reach a real person. What 801
households told about themselves (age, income, …) is the source's own.
"""

import polars as pl

from charsu.demo.year.chance import draw
from charsu.demo.year.source import scan
from charsu.demo.year.stores import REGION
from charsu.demo.year.stores import code as store_code
from charsu.demo.year.words import WORDS


def code(column: str = "household_id") -> pl.Expr:
    """A household's customer number: ``H00900``."""
    return pl.format("H{}", pl.col(column).cast(pl.String).str.zfill(5))


def households(lines: pl.DataFrame, stores: pl.DataFrame) -> pl.DataFrame:
    """One row for each household of the lines, in order of its number.

    code, given_name, family_name, email, phone, street, town, region, country   invented
    age, income, home_ownership, marital_status, household_size, household_comp,
    kids_count          the source's bands, null for most
    The town is the invented town of the store where the household shopped most.
    """
    told = scan("demographics").collect()
    named = _home(lines, stores).with_columns(
        given_name=_pick(WORDS.given_names, seed=11),
        family_name=_pick(WORDS.family_names, seed=12),
        street=pl.format("{} {}", _number(1, 240, seed=13), _pick(WORDS.streets, seed=14)),
        phone=pl.format("+1 555 555 {}", _number(100, 199, seed=15).cast(pl.String).str.zfill(4)),
    )
    given, family = pl.col("given_name"), pl.col("family_name")
    address = pl.format("{}.{}.{}@example.com", given, family, "household_id")
    return named.join(told, on="household_id", how="left").select(
        code().alias("code"),
        *("given_name", "family_name"),
        address.str.to_lowercase().alias("email"),
        *("phone", "street", "town"),
        region=pl.lit(REGION),
        country=pl.lit("US"),
        **{column: pl.col(column) for column in told.columns if column != "household_id"},
        invented=pl.lit(True),
    )


def _home(lines: pl.DataFrame, stores: pl.DataFrame) -> pl.DataFrame:
    """Each household with the town of its favourite store (the lower number among equals)."""
    visits = lines.group_by("household_id", "store_id").agg(pl.col("basket_id").n_unique())
    ranked = visits.sort(["basket_id", "store_id"], descending=[True, False])
    home = ranked.group_by("household_id", maintain_order=True).first()
    towns = stores.select("town", store="code")
    return (
        home.with_columns(store=store_code())
        .join(towns, on="store", how="left")
        .sort("household_id")
    )


def _pick(words: tuple[str, ...], *, seed: int) -> pl.Expr:
    place = (draw("household_id", seed=seed) * len(words)).cast(pl.UInt32)
    return pl.lit(pl.Series(words)).gather(place)


def _number(low: int, high: int, *, seed: int) -> pl.Expr:
    return low + (draw("household_id", seed=seed) * (high - low + 1)).cast(pl.Int64)
