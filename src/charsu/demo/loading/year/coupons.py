"""The coupons that the year's campaigns handed out, and in which orders they were used."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import polars as pl

from charsu.demo.loading.parts import put_in_parts
from charsu.demo.loading.progress import Progress
from charsu.demo.loading.year.shop import YearShop
from charsu.demo.year import CURRENCY, Year
from charsu.demo.year.clock import instant
from charsu.kernel import Hub
from charsu.pricing import (
    CouponDraft,
    CouponTerms,
    PastRedemption,
    put_many_past_coupons,
    put_many_redemptions,
)

COUPONS_AT_ONCE = 1_000
CODE = pl.format("{}-{}", "campaign_code", "coupon_code").alias("code")


def load_coupons(hub: Hub, year: Year, shop: YearShop, progress: Progress) -> None:
    """Take over every coupon of every campaign, valid on the campaign's days, and each use.

    The source does not say what a coupon was worth, only what all coupons of an order were: that
    amount is spread evenly over them, and a coupon's terms name the most that one use was worth,
    or a cent where nobody used it. What nobody knows the worth of is not to be used: no coupon is
    active.
    """
    used = _worth(year, shop)
    ids = _put_coupons(hub, year, used)

    def put(uses: Sequence[dict[str, Any]]) -> None:
        with hub.writing("demo.load") as tx:
            put_many_redemptions(
                tx,
                [
                    PastRedemption(
                        coupon_id=ids[row["code"]],
                        order_id=UUID(row["order_id"]),
                        customer_id=UUID(row["customer_id"]),
                        discount_minor=row["worth"],
                        currency=CURRENCY,
                        redeemed_at=row["redeemed_at"],
                    )
                    for row in uses
                ],
            )

    done = 0
    for uses, _ in put_in_parts(used.to_dicts(), COUPONS_AT_ONCE, put):
        done += len(uses)
        progress("coupons", done, used.height)


def _put_coupons(hub: Hub, year: Year, used: pl.DataFrame) -> dict[str, UUID]:
    """The ids by code: the campaign's number, and the coupon's."""
    drafts = [_coupon(row) for row in _coupons(year, used).iter_rows(named=True)]

    def put(some: Sequence[CouponDraft]) -> list[UUID]:
        with hub.writing("demo.load") as tx:
            return put_many_past_coupons(tx, some)

    stored = put_in_parts(drafts, COUPONS_AT_ONCE, put)
    return {draft.code: id_ for some, ids in stored for draft, id_ in zip(some, ids, strict=True)}


def _coupons(year: Year, used: pl.DataFrame) -> pl.DataFrame:
    """``code``, ``worth`` (null if unused), ``valid_from`` and ``valid_until`` of every coupon."""
    day = pl.col("ends_on") + pl.duration(days=1)
    campaigns = year.campaigns.select(
        campaign_code="code",
        valid_from=instant(pl.col("starts_on").cast(pl.Datetime("us"))),
        valid_until=instant(day.cast(pl.Datetime("us"))),
    )
    most = used.group_by("code").agg(pl.col("worth").max())
    handed_out = year.coupons.select("campaign_code", CODE).unique("code").sort("code")
    return handed_out.join(campaigns, on="campaign_code", how="left", maintain_order="left").join(
        most, on="code", how="left", maintain_order="left"
    )


def _worth(year: Year, shop: YearShop) -> pl.DataFrame:
    """Each use once, with its equal part of what coupons paid of the order, exact in sum."""
    paid = year.orders.select("coupon_minor", order_id="id")
    used = year.redemptions.with_columns(CODE).unique(["order_id", "code"], maintain_order=True)
    place = pl.int_range(pl.len()).over("order_id")
    count = pl.len().over("order_id")
    whole = pl.col("coupon_minor")
    return (
        used.join(paid, on="order_id", maintain_order="left")
        .join(shop.customers, on="household_code", maintain_order="left")
        .with_columns(worth=whole * (place + 1) // count - whole * place // count)
    )


def _coupon(row: dict[str, Any]) -> CouponDraft:
    return CouponDraft(
        code=row["code"],
        is_active=False,
        terms=(CouponTerms(currency=CURRENCY, off_minor=max(row["worth"] or 0, 1)),),
        valid_from=row["valid_from"],
        valid_until=row["valid_until"],
    )
