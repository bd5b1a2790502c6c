"""Campaigns, the coupons they handed out, and the orders in which those were used.

Dates are calendar days of the shop, moved by the same whole weeks as the orders. A redemption takes
the moment of an order of that household on that day: there is one for each of the 2,102. Those of
the days that the ring puts 52 weeks earlier go with their order, and so lie before their campaign.
"""

from datetime import datetime

import polars as pl

from charsu.demo.year import households
from charsu.demo.year.clock import local, shift
from charsu.demo.year.source import scan


def campaigns(now: datetime) -> pl.DataFrame:
    """``code``, ``type`` (Type A, B or C), ``starts_on`` and ``ends_on`` (both included)."""
    days = shift(local(now).date())
    return (
        scan("campaign_descriptions")
        .sort("campaign_id")
        .select(
            code=_campaign(),
            type="campaign_type",
            starts_on=pl.col("start_date").dt.date() + days,
            ends_on=pl.col("end_date").dt.date() + days,
        )
        .collect()
    )


def invitations(people: pl.DataFrame) -> pl.DataFrame:
    """Which of these households received which campaign: ``campaign_code``, ``household_code``."""
    told = scan("campaigns").sort("campaign_id", "household_id")
    pairs = told.select(campaign_code=_campaign(), household_code=households.code())
    return pairs.collect().join(_codes(people), on="household_code", how="semi")


def coupons(catalog: pl.DataFrame) -> pl.DataFrame:
    """Which coupon of which campaign is good for which of these products.

    ``coupon_code``, ``campaign_code``, ``sku``. The 4,872 rows that the source repeats are here
    once; the 8 that name a product which is neither listed nor sold are left out.
    """
    good_for = scan("coupons").unique().sort("campaign_id", "coupon_upc", "product_id")
    table = good_for.select(
        coupon_code=pl.col("coupon_upc").cast(pl.String),
        campaign_code=_campaign(),
        sku=pl.col("product_id").cast(pl.String),
    )
    return table.collect().join(catalog.select("sku"), on="sku", how="semi")


def redemptions(lines: pl.DataFrame, orders: pl.DataFrame) -> pl.DataFrame:
    """Coupons used: which one, of which campaign, by whom, in which order and when.

    ``coupon_code``, ``campaign_code``, ``household_code``, ``order_id``, and ``redeemed_at``
    (aware, UTC), when the order was placed. It is the household's order of that day with the most
    paid by coupon, the earliest among equals.
    """
    used = scan("coupon_redemptions").select(
        coupon_code=pl.col("coupon_upc").cast(pl.String),
        campaign_code=_campaign(),
        household_code=households.code(),
        source_day=pl.col("redemption_date").dt.date(),
    )
    matched = used.collect().join(_best_of_day(lines, orders), on=["household_code", "source_day"])
    rows = matched.select(
        *("coupon_code", "campaign_code", "household_code"), order_id="id", redeemed_at="placed_at"
    )
    return rows.sort("redeemed_at", "coupon_code")


def _best_of_day(lines: pl.DataFrame, orders: pl.DataFrame) -> pl.DataFrame:
    days = lines.select("source_day", number=pl.col("basket_id").cast(pl.String)).unique()
    ranked = orders.join(days, on="number").sort(
        ["coupon_minor", "placed_at", "number"], descending=[True, False, False]
    )
    return ranked.unique(["household_code", "source_day"], keep="first", maintain_order=True)


def _campaign() -> pl.Expr:
    return pl.format("C{}", pl.col("campaign_id").cast(pl.String).str.zfill(2))


def _codes(people: pl.DataFrame) -> pl.DataFrame:
    return people.select(household_code="code")
