"""What a retailer sells and through which channels: nouns, and the rules that need no database."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Annotated, Literal

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

    quantity_scale  digits behind the point of a sold quantity: 3 with unit KGM sells by the gram
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


class Problem(Struct, frozen=True):
    """Why a draft cannot be stored: which field, a stable reason, and a sentence."""

    field: str
    reason: str
    message: str
    about: str = ""  # the category that is missing, or the product that holds the SKU or GTIN


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


def problems_of(draft: ProductDraft) -> list[Problem]:
    """Everything that is wrong with a normal draft by itself; empty when it may be stored."""
    return [
        *_text_problems(draft),
        *_sku_problems(draft),
        *_gtin_problems(draft),
        *_option_problems(draft),
    ]


def _options_seen(variants: tuple[VariantDraft, ...]) -> Iterator[Option]:
    seen: dict[str, dict[str, None]] = {}
    for variant in variants:
        for name, value in variant.options.items():
            seen.setdefault(name, {})[value] = None
    for name, values in seen.items():
        yield Option(name=name, values=tuple(OptionValue(value=value) for value in values))


def _text_problems(draft: ProductDraft) -> Iterator[Problem]:
    if b"\\u0000" in msgspec.json.encode(draft):
        yield Problem("texts", "unprintable", "A text holds a NUL character, which is no text.")


def _sku_problems(draft: ProductDraft) -> Iterator[Problem]:
    seen: set[str] = set()
    for variant in draft.variants:
        key = sku_key(variant.sku)
        if not key:
            yield Problem("sku", "empty", "A variant has no SKU.")
        elif key in seen:
            yield Problem("sku", "repeated", f"SKU {variant.sku} stands twice in this product.")
        seen.add(key)
    for media in draft.media:
        if media.sku is not None and sku_key(media.sku) not in seen:
            yield Problem("media", "unknown_sku", f"A picture shows {media.sku}, not sold here.")


def _gtin_problems(draft: ProductDraft) -> Iterator[Problem]:
    seen: set[str] = set()
    for variant in draft.variants:
        if variant.gtin is None:
            continue
        if normal_gtin(variant.gtin) is None:
            yield Problem("gtin", "invalid", f"{variant.gtin} is not a valid GTIN.")
        elif variant.gtin in seen:
            yield Problem("gtin", "repeated", f"GTIN {variant.gtin} stands twice.")
        seen.add(variant.gtin)


def _option_problems(draft: ProductDraft) -> Iterator[Problem]:
    offered = {option.name: {value.value for value in option.values} for option in draft.options}
    if len(offered) < len(draft.options):
        yield Problem("options", "repeated", "An option stands twice in this product.")
    seen: set[frozenset[tuple[str, str]]] = set()
    for variant in draft.variants:
        if variant.options.keys() != offered.keys():
            yield Problem("options", "incomplete", f"{variant.sku} must choose every option once.")
        elif any(value not in offered[name] for name, value in variant.options.items()):
            yield Problem("options", "unknown_value", f"{variant.sku} has a value not offered.")
        choice = frozenset(variant.options.items())
        if choice in seen:
            yield Problem("options", "same_choice", f"{variant.sku} repeats another's options.")
        seen.add(choice)


def languages_for(language: str) -> list[str]:
    """Languages to show a text in, best first: itself, its other script, its base, English.

    ``sr-Cyrl-RS`` gives ``sr-Cyrl-RS, sr-Cyrl, sr, sr-Latn, en``.
    """
    parts = language.split("-")
    wider = ["-".join(parts[:count]) for count in range(len(parts), 0, -1)]
    if parts[0] == "sr":
        wider += ["sr-Latn", "sr-Cyrl"]
    return list(dict.fromkeys([*wider, "en"]))
