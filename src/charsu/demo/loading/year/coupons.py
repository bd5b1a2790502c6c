"""The coupons that were used in the year, and in which orders."""

from uuid import UUID

import polars as pl

from charsu.demo.loading.progress import Progress
from charsu.demo.loading.year.shop import YearShop
from charsu.demo.year import CURRENCY, Year
from charsu.kernel import Hub
from charsu.pricing import (
    CouponDraft,
    CouponTerms,
    PastRedemption,
    PutCoupon,
    put_coupon,
    put_many_redemptions,
)

CODE = pl.format("{}-{}", "campaign_code", "coupon_code").alias("code")


def load_coupons(hub: Hub, year: Year, shop: YearShop, progress: Progress) -> None:
    """Take over the coupons that were redeemed; their campaigns are over, so they are not active.

    The source does not say what a coupon was worth, only what all coupons of an order were: that
    amount is spread evenly over them, and a coupon's terms name the most that one use was worth.
    """
    used = _worth(year, shop)
    coupons = used.group_by("code", maintain_order=True).agg(pl.col("worth").max())
    with hub.writing("demo.load") as tx:
        ids = {
            code: put_coupon(tx, PutCoupon(coupon=_coupon(code, worth))).coupon_id
            for code, worth in coupons.iter_rows()
        }
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
                for row in used.iter_rows(named=True)
            ],
        )
    progress("coupons", used.height, used.height)


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


def _coupon(code: str, worth: int) -> CouponDraft:
    terms = CouponTerms(currency=CURRENCY, off_minor=max(worth, 1))
    return CouponDraft(code=code, is_active=False, terms=(terms,))
