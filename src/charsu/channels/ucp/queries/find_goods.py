"""The catalog as platforms see it: found by words, or by the names of goods."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Annotated, Any, LiteralString
from uuid import UUID

from msgspec import Meta, Struct

from charsu.catalog import SearchProducts, languages_for, search_products
from charsu.channels.ucp.naming import STORE, named, read_name
from charsu.channels.ucp.operations.open_session import channel_id
from charsu.kernel import Mark, PageUnknown, Tx, query
from charsu.orders import Channel, channel_of
from charsu.pricing import PricesFor, ShownPrice, prices_for
from charsu.stock import available_to_promise, pieces_by_variant

IDS_MAX = 50
PRICES_AT_ONCE = 150
MEDIA_MAX = 8


class SearchGoods(Struct, frozen=True, kw_only=True):
    """What somebody looks for; prices in minor units.

    near   the store that is thought of, by its name here
    ways   only goods that can be had in one of these ways, there: shipping, pickup
    """

    text: Annotated[str, Meta(max_length=200)] = ""
    categories: tuple[str, ...] = ()
    price_min: int | None = None
    price_max: int | None = None
    language: str | None = None
    near: str | None = None
    ways: tuple[str, ...] = ()
    limit: Annotated[int, Meta(ge=1, le=50)] = 10
    after: Mark | None = None


class FindGoods(Struct, frozen=True, kw_only=True):
    """Which goods, by any of their names."""

    names: Annotated[tuple[str, ...], Meta(min_length=1, max_length=IDS_MAX)]
    language: str | None = None
    near: str | None = None
    ways: tuple[str, ...] = ()


class VariantFound(Struct, frozen=True, kw_only=True):
    """A variant with its price, and how many there are: to be sent, and to be picked up.

    What lies where neither is done is not told: no checkout would take it.
    """

    id: UUID
    sku: str
    gtin: str | None
    options: dict[str, str]
    price_minor: int
    list_price_minor: int | None
    pieces_to_send: int
    pieces_to_pick_up: int

    @property
    def is_there(self) -> bool:
        """Whether one can be had in some way."""
        return self.pieces_to_send > 0 or self.pieces_to_pick_up > 0


class OptionFound(Struct, frozen=True, kw_only=True):
    """Something to choose, and among which values; labels as people read them."""

    name: str
    label: str
    values: dict[str, str]  # value: label


class GoodsFound(Struct, frozen=True, kw_only=True):
    """A product with the variants that have a price here."""

    id: UUID
    handle: str
    title: str
    description: str
    brand: str | None
    category: str | None
    images: tuple[str, ...]
    options: tuple[OptionFound, ...]
    variants: tuple[VariantFound, ...]


class GoodsAnswer(Struct, frozen=True, kw_only=True):
    """What was found, the best first.

    store_id  the store that ``pieces_to_pick_up`` lie in; all of them where none was named
    meant   what each name means: the product, and the variant where it names one
    """

    currency: str
    goods: tuple[GoodsFound, ...]
    meant: dict[str, tuple[UUID, UUID | None]] = {}
    total: int = 0
    next: str | None = None
    store_id: UUID | None = None


@query("ucp.search_goods", permission="ucp.shop", raises=(PageUnknown,))
def search_goods(tx: Tx, ask: SearchGoods) -> GoodsAnswer:
    """Find products as people type, in the channel that platforms buy in."""
    channel = channel_of(tx, channel_id(tx))
    answer = search_products(
        tx,
        SearchProducts(
            text="" if ask.text.strip() == "*" else ask.text,
            channel=channel.code,
            language=ask.language or channel.language,
            where=tuple(f"category:{one}" for one in ask.categories),
            limit=ask.limit,
            after=ask.after,
            with_facets=False,
        ),
    )
    ids, store = [item.product_id for item in answer.items], read_name(STORE, ask.near or "")
    goods = _goods(tx, channel, ids, ask.language, store)
    return GoodsAnswer(
        currency=channel.currency,
        goods=tuple(one for one in goods if _is_within(one, ask) and _can_be_had(one, ask.ways)),
        total=answer.total,
        next=answer.next,
        store_id=store,
    )


@query("ucp.find_goods", permission="ucp.shop")
def find_goods(tx: Tx, ask: FindGoods) -> GoodsAnswer:
    """Goods by their names; unknown names, and what is not sold here, are left out."""
    channel = channel_of(tx, channel_id(tx))
    meant = named(tx, ask.names)
    products = list(dict.fromkeys(one.product_id for one in meant.values()))
    store = read_name(STORE, ask.near or "")
    goods = _goods(tx, channel, products, ask.language, store)
    goods = [one for one in goods if _can_be_had(one, ask.ways)]
    return GoodsAnswer(
        currency=channel.currency,
        goods=tuple(goods),
        meant={name: (one.product_id, one.variant_id) for name, one in meant.items()},
        total=len(goods),
        store_id=store,
    )


def _can_be_had(goods: GoodsFound, ways: Sequence[str]) -> bool:
    """Whether some variant can be had in one of these ways; any will do where none is named."""
    return not ways or any(
        ("shipping" in ways and one.pieces_to_send > 0)
        or ("pickup" in ways and one.pieces_to_pick_up > 0)
        for one in goods.variants
    )


def _is_within(goods: GoodsFound, ask: SearchGoods) -> bool:
    low = ask.price_min if ask.price_min is not None else 0
    return any(
        low <= one.price_minor and (ask.price_max is None or one.price_minor <= ask.price_max)
        for one in goods.variants
    )


_GOODS: LiteralString = """
    SELECT p.id, p.handle, p.brand, c.code AS category, p.options, t.title, t.description,
           array(SELECT m.url FROM catalog.media m
                 WHERE m.product_id = p.id AND m.kind = 'image' ORDER BY m.position) AS images
    FROM catalog.products p
    LEFT JOIN catalog.categories c ON c.id = p.category_id
    LEFT JOIN catalog.listings l ON l.product_id = p.id AND l.channel_id = %(channel)s
    CROSS JOIN LATERAL (
        SELECT title, description FROM catalog.product_texts t WHERE t.product_id = p.id
        ORDER BY array_position(%(languages)s::text[], t.language), t.language LIMIT 1
    ) t
    WHERE p.id = ANY(%(ids)s) AND p.status = 'active'
      AND coalesce(l.is_published, %(everything)s)
    ORDER BY array_position(%(ids)s, p.id)
"""

_VARIANTS: LiteralString = """
    SELECT id, product_id, sku, gtin, options FROM catalog.variants
    WHERE product_id = ANY(%(ids)s) AND NOT is_archived ORDER BY product_id, position
"""


def _goods(
    tx: Tx, channel: Channel, ids: list[UUID], language: str | None, store: UUID | None
) -> list[GoodsFound]:
    languages = languages_for(language or channel.language)
    rows = tx.all(
        _GOODS,
        ids=ids,
        channel=channel.id,
        everything=channel.assortment == "everything",
        languages=languages,
    )
    variants = _variants(tx, channel, [row.id for row in rows], store)
    return [
        GoodsFound(
            id=row.id,
            handle=row.handle,
            title=row.title,
            description=row.description or row.title,
            brand=row.brand,
            category=row.category,
            images=tuple(url for url in row.images if url.startswith("https://"))[:MEDIA_MAX],
            options=tuple(_option(one, languages) for one in row.options or ()),
            variants=tuple(variants[row.id]),
        )
        for row in rows
        if variants[row.id]
    ]


def _option(option: dict[str, Any], languages: Sequence[str]) -> OptionFound:
    values = {one["value"]: _label(one, one["value"], languages) for one in option["values"]}
    return OptionFound(
        name=option["name"], label=_label(option, option["name"], languages), values=values
    )


def _label(labeled: dict[str, Any], plain: str, languages: Sequence[str]) -> str:
    labels = labeled.get("labels") or {}
    return next((labels[one] for one in languages if one in labels), plain)


def _variants(
    tx: Tx, channel: Channel, products: list[UUID], store: UUID | None
) -> defaultdict[UUID, list[VariantFound]]:
    rows = tx.all(_VARIANTS, ids=products)
    ids = [row.id for row in rows]
    prices = _prices(tx, channel, ids)
    entries = available_to_promise(tx, ids, channel=channel.id)
    stores = {row.id for row in tx.all(_PICKUP) if store in {None, row.id}}
    there = pieces_by_variant([one for one in entries if one.location_id in stores])
    sent = pieces_by_variant([one for one in entries if one.ships])
    found: defaultdict[UUID, list[VariantFound]] = defaultdict(list)
    for row in rows:
        if (price := prices.get(row.id)) is not None:
            found[row.product_id].append(
                _variant(row, price, sent.get(row.id, 0), there.get(row.id, 0))
            )
    return found


_PICKUP: LiteralString = "SELECT id FROM stock.locations WHERE offers_pickup AND is_open"


def _variant(row: Any, price: ShownPrice, sent: int, there: int) -> VariantFound:
    return VariantFound(
        id=row.id,
        sku=row.sku,
        gtin=row.gtin,
        options=row.options or {},
        price_minor=price.amount_minor,
        list_price_minor=price.prior_minor or price.standing_minor,
        pieces_to_send=sent,
        pieces_to_pick_up=there,
    )


def _prices(tx: Tx, channel: Channel, ids: list[UUID]) -> dict[UUID, ShownPrice]:
    found: dict[UUID, ShownPrice] = {}
    for start in range(0, len(ids), PRICES_AT_ONCE):
        ask = PricesFor(
            channel_id=channel.id,
            currency=channel.currency,
            variant_ids=tuple(ids[start : start + PRICES_AT_ONCE]),
        )
        found |= {price.variant_id: price for price in prices_for(tx, ask).prices}
    return found
