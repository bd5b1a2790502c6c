"""An import from file to report."""

import csv
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charsu.kernel import TookTooLong, Unavailable
from charsu.kernel.intake import Earlier, MissingColumns, problem_sheet, run_import, write_report

HEADER = "sku,on_hand,price,note\n"
GOOD = "A1,3,12.50,mug\nA2,4,8,cup\nA3,0,,\n"


@pytest.fixture
def stock(write):
    """A stock file with these lines."""
    return lambda lines, header=HEADER: write("stock.csv", header + lines)


def found(report):
    return [(p.line, p.field, p.code) for p in report.problems]


def test_good_rows_go_in_and_bad_ones_are_reported(stock, shop, shape):
    report = run_import(stock("A1,3,12.50,\nA2,many,-1,\n,5,,\nA4,7,,\n"), shape, shop.apply)

    assert set(shop.items) == {"A1", "A4"}
    assert found(report) == [
        (3, "on_hand", "not_a_number"),
        (3, "price", "too_small"),
        (4, "sku", "missing"),
    ]
    assert (report.rows_in, report.rows_stored, report.rows_reported) == (4, 2, 2)
    assert report.problems[0].sentence() == "This is no number: many."
    assert report.problems[0].advice() == "Write digits only, such as 1234.56."


def test_twice_changes_nothing(stock, shop, shape):
    path = stock(GOOD)
    first = run_import(path, shape, shop.apply)
    before = dict(shop.items)
    again = run_import(path, shape, shop.apply)

    assert (first.created, first.unchanged) == (3, 0)
    assert (again.created, again.changed, again.unchanged) == (0, 0, 3)
    assert shop.items == before


def test_a_dry_run_tells_what_would_change_and_changes_nothing(stock, shop, shape):
    run_import(stock(GOOD), shape, shop.apply)
    before = dict(shop.items)

    changes = stock("A1,9,12.50,mug\nA2,4,8,cup\nA9,1,,\n")
    dry = run_import(changes, shape, shop.apply, dry_run=True)
    assert shop.items == before

    real = run_import(changes, shape, shop.apply)
    assert dry.differences == real.differences
    assert [(d.line, d.name, d.change, d.fields) for d in dry.differences] == [
        (2, "A1", "changed", {"on_hand": ("3", "9")}),
        (4, "A9", "created", {}),
    ]


@pytest.mark.parametrize("crash_before_chunk", [1, 2, 3])
def test_after_a_crash_the_rest_goes_in_and_nothing_twice(crash_before_chunk, stock, shop, shape):
    path = stock("".join(f"A{n},{n},,\n" if n % 4 else f"A{n},bad,,\n" for n in range(1, 10)))
    shop.crash_before_chunk = crash_before_chunk
    with pytest.raises(SystemExit):
        run_import(path, shape, shop.apply, chunk=3)
    kept = len(shop.items)

    report = run_import(path, shape, shop.apply, chunk=3, earlier=Earlier(shop.position))

    assert len(shop.items) == 7
    assert (report.rows_earlier, report.rows_reported) == (kept, 2)
    assert (report.created, report.unchanged) == (7 - kept, 0)
    assert [line for line, *_ in found(report)] == [5, 9]


def test_a_row_that_the_business_refuses_does_not_hold_the_others_back(stock, shop, shape):
    shop.unsellable = {"A3", "A7"}
    path = stock("".join(f"A{n},{n},,\n" for n in range(1, 11)))

    report = run_import(path, shape, shop.apply, chunk=5)

    assert len(shop.items) == 8
    assert found(report) == [(4, None, "unsellable"), (8, None, "unsellable")]
    assert report.problems[0].sentence() == "A3 may not be sold."


def test_a_database_that_is_away_ends_the_import(stock, shape):
    def apply(chunk):
        raise Unavailable("The database is away.")

    with pytest.raises(Unavailable):
        run_import(stock(GOOD), shape, apply)


def test_a_chunk_that_takes_too_long_comes_again_in_halves(stock, shop, shape):
    path = stock("".join(f"A{n},{n},,\n" for n in range(1, 9)))
    sizes = []

    def apply(chunk):
        sizes.append(len(chunk.items))
        if len(chunk.items) > 2:
            raise TookTooLong(15)
        return shop.apply(chunk)

    report = run_import(path, shape, apply)

    assert sizes == [8, 4, 2, 2, 4, 2, 2]
    assert (report.rows_stored, shop.position) == (8, 8)


def test_one_row_that_takes_too_long_alone_ends_the_import_with_that_reason(stock, shape):
    def apply(_chunk):
        raise TookTooLong(15)

    with pytest.raises(TookTooLong):
        run_import(stock(GOOD), shape, apply)


def test_skus_that_differ_in_case_only_are_one_and_the_second_is_reported(stock, shop, shape):
    report = run_import(stock("a1,3,,\nA2,1,,\nA1,4,,\n"), shape, shop.apply, chunk=1)

    assert shop.items["a1"].on_hand == 3
    assert found(report) == [(4, None, "duplicate_row")]
    assert report.problems[0].sentence() == "The same thing stands in line 2 already."


def test_formulas_go_in_as_text_with_a_warning(stock, shop, shape):
    report = run_import(stock("A1,3,,=HYPERLINK(1)\nA2,-3,,-3\n"), shape, shop.apply)

    assert shop.items["A1"].note == "=HYPERLINK(1)"
    assert [(w.line, w.code) for w in report.warnings] == [(2, "formula_cell")]
    assert (report.rows_stored, report.rows_reported) == (1, 1)


def test_the_whole_column_tells_what_a_comma_means(stock, shop, shape):
    lines = "A1;1.000;1,500;x\n" + "A2;7;2,25;y\n"

    report = run_import(stock(lines, "sku;on_hand;price;note\n"), shape, shop.apply)

    assert report.marks == {"on_hand": ",", "price": ","}
    assert shop.items["A1"].on_hand == 1000
    assert str(shop.items["A1"].price) == "1.500"


def test_without_proof_an_ambiguous_number_is_refused_until_somebody_says(stock, shop, shape):
    path = stock("A1;1.000;;\n", "sku;on_hand;price;note\n")

    refused = run_import(path, shape, shop.apply)
    assert found(refused) == [(2, "on_hand", "ambiguous_number")]
    assert refused.problems[0].sentence() == "1.000 may mean 1.000 or 1000."

    run_import(path, shape, shop.apply, decimal=",")
    assert shop.items["A1"].on_hand == 1000


def test_a_column_that_contradicts_itself_settles_nothing(stock, shop, shape):
    lines = "A1;1;1,5;\nA2;1;1.5;\nA3;1;1.234;\n"

    report = run_import(stock(lines, "sku;on_hand;price;note\n"), shape, shop.apply)

    assert found(report) == [(4, "price", "ambiguous_number")]


def test_columns_go_by_other_names_too_and_unknown_ones_are_named(stock, shop, shape):
    report = run_import(stock("A1,3,red\n", "Variant SKU,QTY,Colour\n"), shape, shop.apply)

    assert shop.items["A1"].on_hand == 3
    assert report.columns_ignored == ("Colour",)


def test_a_missing_column_is_named_before_anything_is_applied(stock, shop, shape):
    with pytest.raises(MissingColumns, match="on_hand"):
        run_import(stock("A1,3\n", "sku,stock\n"), shape, shop.apply)

    assert shop.chunks == 0


def test_json_lines_may_each_name_other_fields(write, shop, shape):
    path = write(
        "stock.jsonl", '{"sku":"A1","on_hand":3}\n{"qty":4,"article":"A2"}\n{"sku":"A3"}\n'
    )

    report = run_import(path, shape, shop.apply)

    assert {name: item.on_hand for name, item in shop.items.items()} == {"A1": 3, "A2": 4}
    assert found(report) == [(3, "on_hand", "missing")]


def test_an_absent_column_is_not_an_empty_cell(stock, shop, shape):
    run_import(stock("A1,3\n", "sku,on_hand\n"), shape, shop.apply)
    run_import(stock("A2,3,\n", "sku,on_hand,note\n"), shape, shop.apply)

    assert (shop.items["A1"].note, shop.items["A2"].note) == (None, None)


def test_progress_tells_rate_and_time_left(stock, shop, shape):
    seconds = iter(range(100))
    seen = []
    path = stock("".join(f"A{n},{n},,\n" for n in range(40)))

    run_import(
        path, shape, shop.apply, chunk=10, progress=seen.append, clock=lambda: float(next(seconds))
    )

    assert [p.rows for p in seen] == [10, 20, 30, 40]
    assert all(p.rows_total == 40 and p.bytes <= p.bytes_total for p in seen)
    assert [p.rows_per_second for p in seen] == [10.0] * 4
    assert [p.seconds_left for p in seen] == [3.0, 2.0, 1.0, 0.0]


def test_a_file_without_rows_gives_an_empty_report(stock, shop, shape):
    report = run_import(stock(""), shape, shop.apply)

    assert (report.rows_in, report.rows_stored, shop.chunks) == (0, 0, 0)


def test_the_sheet_of_problems_is_safe_to_open_and_complete(stock, shop, shape, tmp_path):
    path = tmp_path / "problems.csv"
    with problem_sheet(path) as on_problem:
        run_import(stock("A1,=1+1,,\n" * 1_500), shape, shop.apply, on_problem=on_problem)

    lines = list(csv.reader(path.read_text("utf-8-sig").splitlines()))
    assert lines[0] == ["line of the file", "field", "reason", "what is wrong", "how to mend it"]
    assert len(lines) == 1_501
    assert lines[1][:3] == ["2", "on_hand", "not_a_number"]
    assert not any(cell.startswith("=") for line in lines for cell in line)


def test_the_report_is_written_as_json(stock, shop, shape, tmp_path):
    path = tmp_path / "report.json"
    write_report(run_import(stock("A1,x,,\n" + GOOD), shape, shop.apply), path)

    report = json.loads(path.read_text())
    assert report["rows_in"] == report["rows_stored"] + report["rows_reported"]
    assert report["problems"][0]["code"] == "not_a_number"
    assert len(report["file"]["sha256"]) == 64


ROW = st.one_of(
    st.builds("A{},{},,".format, st.integers(0, 30), st.integers(-2, 9)),
    st.text('A1,"\n=x\0\ufffdž', max_size=8),
)


@settings(max_examples=150, deadline=None)
@given(lines=st.lists(ROW, max_size=25), chunk=st.integers(1, 7), unsellable=st.integers(0, 30))
def test_every_row_is_stored_or_reported_whatever_the_file(
    lines, chunk, unsellable, tmp_path_factory, open_shop, shape
):
    shop = open_shop()
    shop.unsellable = {f"A{unsellable}"}
    path = tmp_path_factory.mktemp("law") / "stock.csv"
    path.write_text(HEADER + "\n".join(lines) + "\n", "utf-8")

    report = run_import(path, shape, shop.apply, chunk=chunk)
    again = run_import(path, shape, shop.apply, chunk=3)

    assert report.rows_in == report.rows_stored + report.rows_reported
    assert report.rows_stored == len(shop.items) == again.unchanged
    assert report.rows_reported <= sum(report.counts.values())
    assert again.problems == report.problems
