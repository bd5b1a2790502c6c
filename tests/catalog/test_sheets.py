"""Products from another system's sheet, through the import and into the catalog."""

from collections.abc import Sequence
from pathlib import Path

from charsu.catalog import put_sheets
from charsu.kernel.intake import (
    Chunk,
    Item,
    Outcome,
    Report,
    SheetProduct,
    SheetVariant,
    run_import,
    shopify_products,
)
from tests.catalog.shelf import Shelf, a_product

SHEET = """\
Handle,Title,Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,Option2 Value,\
Variant SKU,Variant Grams,Variant Price,Variant Barcode,Image Src,Image Alt Text,\
Variant Image,Status
letnja-haljina,Letnja haljina,Čaršija,Dresses,"lan, leto",true,Veličina,S,Boja,Crvena,\
DR-S,300,4990.00,4006381333931,https://example.com/1.webp,Haljina,,active
letnja-haljina,,,,,,,M,,Crvena,DR-M,310,4990.00,,https://example.com/2.webp,,,
Šolja Plava,Plava šolja,,,,true,,,,,,250,590.00,12345,,,,active
kupljena,Šolja,,,,true,,,,,dr-s,250,590.00,,,,,active
skrivena,Skrivena šolja,,,,false,,,,,SK-1,250,590.00,,,,,active
"""


def test_a_sheet_goes_in_whole_and_again_changes_nothing(shelf: Shelf, tmp_path: Path) -> None:
    sheet = tmp_path / "products.csv"
    sheet.write_text(SHEET, "utf-8")

    dry = bring_in(shelf, sheet, dry_run=True)
    nothing_yet = shelf.titles()
    first = bring_in(shelf, sheet)
    again = bring_in(shelf, sheet)

    assert nothing_yet == []
    assert (dry.created, dry.refused) == (first.created, first.refused) == (3, 1)
    assert dry.differences == first.differences
    assert (again.unchanged, again.refused) == (3, 1)
    dress = shelf.read("letnja-haljina").product
    assert [variant.options for variant in dress.variants] == [
        {"velicina": "S", "boja": "Crvena"},
        {"velicina": "M", "boja": "Crvena"},
    ]
    assert [media.url[-6:] for media in dress.media] == ["1.webp", "2.webp"]
    assert (dress.brand, dress.variants[0].weight_grams) == ("Čaršija", 300)
    assert shelf.titles("plava solja") == ["Plava šolja"]
    assert shelf.read("skrivena").product.status == "draft"


def test_what_is_lost_or_refused_is_said_with_its_line(shelf: Shelf, tmp_path: Path) -> None:
    sheet = tmp_path / "products.csv"
    sheet.write_text(SHEET, "utf-8")

    report = bring_in(shelf, sheet)

    said = {(found.line, found.code) for found in (*report.problems, *report.warnings)}
    assert (5, "sku_taken") in said
    assert (4, "gtin_invalid") in said


def test_categories_of_a_sheet_are_made_and_searched(shelf: Shelf) -> None:
    product = SheetProduct(
        handle="mug", title="Blue mug", category=("Home", "Mugs"), variants=(SheetVariant(sku="m"),)
    )
    item = Item(line=2, rows=1, value=product)

    with shelf.hub.writing("test.import") as tx:
        (outcome,) = put_sheets(tx, [item], language="en")

    assert outcome.change == "created"
    assert shelf.read("mug").product.category == "home.mugs"
    assert shelf.titles(where=("category:home",)) == ["Blue mug"]


def test_a_value_that_is_too_long_is_the_rows_problem(shelf: Shelf, tmp_path: Path) -> None:
    shelf.put(a_product("Mug", "mug"))
    sheet = tmp_path / "products.csv"
    sheet.write_text(f"Handle,Title,Variant SKU,Variant Price\nlong,Mug,{'s' * 101},1\n", "utf-8")

    report = bring_in(shelf, sheet)

    assert [found.code for found in report.problems] == ["not_storable"]


class _DryRun(Exception):
    """Rolls back what a dry run wrote."""


def bring_in(shelf: Shelf, sheet: Path, *, dry_run: bool = False) -> Report:
    def apply(chunk: Chunk[SheetProduct]) -> Sequence[Outcome]:
        outcomes: list[Outcome] = []
        try:
            with shelf.hub.writing("test.import") as tx:
                outcomes += put_sheets(tx, chunk.items, language="sr-Latn")
                if chunk.dry_run:
                    raise _DryRun
        except _DryRun:
            pass
        return outcomes

    return run_import(sheet, shopify_products(), apply, dry_run=dry_run)
