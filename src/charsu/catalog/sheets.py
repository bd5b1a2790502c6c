"""Products from other systems' sheets: what the import of products puts into the catalog.

Prices and counts of the same sheet belong to pricing and stock, which find the variants by the
SKUs that ``sku_of`` gives.
"""

from collections.abc import Iterator, Sequence
from typing import LiteralString

import msgspec
from msgspec import Struct

from charsu.catalog import problems as reasons
from charsu.catalog.model import Media, Option, OptionValue, ProductDraft, VariantDraft, normal_gtin
from charsu.catalog.operations.put_category import PutCategory, put_category
from charsu.catalog.operations.put_product import PutOutcome, put_many_products
from charsu.catalog.problems import Problem
from charsu.catalog.search.words import words_of
from charsu.kernel import Tx
from charsu.kernel.intake import Item, Outcome, RowProblem, SheetProduct, problem

_KNOWN_CATEGORIES: LiteralString = """
    SELECT code FROM catalog.categories WHERE code = ANY(%(codes)s)
"""

LEVELS_MAX = 10  # of categories, as deep as anybody has them


class _Read(Struct, frozen=True):
    """A product of the sheet as a draft, or why it makes none."""

    item: Item[SheetProduct]
    draft: ProductDraft | None
    problems: tuple[RowProblem, ...]


def put_sheets(tx: Tx, items: Sequence[Item[SheetProduct]], *, language: str) -> list[Outcome]:
    """Put the products of a sheet with texts in ``language``, one outcome for each in their order.

    A dry run is the same with the transaction rolled back.
    """
    read = [_read(item, language) for item in items]
    _put_categories(tx, [r.item.value for r in read if r.draft and r.item.value], language)
    report = put_many_products(tx, [r.draft for r in read if r.draft])
    done = iter(report.outcomes)
    return [_outcome(r, next(done)) if r.draft else _refused(r) for r in read]


def sku_of(sheet: SheetProduct, number: int) -> str:
    """The SKU of a product's variant, counted from 0; made from the handle where it has none."""
    return sheet.variants[number].sku or f"{handle_of(sheet.handle)}-{number + 1}"


def handle_of(text: str) -> str:
    """A name as a handle: ``Letnja haljina`` is ``letnja-haljina``."""
    return "-".join(words_of(text))


def draft_of(sheet: SheetProduct, *, language: str) -> ProductDraft:
    """The product that a sheet describes; barcodes that are no GTIN are left out.

    Raises msgspec.ValidationError where a text is too long or empty, naming where.
    """
    names = [_option_code(name, at) for at, name in enumerate(sheet.option_names)]
    plain = {
        "handle": handle_of(sheet.handle),
        "texts": {language: {"title": sheet.title, "description": sheet.description or ""}},
        "variants": msgspec.to_builtins(list(_variants(sheet, names))),
        "status": _status(sheet),
        "brand": sheet.vendor or None,
        "category": _codes(sheet)[-1] if sheet.category else None,
        "product_type": sheet.kind or None,
        "options": msgspec.to_builtins(list(_options(sheet, names, language))),
        "attributes": {"tags": list(sheet.tags)} if sheet.tags else {},
        "media": msgspec.to_builtins(list(_media(sheet, language))),
    }
    return msgspec.convert(plain, ProductDraft)


def _read(item: Item[SheetProduct], language: str) -> _Read:
    assert item.value is not None, "refused rows do not come here"
    try:
        draft = draft_of(item.value, language=language)
    except msgspec.ValidationError as wrong:
        found = problem(reasons.NOT_STORABLE, line=item.line, detail=str(wrong))
        return _Read(item, None, (found,))
    return _Read(item, draft, tuple(_lost_barcodes(item.value, item.line)))


def _lost_barcodes(sheet: SheetProduct, line: int) -> Iterator[RowProblem]:
    for variant in sheet.variants:
        if variant.barcode and normal_gtin(variant.barcode) is None:
            yield problem(reasons.GTIN_INVALID, line=line, field="barcode", gtin=variant.barcode)


def _put_categories(tx: Tx, sheets: Sequence[SheetProduct], language: str) -> None:
    """Make the categories that are named and not there yet; those that are there stay."""
    wanted: dict[str, PutCategory] = {}
    for sheet in sheets:
        parent = None
        for code, title in zip(_codes(sheet), sheet.category, strict=False):
            wanted.setdefault(code, PutCategory(code=code, titles={language: title}, parent=parent))
            parent = code
    known = {row.code for row in tx.all(_KNOWN_CATEGORIES, codes=list(wanted))}
    for code, ask in wanted.items():
        if code not in known:
            put_category(tx, ask)


def _codes(sheet: SheetProduct) -> list[str]:
    """The code of each level of the product's category; it holds all above, to tell it apart."""
    parts = [handle_of(title) or "x" for title in sheet.category[:LEVELS_MAX]]
    return [".".join(parts[: depth + 1]) for depth in range(len(parts))]


def _status(sheet: SheetProduct) -> str:
    if sheet.status == "archived":
        return "archived"
    return "active" if sheet.status == "active" and sheet.is_published else "draft"


def _option_code(name: str, at: int) -> str:
    return handle_of(name) or f"option-{at + 1}"


def _variants(sheet: SheetProduct, names: Sequence[str]) -> Iterator[VariantDraft]:
    for number, variant in enumerate(sheet.variants):
        yield VariantDraft(
            sku=sku_of(sheet, number),
            gtin=normal_gtin(variant.barcode) if variant.barcode else None,
            options=dict(zip(names, variant.options, strict=True)),
            weight_grams=variant.grams,
        )


def _options(sheet: SheetProduct, names: Sequence[str], language: str) -> Iterator[Option]:
    for at, name in enumerate(names):
        values = dict.fromkeys(variant.options[at] for variant in sheet.variants)
        offered = tuple(OptionValue(value=value) for value in values)
        yield Option(name=name, values=offered, labels={language: sheet.option_names[at]})


def _media(sheet: SheetProduct, language: str) -> Iterator[Media]:
    shown_by = {
        variant.image: sku_of(sheet, number)
        for number, variant in reversed(list(enumerate(sheet.variants)))
        if variant.image
    }
    alone = {image.address for image in sheet.images}
    for image in sorted(sheet.images, key=lambda image: image.position or 10**6):
        alt = {language: image.alt} if image.alt else {}
        yield Media(url=image.address, alt=alt, sku=shown_by.get(image.address))
    for address, sku in shown_by.items():
        if address not in alone:
            yield Media(url=address, sku=sku)


def _outcome(read: _Read, put: PutOutcome) -> Outcome:
    if put.problems:
        return Outcome("refused", put.handle, problems=tuple(_rows(put.problems, read.item.line)))
    fields = {d.field: (_shown(d.before), _shown(d.after)) for d in put.differences}
    return Outcome(put.effect, put.handle, fields, read.problems)


def _refused(read: _Read) -> Outcome:
    return Outcome("refused", problems=read.problems)


def _rows(problems: Sequence[Problem], line: int) -> Iterator[RowProblem]:
    for one in problems:
        yield RowProblem(
            line=line,
            field=one.field,
            code=one.code,
            message=one.message,
            mend=one.mend,
            data=dict(one.data),
        )


def _shown(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()
