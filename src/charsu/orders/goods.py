"""What is bought, as the catalog calls it in the channel where it is bought."""

from collections.abc import Collection
from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.catalog import languages_for
from charsu.kernel import NotFound, Tx
from charsu.orders.errors import NotForSale


class Channel(Struct, frozen=True):
    """The channel of an order, as far as orders care."""

    id: UUID
    code: str
    currency: str
    language: str
    assortment: str


class Goods(Struct, frozen=True):
    """A variant as it is sold here."""

    variant_id: UUID
    sku: str
    title: str
    unit: str
    is_sold: bool


def channel_of(tx: Tx, channel_id: UUID) -> Channel:
    """The channel with this id. Raises NotFound."""
    row = tx.once(("orders.channel_of", channel_id), lambda: tx.first(_CHANNEL, id=channel_id))
    if row is None:
        raise NotFound("channel", channel_id)
    return Channel(*row)


def channel_named(tx: Tx, code: str) -> Channel | None:
    """The channel with this code, if there is one."""
    row = tx.first(_CHANNEL_NAMED, code=code)
    if row is None:
        return None
    tx.know(("orders.channel_of", row.id), row)
    return Channel(*row)


_CHANNEL: LiteralString = """
    SELECT id, code, currency, language, assortment FROM catalog.channels WHERE id = %(id)s
"""
_CHANNEL_NAMED: LiteralString = """
    SELECT id, code, currency, language, assortment FROM catalog.channels WHERE code = %(code)s
"""


_GOODS: LiteralString = """
    SELECT v.id, v.sku, t.title, p.unit,
           p.status = 'active' AND NOT v.is_archived
           AND coalesce(l.is_published, %(everything)s) AS is_sold
    FROM catalog.variants v
    JOIN catalog.products p ON p.id = v.product_id
    LEFT JOIN catalog.listings l ON l.product_id = p.id AND l.channel_id = %(channel)s
    CROSS JOIN LATERAL (
        SELECT title FROM catalog.product_texts t WHERE t.product_id = p.id
        ORDER BY array_position(%(languages)s::text[], t.language), t.language LIMIT 1
    ) t
    WHERE v.id = ANY(%(variants)s)
"""


def goods_of(tx: Tx, channel: Channel, variants: Collection[UUID]) -> dict[UUID, Goods]:
    """These variants as the channel sells them. Raises NotFound, and NotForSale for the first one
    that the channel does not sell."""
    rows: list[Any] = tx.once(
        ("orders.goods_of", channel.id, frozenset(variants)),
        lambda: tx.all(
            _GOODS,
            variants=list(variants),
            channel=channel.id,
            everything=channel.assortment == "everything",
            languages=languages_for(channel.language),
        ),
    )
    goods = {row.id: Goods(*row) for row in rows}
    for variant in variants:
        if variant not in goods:
            raise NotFound("variant", variant)
        if not goods[variant].is_sold:
            raise NotForSale(goods[variant].sku)
    return goods
