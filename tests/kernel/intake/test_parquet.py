"""Parquet keeps its types, and comes batch by batch."""

from datetime import UTC, datetime

import polars as pl
import pytest

from charsu.kernel.intake import ArchiveRefused, DamagedFile, RawRow, TooManyColumns, read_rows


def test_rows_come_in_order_with_their_types(tmp_path):
    path = tmp_path / "stock.parquet"
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    pl.DataFrame({"sku": ["A1", None], "on_hand": [3, 4], "at": [at, at]}).write_parquet(path)

    found = read_rows(path)

    assert found.columns == ("sku", "on_hand", "at")
    assert list(found) == [
        RawRow(1, {"sku": "A1", "on_hand": 3, "at": at}),
        RawRow(2, {"sku": None, "on_hand": 4, "at": at}),
    ]


def test_order_holds_over_many_batches_and_row_groups(tmp_path):
    path = tmp_path / "export"  # told by its bytes, not by its name
    pl.DataFrame({"n": range(25_000)}).write_parquet(path, row_group_size=3_000)

    found = read_rows(path)

    assert found.facts.format == "parquet"
    assert [(row.line, row.fields["n"]) for row in found] == [(n + 1, n) for n in range(25_000)]


def test_a_nul_character_is_reported(tmp_path, codes):
    path = tmp_path / "stock.parquet"
    pl.DataFrame({"sku": ["A1", "A\0"]}).write_parquet(path)

    assert codes(list(read_rows(path))) == [(2, "nul_character")]


def test_a_broken_file_is_called_damaged(tmp_path):
    path = tmp_path / "stock.parquet"
    pl.DataFrame({"sku": ["A1"] * 1_000}).write_parquet(path)
    path.write_bytes(path.read_bytes()[:-20])

    with pytest.raises(DamagedFile):
        read_rows(path)


def test_too_many_columns_are_refused(tmp_path):
    path = tmp_path / "wide.parquet"
    pl.DataFrame({f"c{n}": [1] for n in range(1_500)}).write_parquet(path)

    with pytest.raises(TooManyColumns):
        read_rows(path)


def test_parquet_needs_no_packing(tmp_path, write):
    import gzip

    path = tmp_path / "stock.parquet"
    pl.DataFrame({"sku": ["A1"]}).write_parquet(path)

    with pytest.raises(ArchiveRefused):
        read_rows(write("stock.parquet.gz", gzip.compress(path.read_bytes())))


def test_a_name_that_only_claims_to_be_parquet_is_refused(write):
    from charsu.kernel.intake import UnknownFormat

    with pytest.raises(UnknownFormat):
        read_rows(write("stock.parquet", "sku,note\nA1,x\n"))
