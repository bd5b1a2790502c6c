"""A real wholesaler's export: "Online Retail", with everything that is wrong with it.

Chen, D. (2015). Online Retail. UCI Machine Learning Repository. doi:10.24432/C5BW33. Lines of a
UK gift wholesaler from December 2010 on, many of its customers shops themselves. ``read`` takes
the parquet file apart into clean frames and a report that together account for every line.
"""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from charsu.demo.online_retail import frames
from charsu.demo.online_retail.kinds import REASONS, STORED, Reason, kind

CURRENCY = "GBP"
TIME_ZONE = "Europe/London"  # InvoiceDate is its wall clock, without saying so


@dataclass(frozen=True)
class Trade:
    """Frames to store, amounts in pence, and the lines that are not stored."""

    rows: int  # lines of the file
    products: pl.DataFrame  # frames.products
    customers: pl.DataFrame  # frames.customers
    orders: pl.DataFrame  # frames.orders
    lines: pl.DataFrame  # frames.lines: goods sold and charges
    returns: pl.DataFrame  # frames.returns: credit notes
    write_offs: pl.DataFrame  # frames.write_offs
    reported: pl.DataFrame  # frames.reported


def read(path: Path) -> Trade:
    """Every line of the export, stored in one frame or reported with a reason.

    Raises ValueError if a line fits no rule at all: the file is then another one.
    """
    source = classified(pl.read_parquet(path))
    return Trade(
        rows=source.height,
        products=frames.products(source),
        customers=frames.customers(source),
        orders=frames.orders(source),
        lines=frames.lines(source),
        returns=frames.returns(source),
        write_offs=frames.write_offs(source),
        reported=frames.reported(source),
    )


def classified(source: pl.DataFrame) -> pl.DataFrame:
    """The source's lines with ``line`` (1, 2, … in the file), ``sku``, ``kind``, ``at`` and pence.

    Codes differ in case for one product, so they are folded to upper case. ``at`` is UTC.
    """
    numbered = source.with_row_index("line", offset=1)
    folded = numbered.with_columns(sku=pl.col("StockCode").str.strip_chars().str.to_uppercase())
    known = folded.with_columns(
        kind=kind(),
        at=pl.col("InvoiceDate")
        .cast(pl.Datetime("us"))
        .dt.replace_time_zone(TIME_ZONE, ambiguous="earliest", non_existent="raise")
        .dt.convert_time_zone("UTC"),
        price_minor=(pl.col("UnitPrice") * 100).round().cast(pl.Int64),
        quantity=pl.col("Quantity").cast(pl.Int64),
    )
    if strange := known["kind"].null_count():
        raise ValueError(f"{strange} lines fit no rule of this export")
    return known


__all__ = ["CURRENCY", "REASONS", "STORED", "TIME_ZONE", "Reason", "Trade", "classified", "read"]
