"""Products as shop systems export them: several neighbouring rows make one product.

The first row carries the product; rows with a SKU, a price or option values are its variants; rows
with only a picture add a picture. What differs from system to system is the names of the columns
and a few habits, which live in modules of their own.
"""

from collections.abc import Sequence
from decimal import Decimal

from msgspec import Struct

from .problems import BadCell, Reason

NO_TITLE = Reason(
    "no_title", "The product {handle} has no title.", "Fill the title in on its first row."
)
NO_VARIANT = Reason(
    "no_variant",
    "The product {handle} has nothing to sell: no row with a SKU, a price or options.",
    "Give its first row a SKU or a price.",
)
SAME_OPTIONS = Reason(
    "same_options",
    "Two variants of {handle} have the same options: {options}.",
    "Give each variant options of its own.",
)
OPTIONS_INCOMPLETE = Reason(
    "options_incomplete",
    "Variant {number} of {handle} does not say its {option}.",
    "Fill in a value for every option of the product.",
)
OPTION_UNNAMED = Reason(
    "option_unnamed",
    "Variant {number} of {handle} has a value for an option without a name.",
    "Name the option on the product's first row.",
)
SAME_SKU = Reason(
    "same_sku", "Two variants of {handle} have the SKU {sku}.", "Give each variant its own SKU."
)


class SheetVariant(Struct, frozen=True, kw_only=True):
    """One thing that can be bought. Money is in the currency's major unit, exact.

    options   one value for each option of the product, in its order
    currency  ISO 4217, or None where the sheet does not say
    on_hand   pieces, or None where the sheet does not count them
    """

    sku: str | None
    options: tuple[str, ...] = ()
    price: Decimal | None = None
    compare_at: Decimal | None = None
    currency: str | None = None
    barcode: str | None = None
    grams: int | None = None
    on_hand: int | None = None
    may_be_backordered: bool = False
    is_taxable: bool = True
    is_shipped: bool = True
    image: str | None = None


class SheetPrice(Struct, frozen=True):
    """What a variant costs in one currency, in its major unit."""

    sku: str
    currency: str
    price: Decimal
    compare_at: Decimal | None = None


class SheetPrices(Struct, frozen=True):
    """Prices in one more currency of a product whose own rows stand elsewhere in the sheet."""

    handle: str
    prices: tuple[SheetPrice, ...]


class SheetImage(Struct, frozen=True):
    """A picture by its address, with words for those who cannot see it."""

    address: str
    alt: str | None = None
    position: int | None = None


class SheetProduct(Struct, frozen=True, kw_only=True):
    """One product with everything that its rows say. ``category`` is a path from the top down."""

    handle: str
    title: str
    description: str | None = None
    vendor: str | None = None
    kind: str | None = None
    category: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    status: str = "active"
    is_published: bool = True
    option_names: tuple[str, ...] = ()
    variants: tuple[SheetVariant, ...] = ()
    images: tuple[SheetImage, ...] = ()
    other_prices: tuple[SheetPrice, ...] = ()  # beyond those of the variants


class SheetRow(Struct, frozen=True, kw_only=True):
    """One row of such a sheet, in whichever system's words it was written."""

    handle: str
    title: str | None = None
    description: str | None = None
    vendor: str | None = None
    kind: str | None = None
    category: str | None = None
    tags: str | None = None
    status: str | None = None
    is_published: bool | None = None
    option1_name: str | None = None
    option1_value: str | None = None
    option2_name: str | None = None
    option2_value: str | None = None
    option3_name: str | None = None
    option3_value: str | None = None
    sku: str | None = None
    price: Decimal | None = None
    compare_at: Decimal | None = None
    currency: str | None = None
    barcode: str | None = None
    grams: Decimal | None = None
    on_hand: int | None = None
    may_be_backordered: bool | None = None
    is_taxable: bool | None = None
    is_shipped: bool | None = None
    image: str | None = None
    image_alt: str | None = None
    image_position: int | None = None
    variant_image: str | None = None

    @property
    def option_names(self) -> tuple[str | None, ...]:
        return self.option1_name, self.option2_name, self.option3_name

    @property
    def option_values(self) -> tuple[str | None, ...]:
        return self.option1_value, self.option2_value, self.option3_value

    @property
    def is_variant(self) -> bool:
        return bool(self.sku or self.price is not None or any(self.option_values))


def variants_of(
    handle: str, names: Sequence[str], rows: Sequence[SheetRow]
) -> tuple[SheetVariant, ...]:
    """The rows that are variants, as such.

    Raises BadCell where two are the same, or one does not say which it is.
    """
    sold = (row for row in rows if row.is_variant)
    variants = [_variant(handle, names, number, row) for number, row in enumerate(sold, 1)]
    if not variants:
        raise BadCell(NO_VARIANT, handle=handle)
    _refuse_twins(handle, variants)
    return tuple(variants)


def images_of(rows: Sequence[SheetRow]) -> tuple[SheetImage, ...]:
    """Each picture once, by position where the sheet gives one, then in the order of the rows."""
    found: dict[str, SheetImage] = {}
    for row in rows:
        if row.image:
            image = SheetImage(row.image, row.image_alt, row.image_position)
            found.setdefault(row.image, image)
        if row.variant_image:
            found.setdefault(row.variant_image, SheetImage(row.variant_image))
    last = len(found) + 1
    return tuple(sorted(found.values(), key=lambda image: image.position or last))


def listed(text: str | None) -> tuple[str, ...]:
    """Words between commas, each once."""
    words = (word.strip() for word in (text or "").split(","))
    return tuple(dict.fromkeys(word for word in words if word))


def path(text: str | None, separator: str) -> tuple[str, ...]:
    """A category from the top down."""
    return tuple(step.strip() for step in (text or "").split(separator) if step.strip())


def _variant(handle: str, names: Sequence[str], number: int, row: SheetRow) -> SheetVariant:
    return SheetVariant(
        sku=row.sku,
        options=_options(handle, names, number, row),
        price=row.price,
        compare_at=row.compare_at or None,  # some systems write 0 for "never cost more"
        currency=row.currency,
        barcode=row.barcode,
        grams=None if row.grams is None else int(row.grams.to_integral_value()),
        on_hand=row.on_hand,
        may_be_backordered=bool(row.may_be_backordered),
        is_taxable=row.is_taxable is not False,
        is_shipped=row.is_shipped is not False,
        image=row.variant_image or None,
    )


def _options(handle: str, names: Sequence[str], number: int, row: SheetRow) -> tuple[str, ...]:
    values = row.option_values
    if any(values[len(names) :]):
        raise BadCell(OPTION_UNNAMED, handle=handle, number=number)
    for name, value in zip(names, values, strict=False):
        if not value:
            raise BadCell(OPTIONS_INCOMPLETE, handle=handle, number=number, option=name)
    return tuple(value for value in values[: len(names)] if value)


def _refuse_twins(handle: str, variants: Sequence[SheetVariant]) -> None:
    options: set[tuple[str, ...]] = set()
    skus: set[str] = set()
    for variant in variants:
        if variant.options in options:
            raise BadCell(SAME_OPTIONS, handle=handle, options=", ".join(variant.options) or "-")
        options.add(variant.options)
        if variant.sku:
            if variant.sku.casefold() in skus:
                raise BadCell(SAME_SKU, handle=handle, sku=variant.sku)
            skus.add(variant.sku.casefold())
