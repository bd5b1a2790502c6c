"""What a retailer sells and through which channels: nouns, and the rules that need no database."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct
from stdnum import ean

Handle = Annotated[str, Meta(pattern="^[a-z0-9]+(?:[-_.][a-z0-9]+)*$", max_length=200)]
Code = Annotated[str, Meta(pattern="^[a-z0-9]+(?:[-_.][a-z0-9]+)*$", max_length=80)]
Language = Annotated[str, Meta(pattern="^[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-[A-Z]{2})?$")]
"""A BCP 47 tag: ``en``, ``sr-Latn``, ``pl-PL``."""
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$")]
UnitCode = Annotated[str, Meta(pattern="^[A-Z0-9]{2,3}$")]
"""UN/CEFACT Recommendation 20: H87 is a piece, KGM a kilogram, MTR a metre."""
WRITABLE = r"^[^\x00]*$"  # whatever can be written; a NUL is no text, and PostgreSQL keeps none
Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=WRITABLE)]
Title = Annotated[str, Meta(min_length=1, max_length=500, pattern=WRITABLE)]
Line = Annotated[str, Meta(max_length=500, pattern=WRITABLE)]
Prose = Annotated[str, Meta(max_length=50_000, pattern=WRITABLE)]
Attribute = str | int | float | bool | list[str]

ProductStatus = Literal["draft", "active", "archived"]
ChannelKind = Literal["web", "app", "store", "marketplace", "social", "agent", "phone"]
TaxMode = Literal["included", "added"]
Assortment = Literal["everything", "listed"]
MediaKind = Literal["image", "model3d", "video"]


class ProductText(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a product is called and how it is described in one language."""

    title: Title
    subtitle: Line = ""  # a line or sub-brand below the title
    description: Prose = ""


class ListingText(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Words of a channel's own in one language; what is None is the product's."""

    title: Title | None = None
    subtitle: Line | None = None
    description: Prose | None = None


class OptionValue(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One choice of an option: size M, or a shade with its colour."""

    value: Name
    swatch: Annotated[str, Meta(pattern="^#[0-9a-f]{6}$")] | None = None  # sRGB
    labels: dict[Language, Name] = {}


class Option(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something a customer chooses, with its values in the order in which they are shown."""

    name: Code  # size, color, shade
    values: tuple[OptionValue, ...]
    labels: dict[Language, Name] = {}


class VariantDraft(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is counted, priced and scanned."""

    sku: Annotated[str, Meta(min_length=1, max_length=100)]
    gtin: Annotated[str, Meta(max_length=32)] | None = None
    mpn: Annotated[str, Meta(max_length=100)] | None = None
    options: dict[Code, Name] = {}
    weight_grams: Annotated[int, Meta(ge=0, le=100_000_000)] | None = None


class Media(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A picture or model, of the product or of one variant."""

    url: Annotated[str, Meta(min_length=1, max_length=2000)]
    kind: MediaKind = "image"
    alt: dict[Language, Line] = {}
    sku: str | None = None  # of the variant it shows; None shows the product


class ProductDraft(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A whole product as somebody wants it to be; what it leaves out is not part of it.

    unit            of what is sold, for good (UN/CEFACT Rec 20)
    quantity_scale  digits behind the point of a sold quantity, for good: 3 with unit KGM sells by
                    the gram
    """

    handle: Handle
    texts: Annotated[dict[Language, ProductText], Meta(min_length=1)]
    variants: Annotated[tuple[VariantDraft, ...], Meta(min_length=1, max_length=2000)]
    status: ProductStatus = "active"
    brand: Name | None = None
    category: Code | None = None
    product_type: Name | None = None
    tax_class: Code = "standard"
    unit: UnitCode = "H87"
    quantity_scale: Annotated[int, Meta(ge=0, le=6)] = 0
    options: tuple[Option, ...] = ()
    attributes: dict[str, Attribute] = {}
    media: tuple[Media, ...] = ()


def sku_key(sku: str) -> str:
    """The spelling by which SKUs are the same: no outer blanks, width and case do not count."""
    return unicodedata.normalize("NFKC", sku).strip().casefold()


def normal_gtin(text: str) -> str | None:
    """The number as a GTIN-14, or None where it is no GTIN.

    Takes GTIN-8, -12 (UPC), -13 (EAN) and -14, with blanks or hyphens between.
    Source: GS1 General Specifications, section 7.9 (check digit).
    """
    number = re.sub(r"[\s-]", "", text)
    if len(number) not in {8, 12, 13, 14} or not number.isascii() or not ean.is_valid(number):
        return None
    return number.zfill(14)


def normal(draft: ProductDraft) -> ProductDraft:
    """The draft in the one spelling that is stored and compared; a wrong GTIN stays as it is."""
    variants = tuple(
        msgspec.structs.replace(
            variant,
            sku=variant.sku.strip(),
            gtin=variant.gtin and (normal_gtin(variant.gtin) or variant.gtin),
        )
        for variant in draft.variants
    )
    written = {sku_key(variant.sku): variant.sku for variant in variants}
    media = tuple(
        msgspec.structs.replace(shown, sku=shown.sku and written.get(sku_key(shown.sku), shown.sku))
        for shown in draft.media
    )
    options = draft.options or tuple(_options_seen(variants))
    return msgspec.structs.replace(draft, variants=variants, options=options, media=media)


def _options_seen(variants: tuple[VariantDraft, ...]) -> Iterator[Option]:
    seen: dict[str, dict[str, None]] = {}
    for variant in variants:
        for name, value in variant.options.items():
            seen.setdefault(name, {})[value] = None
    for name, values in seen.items():
        yield Option(name=name, values=tuple(OptionValue(value=value) for value in values))


def shown_choice(
    options: Sequence[Mapping[str, Any]], chosen: Mapping[str, str], languages: Sequence[str]
) -> list[str]:
    """What was chosen of a product's options, as stored, in their order and the first language."""
    return [
        in_words(value.get("labels", {}), languages) or value["value"]
        for option in options
        for value in option["values"]
        if chosen.get(option["name"]) == value["value"]
    ]


def in_words(labels: Mapping[str, str], languages: Sequence[str]) -> str | None:
    """What something is called in the first of these languages that has a word for it."""
    return next((labels[language] for language in languages if language in labels), None)


def languages_for(language: str) -> list[str]:
    """Languages to show a text in, best first: itself, its other script, its base, English.

    ``sr-Cyrl-RS`` gives ``sr-Cyrl-RS, sr-Cyrl, sr, sr-Latn, en``.
    """
    parts = language.split("-")
    wider = ["-".join(parts[:count]) for count in range(len(parts), 0, -1)]
    if parts[0] == "sr":
        wider += ["sr-Latn", "sr-Cyrl"]
    return list(dict.fromkeys([*wider, "en"]))
