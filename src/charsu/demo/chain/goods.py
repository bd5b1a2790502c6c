"""Products with all their variants, prices and pictures, as the catalog and pricing take them."""

import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import product as combinations

from msgspec import Struct
from stdnum import ean

from charsu.catalog import Media, Option, OptionValue, ProductDraft, ProductText, VariantDraft
from charsu.demo.chain.model import Axis, Choice, Choices, Prices, Product, choices

DEMO_PREFIX = "952"  # GS1: for demonstrations and examples, never on a real product
PLAIN = str.maketrans({"đ": "dj", "Đ": "Dj", "ł": "l", "Ł": "L", "ə": "e", "ı": "i"})


class Variant(Struct, frozen=True, kw_only=True):
    """One thing that is counted and priced.

    chosen    value by option
    prices    minor units by currency, tax included; of a kilogram where goods are weighed
    picture   name of the file that shows it
    paint     the colour of a drawn picture, None for a photograph
    """

    sku: str
    gtin: str | None
    chosen: dict[str, str]
    prices: Prices
    picture: str
    paint: str | None


def variants(product: Product) -> list[Variant]:
    """Each combination of the product's choices, in the order of its options."""
    axes = [axis.values for axis in product.options]
    return [_variant(product, number, chosen) for number, chosen in enumerate(combinations(*axes))]


def draft(product: Product) -> ProductDraft:
    """The product as the catalog takes it: with one picture per look, in five languages."""
    every = variants(product)
    return ProductDraft(
        handle=product.handle,
        texts={
            language: ProductText(title=text.title, description=text.description)
            for language, text in product.texts.items()
        },
        variants=tuple(
            VariantDraft(
                sku=variant.sku,
                gtin=variant.gtin,
                options=variant.chosen,
                weight_grams=product.weight_grams,
            )
            for variant in every
        ),
        brand=product.brand,
        category=product.category,
        unit=product.unit,
        quantity_scale=product.quantity_scale,
        options=tuple(_option(axis, _names()) for axis in product.options),
        attributes=dict(product.attributes),
        media=tuple(_media(product, every)),
    )


def gtin(number: int, place: int) -> str:
    """The GTIN-13 of a product's variant: demonstration prefix, product, place, check digit.

    number   1 to 9999
    place    0 to 99999
    """
    digits = f"{DEMO_PREFIX}{number:04d}{place:05d}"
    return digits + str(ean.calc_check_digit(digits))


def slug(text: str) -> str:
    """Text for a SKU or a file name: ``Slonova kost`` is ``slonova-kost``."""
    plain = unicodedata.normalize("NFKD", text.translate(PLAIN)).encode("ascii", "ignore")
    words = "".join(letter if letter.isalnum() else " " for letter in plain.decode().lower())
    return "-".join(words.split())


def _variant(product: Product, place: int, chosen: tuple[Choice, ...]) -> Variant:
    values = [choice.value for choice in chosen]
    special = next((product.prices_of[v] for v in values if v in product.prices_of), None)
    paint, look = _look(product, chosen)
    return Variant(
        sku="-".join([product.handle, *map(slug, values)]).upper(),
        gtin=gtin(product.number, place) if product.has_gtin else None,
        chosen={axis.name: value for axis, value in zip(product.options, values, strict=True)},
        prices=special or product.prices,
        picture=product.photo or f"{'-'.join([product.handle, *look])}.svg",
        paint=paint,
    )


def _look(product: Product, chosen: tuple[Choice, ...]) -> tuple[str | None, list[str]]:
    """The colour to draw a variant in and what its picture is named by; sizes look alike."""
    for choice in chosen:
        if swatch := _swatch(choice):
            return (None if product.photo else swatch), [slug(choice.value)]
    return (None if product.photo else product.paint), []


def _swatch(choice: Choice) -> str | None:
    color = _names().colors.get(choice.value)
    return choice.swatch or (color.swatch if color else None)


def _option(axis: Axis, names: Choices) -> Option:
    return Option(
        name=axis.name,
        labels=names.axes[axis.name],
        values=tuple(
            OptionValue(value=choice.value, swatch=_swatch(choice), labels=_labels(choice, names))
            for choice in axis.values
        ),
    )


def _labels(choice: Choice, names: Choices) -> dict[str, str]:
    color = names.colors.get(choice.value)
    return color.labels if color else names.values.get(choice.value, {})


def _media(product: Product, every: list[Variant]) -> Iterator[Media]:
    """One picture for each look, shown for its first variant; a photograph shows the product."""
    alt = {language: text.title for language, text in product.texts.items()}
    seen: set[str] = set()
    for variant in every:
        if variant.picture not in seen:
            seen.add(variant.picture)
            sku = None if product.photo else variant.sku
            yield Media(url=f"/media/chain/{variant.picture}", alt=alt, sku=sku)


@cache
def _names() -> Choices:
    return choices()
