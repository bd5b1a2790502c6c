"""CSV as shops receive it."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charsu.kernel.intake import (
    BrokenHeader,
    DuplicateColumns,
    EmptyFile,
    HeaderTooLong,
    Limits,
    QuotesUnmatched,
    RawRow,
    TooManyColumns,
    read_rows,
)

CELLS = st.text(
    alphabet=st.characters(codec="utf-8", exclude_characters="\0\ufffd\ufeff"), max_size=12
)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter, write):
    lines = [("sku", "name", "price"), ("A1", "Mug, blue; large", "12.50"), ("A2", "Cup", "8")]
    content = io.StringIO()
    csv.writer(content, delimiter=delimiter).writerows(lines)

    found = read_rows(write("file.csv", content.getvalue()))

    assert found.facts.delimiter == delimiter
    assert found.columns == ("sku", "name", "price")
    assert [row.fields["name"] for row in found] == ["Mug, blue; large", "Cup"]


def test_decimal_commas_do_not_pass_for_delimiters(read, rows):
    assert rows(read("sku;price\nA1;12,50\nA2;8,00\n")) == [
        (2, {"sku": "A1", "price": "12,50"}),
        (3, {"sku": "A2", "price": "8,00"}),
    ]


def test_a_delimiter_that_excel_names_is_taken_at_its_word(write):
    found = read_rows(write("file.csv", "sep=|\r\nsku|a,b,c\r\nA1|1,2,3\r\n"))

    assert found.columns == ("sku", "a,b,c")
    assert list(found) == [RawRow(3, {"sku": "A1", "a,b,c": "1,2,3"})]


@settings(deadline=None)
@given(
    header=st.lists(
        st.text("abcdefgh", min_size=2, max_size=9), min_size=2, max_size=5, unique=True
    ),
    data=st.data(),
    delimiter=st.sampled_from(",;\t|"),
    line_end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_a_csv_writer_writes_is_read_back(
    header, data, delimiter, line_end, encoding, tmp_path_factory
):
    written = data.draw(st.lists(st.lists(CELLS, min_size=len(header), max_size=len(header))))
    content = io.StringIO(newline="")
    writer = csv.writer(
        content, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL
    )
    writer.writerows([header, *written])
    path = tmp_path_factory.mktemp("csv") / "file.csv"
    path.write_bytes(content.getvalue().encode(encoding))

    found = list(read_rows(path))

    assert [list(row.fields.values()) for row in found] == [
        row for row in written if "".join(row).strip()
    ]


def test_a_cell_may_hold_line_ends_and_the_next_row_knows_its_line(read, rows):
    content = 'sku,note\nA1,"first\nsecond\nthird"\nA2,plain\n'

    assert rows(read(content)) == [
        (2, {"sku": "A1", "note": "first\nsecond\nthird"}),
        (5, {"sku": "A2", "note": "plain"}),
    ]


def test_lines_without_any_value_are_no_rows(read):
    assert len(read("sku,note\n\nA1,x\n,\n  \nA2,y\n")) == 2


def test_a_lone_quote_costs_its_own_line_only(read, rows, codes):
    entries = read('sku,note\nA1,"open\nA2,fine\nA3,fine\n')

    assert codes(entries) == [(2, "quote_not_closed")]
    assert [line for line, _ in rows(entries)] == [3, 4]


def test_text_after_a_closing_quote_is_reported(read, rows, codes):
    entries = read('sku,note\nA1,"5" screw"\nA2,fine\n')

    assert codes(entries) == [(2, "text_after_quote")]
    assert [line for line, _ in rows(entries)] == [3]


def test_a_quote_that_swallows_a_large_file_still_costs_one_line(read, rows, codes):
    lines = "".join(f"B{n},fine\n" for n in range(30_000))

    entries = read('sku,note\nA1,"open\n' + lines)

    assert codes(entries) == [(2, "quote_not_closed")]
    assert len(rows(entries)) == 30_000


def test_a_file_whose_quotes_match_nowhere_is_given_up(write):
    small = Limits(line_chars=10_000, rescanned_chars=100_000)
    rows = read_rows(write("file.csv", "sku,note\n" + 'a","\n' * 50_000), limits=small)

    with pytest.raises(QuotesUnmatched):
        list(rows)


def test_rows_with_too_many_or_too_few_cells_are_reported(read, rows, codes):
    entries = read("sku,note,price\nA1,a, b,3\nA2\nA3,x,1,,\nA4,x,1\n")

    assert codes(entries) == [(2, "wrong_cell_count"), (3, "wrong_cell_count")]
    assert [line for line, _ in rows(entries)] == [4, 5]


def test_nul_characters_and_broken_text_are_reported_by_row(read, rows, codes):
    entries = read(b"sku,note\nA1,a\0b\nA2," + "šč".encode() * 50 + b"\nA3,\xff\nA4,x\n")

    assert codes(entries) == [(2, "nul_character"), (4, "undecodable")]
    assert [line for line, _ in rows(entries)] == [3, 5]


def test_a_line_beyond_the_limit_is_reported_and_the_next_is_read(write, rows, codes):
    content = "sku,note\nA1,x\nA2," + "y" * 5_000 + "\nA3,z\n"

    entries = list(read_rows(write("file.csv", content), limits=Limits(line_chars=1_000)))

    assert codes(entries) == [(3, "line_too_long")]
    assert [line for line, _ in rows(entries)] == [2, 4]


def test_a_cell_beyond_the_limit_is_reported(read, codes):
    assert codes(read("sku,note\nA1," + "y" * 140_000 + "\n")) == [(2, "cell_too_long")]


def test_a_header_alone_is_a_file_without_rows(write):
    found = read_rows(write("file.csv", "sku;note"))

    assert found.columns == ("sku", "note")
    assert list(found) == []


def test_columns_without_a_name_are_left_out(read, rows):
    assert rows(read("sku,,note,,\nA1,secret,x,,\n")) == [(2, {"sku": "A1", "note": "x"})]


@pytest.mark.parametrize("content", ["", "\n\n\n", " , ,\n", "\ufeff"])
def test_a_file_without_a_header_is_empty(content, write):
    with pytest.raises(EmptyFile):
        read_rows(write("file.csv", content))


def test_a_column_named_twice_is_refused_by_name(write):
    with pytest.raises(DuplicateColumns, match="sku"):
        read_rows(write("file.csv", "sku,note,SKU\nA1,x,A2\n"))


def test_a_hundred_thousand_columns_are_refused(write):
    header = ",".join(f"c{n}" for n in range(100_000))
    with pytest.raises(TooManyColumns):
        read_rows(write("file.csv", header + "\n"))


def test_a_header_without_an_end_is_refused(write):
    with pytest.raises(HeaderTooLong):
        read_rows(write("file.csv", "x" * 3_000), limits=Limits(line_chars=1_000))


def test_a_header_with_an_open_quote_is_refused(write):
    with pytest.raises(BrokenHeader):
        read_rows(write("file.csv", 'sku,"note\nA1,x\nA2,y\n'))


@settings(deadline=None)
@given(content=st.binary(max_size=400))
def test_no_bytes_whatever_break_the_reading(content, tmp_path_factory):
    from charsu.kernel import HubError

    path = tmp_path_factory.mktemp("any") / "file.csv"
    path.write_bytes(content)
    try:
        entries = list(read_rows(path))
    except HubError as refused:
        assert str(refused)
    else:
        assert all(entry.line >= 1 for entry in entries)
