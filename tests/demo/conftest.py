from datetime import UTC, datetime

import polars as pl
import pytest

from charsu.demo.year import Size, Year, load
from charsu.demo.year.lines import read_lines
from charsu.demo.year.source import scan

NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def year() -> Year:
    return load(Size.FULL, NOW)


@pytest.fixture(scope="session")
def small() -> Year:
    return load(Size.SMALL, NOW)


@pytest.fixture(scope="session")
def till() -> pl.DataFrame:
    """The source's transactions as they are, for counting by other means than the product's."""
    return scan("transactions").collect()


@pytest.fixture(scope="session")
def sold() -> pl.DataFrame:
    return read_lines(NOW)
