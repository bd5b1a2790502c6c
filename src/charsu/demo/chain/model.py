"""The invented chain as its files write it down: what people author, in few words.

A product is written once with the choices it comes in; ``goods`` makes the variants of it.
"""

from importlib.resources import files
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

LANGUAGES = ("en", "sr-Latn", "sr-Cyrl", "pl", "az")
CURRENCIES = ("EUR", "RSD", "PLN", "AZN")

Code = Annotated[str, Meta(pattern="^[a-z0-9]+(?:-[a-z0-9]+)*$")]
Hex = Annotated[str, Meta(pattern="^#[0-9a-f]{6}$")]
Labels = dict[str, str]  # by language
Prices = dict[str, Annotated[int, Meta(ge=1)]]  # minor units by currency, tax included


class Text(Struct, frozen=True):
    """What a product is called and said to be, in one language."""

    title: str
    description: str


class Choice(Struct, frozen=True):
    """A value of an option; colours take their swatch from ``choices.json``."""

    value: str
    swatch: Hex | None = None


class Axis(Struct, frozen=True):
    """Something to choose, with its values in the order shown."""

    name: Code
    values: tuple[Choice, ...]


class Product(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A product of the chain.

    number       its place in the numbering, from which its GTINs follow; never given twice
    silhouette   the drawing to show it by, in the colour of the variant or else in ``paint``
    photo        or a photograph instead: a file in ``media``
    prices_of    prices of variants with this choice, where they differ
    sold         ``in_store`` is made or weighed at the counter and not sent
    """

    number: Annotated[int, Meta(ge=1, le=9999)]
    handle: Code
    category: Code
    brand: str
    silhouette: str | None = None
    paint: Hex | None = None
    photo: str | None = None
    options: tuple[Axis, ...] = ()
    weight_grams: int | None = None
    unit: str = "H87"
    quantity_scale: int = 0
    sold: Literal["everywhere", "in_store"] = "everywhere"
    has_gtin: bool = True
    attributes: dict[str, str] = {}
    prices: Prices
    prices_of: dict[str, Prices] = {}
    texts: dict[str, Text]


class Color(Struct, frozen=True):
    """A colour that several products share."""

    swatch: Hex
    labels: Labels


class Choices(Struct, frozen=True):
    """Names of options and of their values; a value that is not here is shown as it is."""

    axes: dict[str, Labels]
    colors: dict[str, Color]
    values: dict[str, Labels]


class Category(Struct, frozen=True):
    """A category, after its parent."""

    code: Code
    titles: Labels
    parent: Code | None = None


class Channel(Struct, frozen=True):
    """A channel, with one price list in its currency; amounts include the tax."""

    code: Code
    name: str
    kind: Literal["web", "app", "store", "marketplace"]
    currency: str
    language: str
    assortment: Literal["everything", "listed"]


class Location(Struct, frozen=True, kw_only=True):
    """A store or the warehouse; ``hours`` by weekday from Monday, in its own time zone."""

    code: Code
    name: str
    kind: Literal["store", "warehouse"]
    country: str
    town: str
    street: str  # the street may exist, the number does not
    latitude: Annotated[float, Meta(ge=-90, le=90)]  # WGS 84
    longitude: Annotated[float, Meta(ge=-180, le=180)]
    time_zone: str
    hours: tuple[tuple[tuple[str, str], ...], ...]
    offers_pickup: bool
    ships: bool
    channels: tuple[Code, ...]  # that sell from here
    has_coffee_bar: bool


class Tax(Struct, frozen=True):
    """A rate in millionths: 200000 is 20 %."""

    country: str
    tax_class: str
    rate_ppm: int


class DeliveryRate(Struct, frozen=True):
    """What a delivery costs, and from which basket on nothing."""

    currency: str
    amount_minor: int
    free_from_minor: int | None = None


class Delivery(Struct, frozen=True, kw_only=True):
    """A way in which goods reach customers in some countries."""

    code: Code
    titles: Labels
    kind: Literal["ship", "pickup"]
    countries: tuple[str, ...]
    rates: tuple[DeliveryRate, ...]
    days_min: int
    days_max: int


class CouponTerms(Struct, frozen=True):
    """An amount off in one currency, for baskets worth at least so much."""

    currency: str
    off_minor: int
    minimum_minor: int = 0


class Coupon(Struct, frozen=True, kw_only=True):
    """A code: a part of the goods (millionths) or an amount, with its limits."""

    code: str
    about: str
    discount_ppm: int | None = None
    terms: tuple[CouponTerms, ...] = ()
    limit_total: int | None = None
    limit_per_customer: int | None = None
    channels: tuple[Code, ...] = ()  # none: all
    creator: str | None = None  # whose code it is
    post: str | None = None  # under which of the creator's posts


class Customer(Struct, frozen=True, kw_only=True):
    """An invented customer; e-mail goes to example.com (RFC 2606), which delivers to nobody."""

    code: Code
    given_name: str
    family_name: str
    email: Annotated[str, Meta(pattern="@example\\.com$")]
    language: str
    country: str
    town: str
    street: str


class Shop(Struct, frozen=True, kw_only=True):
    """Everything about the chain but its goods and their stock."""

    name: str
    currency: str  # in which it keeps its books
    categories: tuple[Category, ...]
    channels: tuple[Channel, ...]
    marketplace_categories: tuple[Code, ...]  # what the marketplace lists
    locations: tuple[Location, ...]
    taxes: tuple[Tax, ...]
    deliveries: tuple[Delivery, ...]
    coupons: tuple[Coupon, ...]
    customers: tuple[Customer, ...]


class Shelf(Struct, frozen=True):
    """A file of products."""

    products: tuple[Product, ...]


SHELVES = ("fashion", "cosmetics", "home", "coffee")


def shop() -> Shop:
    """Channels, places, taxes, deliveries, coupons, customers."""
    return msgspec.json.decode(_read("shop.json"), type=Shop)


def products() -> list[Product]:
    """Every product as it is written down."""
    shelves = (msgspec.json.decode(_read(f"{name}.json"), type=Shelf) for name in SHELVES)
    return [product for shelf in shelves for product in shelf.products]


def choices() -> Choices:
    """Names of colours, sizes, shades, …"""
    return msgspec.json.decode(_read("choices.json"), type=Choices)


def synonyms() -> dict[str, list[list[str]]]:
    """By language: groups of words that mean the same to a customer who searches."""
    return msgspec.json.decode(_read("synonyms.json"), type=dict[str, list[list[str]]])


def _read(name: str) -> bytes:
    return files(__package__).joinpath(name).read_bytes()
