"""Letters come in as they were meant."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charsu.kernel.intake import (
    UnknownEncoding,
    UnknownFormat,
    UnreadableFile,
    read_rows,
    run_import,
)

SERBIAN = "Šolja za kafu, đumbir, žuti ćilim, čaša"
POLISH = "Zażółć gęślą jaźń, łyżka, Łódź, świeca"
CYRILLIC = "Шоља за кафу, ђумбир, жути ћилим"
TURKISH = "Işık, göğüs, şeker, çay bardağı"
GERMAN = "Größe über Maß, Tücher"
FRENCH = "Café crème à côté, naïve façade"


def table(name: str) -> str:
    return f"sku;name\nA0;plain\nA1;{name}\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (SERBIAN, "cp1250"),
        ("Šolja", "cp1250"),
        ("KUĆIŠTE", "cp1250"),
        (POLISH, "cp1250"),
        (SERBIAN, "iso8859-2"),
        (POLISH, "iso8859-2"),
        ("Šolja za čaj, žuta", "cp852"),
        (CYRILLIC, "cp1251"),
        ("Кафа", "cp1251"),
        (TURKISH, "cp1254"),
        (GERMAN, "cp1252"),
        (FRENCH, "cp1252"),
    ],
)
def test_old_code_pages_are_told_by_their_letters(text, encoding, write):
    found = read_rows(write("file.csv", table(text).encode(encoding)))

    assert [row.fields["name"] for row in found] == ["plain", text]
    assert found.facts.encoding_decided == "guessed"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_decides(encoding, write):
    found = read_rows(write("file.csv", table(CYRILLIC).encode(encoding)))

    assert found.columns == ("sku", "name")
    assert [row.fields["name"] for row in found] == ["plain", CYRILLIC]
    assert found.facts.encoding_decided == "mark"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_recognised(encoding, write):
    found = read_rows(write("file.csv", table(SERBIAN).encode(encoding)))

    assert [row.fields["name"] for row in found] == ["plain", SERBIAN]


def test_a_first_foreign_letter_far_down_still_decides(write):
    content = table("plain" * 10) * 40_000 + f"A2;{SERBIAN}\n"

    found = read_rows(write("file.csv", content.encode("cp1250")))

    assert found.facts.encoding == "cp1250"


def test_utf_8_with_a_damaged_letter_stays_utf_8_and_the_row_is_reported(write, codes):
    damaged = (table(SERBIAN) * 20).encode() + b"A9;broken \xc5\n"

    found = read_rows(write("file.csv", damaged))

    assert (found.facts.encoding, found.facts.encoding_decided) == ("utf-8", "mostly")
    assert codes(list(found)) == [(61, "undecodable")]


def test_whoever_knows_the_encoding_may_say_so(write):
    path = write("file.csv", table("Niño, señor").encode("cp1252"))

    found = read_rows(path, encoding="cp1252")

    assert [row.fields["name"] for row in found][1] == "Niño, señor"
    assert found.facts.encoding_decided == "given"


@pytest.mark.parametrize("name", ["klingon", "rot13", "base64"])
def test_what_is_no_text_encoding_is_refused(name, write):
    with pytest.raises(UnknownEncoding):
        read_rows(write("file.csv", table(SERBIAN)), encoding=name)


@pytest.mark.parametrize(
    "content",
    [b"\x89PNG\r\n\x1a\n" + bytes(50), b"%PDF-1.7\n", b"\xd0\xcf\x11\xe0" + bytes(50), bytes(500)],
)
def test_what_is_no_table_is_refused_by_its_bytes(content, write):
    with pytest.raises(UnknownFormat):
        read_rows(write("file.csv", content))


@settings(deadline=None)
@given(name=st.text("abcščćžđŠČĆŽĐąęłńóśźżабвгдђ", min_size=1, max_size=30))
def test_utf_8_is_always_proved(name, tmp_path_factory):
    path = tmp_path_factory.mktemp("utf8") / "file.csv"
    path.write_bytes(table(name).encode())

    found = read_rows(path)

    assert found.facts.encoding_decided == "proved"
    assert [row.fields["name"] for row in found][1] == name


@pytest.mark.parametrize("size", [200, 5_000, 2_000_000])
def test_random_bytes_are_no_text(size, write):
    for seed in range(5):
        with pytest.raises(UnknownFormat, match="This is no text"):
            read_rows(write("file.csv", Random(seed).randbytes(size)))


@pytest.mark.parametrize(
    "header", ["\x1b]0;owned\x07,other", "a,\x1b[2Jb,\x1b[2Jb"], ids=["missing", "twice"]
)
def test_what_a_refusal_names_of_a_file_commands_no_terminal(header, write, shape):
    with pytest.raises(UnreadableFile) as refused:
        run_import(write("file.csv", f"{header}\n1,2\n"), shape, lambda chunk: [])

    assert str(refused.value).isprintable()
