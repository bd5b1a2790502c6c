"""A real wholesaler's export, through the import and into the shop, line by line."""

from pathlib import Path

import polars as pl
import psycopg
import pytest

from charsu.assembly import checks
from charsu.demo.loading.wholesale import ONLINE_RETAIL
from charsu.imports import run
from charsu.kernel import Hub
from charsu.kernel.check import run_checks
from charsu.kernel.intake import Report

pytestmark = pytest.mark.slow

EXPORT = Path(__file__).parents[1] / "data" / "online_retail_2010-12_to_2011-08.parquet"
FIRST = 20_000


@pytest.fixture
def part(tmp_path: Path) -> Path:
    path = tmp_path / "online_retail_part.parquet"
    pl.read_parquet(EXPORT).head(FIRST).write_parquet(path)
    return path


def bring(hub: Hub, path: Path, *, dry_run: bool = False) -> Report:
    return run(hub, "orders", path, exports=(ONLINE_RETAIL,), dry_run=dry_run)


def stored_rows(database: str) -> int:
    """Lines of the file that the shop holds, counted in the shop: each loss is a document."""
    with psycopg.connect(database) as connection:
        row = connection.execute(
            """
            SELECT (SELECT count(*) FROM orders.order_lines)
                 + (SELECT count(*) FROM stock.documents WHERE kind = 'write_off')
            """
        ).fetchone()
    assert row is not None
    return int(row[0])


def assert_sound(database: str) -> None:
    with psycopg.connect(database) as connection:
        verdicts = run_checks(connection, checks())
    assert [(v.name, v.findings) for v in verdicts if not v.is_clean] == []


def test_every_line_is_stored_or_reported_and_the_shop_is_sound(
    hub: Hub, database: str, part: Path
) -> None:
    dry = bring(hub, part, dry_run=True)
    nothing_yet = stored_rows(database)
    first = bring(hub, part)
    again = bring(hub, part)

    assert nothing_yet == 0
    assert first.rows_in == FIRST == first.rows_stored + first.rows_reported
    assert (dry.rows_stored, dry.created) == (first.rows_stored, first.created)
    assert (again.created, again.unchanged, again.rows_stored) == (
        0,
        first.created,
        first.rows_stored,
    )
    assert {p.code for p in first.problems} >= {"no_price", "duplicate", "sale_unknown"}
    credit_rows = first.rows_stored - stored_rows(database)
    assert 0 < credit_rows < FIRST // 20
    assert_sound(database)


def test_a_line_that_fits_no_rule_is_reported_and_keeps_nothing_else_out(
    hub: Hub, part: Path
) -> None:
    source = pl.read_parquet(part).head(1_000)
    strange = source.with_row_index().with_columns(
        Quantity=pl.when(pl.col("index") == 6).then(-1).otherwise("Quantity").cast(pl.Int32)
    )
    strange.drop("index").write_parquet(part)

    report = bring(hub, part)

    assert report.rows_in == 1_000
    assert [p.line for p in report.problems if p.code == "no_rule"] == [7]


@pytest.mark.year
@pytest.mark.timeout(600)
def test_the_whole_export_goes_in(hub: Hub, database: str) -> None:
    report = bring(hub, EXPORT)

    print(report.counts, f"{report.seconds:.0f} s")
    assert report.rows_in == 320_705 == report.rows_stored + report.rows_reported
    assert report.rows_earlier == 0
    assert stored_rows(database) == 310_392 + 925
    assert_sound(database)
