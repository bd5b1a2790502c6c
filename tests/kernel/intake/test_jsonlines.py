"""JSON Lines: values keep their types, and a bad line costs itself."""

from decimal import Decimal

import pytest

from charsu.kernel.intake import EmptyFile, Limits, RawRow, UnknownFormat, read_rows


def test_values_keep_their_types_and_numbers_stay_exact(read):
    content = '{"sku":"A1","price":0.1,"tags":["x"]}\n\n{"sku":"A2","on_hand":3,"price":null}\n'

    assert read(content, "file.jsonl") == [
        RawRow(1, {"sku": "A1", "price": Decimal("0.1"), "tags": ["x"]}),
        RawRow(3, {"sku": "A2", "on_hand": 3, "price": None}),
    ]


def test_a_file_without_a_telling_name_is_recognised_by_its_brace(write):
    assert read_rows(write("export.txt", '{"sku":"A1"}\n')).facts.format == "jsonl"


@pytest.mark.parametrize(
    "line",
    [
        "{broken",
        "[1]",
        "7",
        '"text"',
        '{"sku": NaN}',
        '{"a":' * 50_000 + "1" + "}" * 50_000,
        "{" + ",".join(f'"k{n}":1' for n in range(2_000)) + "}",
    ],
    ids=["broken", "list", "number", "text", "nan", "nested deep", "2000 keys"],
)
def test_a_line_that_is_no_usable_object_is_reported(line, read, codes, rows):
    entries = read('{"sku":"A1"}\n' + line + '\n{"sku":"A2"}\n', "file.jsonl")

    assert codes(entries) == [(2, "not_json")]
    assert [at for at, _ in rows(entries)] == [1, 3]


def test_nul_characters_are_found_at_any_depth(read, codes):
    entries = read('{"a":{"b":["x\\u0000"]}}\n{"a\\u0000":1}\n', "file.jsonl")

    assert codes(entries) == [(1, "nul_character"), (2, "nul_character")]


def test_a_line_beyond_the_limit_is_reported_and_the_next_is_read(write, codes, rows):
    content = '{"sku":"A1"}\n{"sku":"' + "x" * 9_000 + '"}\n{"sku":"A3"}\n'

    entries = list(read_rows(write("file.jsonl", content), limits=Limits(line_chars=1_000)))

    assert codes(entries) == [(2, "line_too_long")]
    assert [at for at, _ in rows(entries)] == [1, 3]


@pytest.mark.parametrize("content", ['[{"sku":"A1"},{"sku":"A2"}]', '{\n"sku": "A1"\n}\n'])
def test_json_that_is_not_one_object_a_line_is_refused(content, write):
    with pytest.raises(UnknownFormat, match="each line"):
        read_rows(write("file.jsonl", content))


def test_a_file_of_blank_lines_is_empty(write):
    with pytest.raises(EmptyFile):
        read_rows(write("file.jsonl", "\n \n"))
