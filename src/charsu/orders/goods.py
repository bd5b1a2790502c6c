"""What is bought, as the catalog calls it in the channel where it is bought."""

from collections.abc import Collection
from typing import LiteralString
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
    found = tx.lasting_each("orders.channel_of", (channel_id,), lambda ids: _channels(tx, ids))
    if channel_id not in found:
        raise NotFound("channel", channel_id)
    return found[channel_id]


def channel_named(tx: Tx, code: str) -> Channel | None:
    """The channel with this code, if there is one."""
    id_ = tx.lasting(("orders.channel_named", code), lambda: tx.value(_CHANNEL_NAMED, code=code))
    return None if id_ is None else channel_of(tx, id_)


_CHANNELS: LiteralString = """
    SELECT id, code, currency, language, assortment FROM catalog.channels WHERE id = ANY(%(ids)s)
"""
_CHANNEL_NAMED: LiteralString = "SELECT id FROM catalog.channels WHERE code = %(code)s"


def _channels(tx: Tx, ids: list[UUID]) -> dict[UUID, Channel]:
    return {row.id: Channel(*row) for row in tx.all(_CHANNELS, ids=ids)}


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
    kind = ("orders.goods_of", channel.id)
    goods = tx.lasting_each(kind, variants, lambda missing: _goods(tx, channel, missing))
    for variant in variants:
        if variant not in goods:
            raise NotFound("variant", variant)
        if not goods[variant].is_sold:
            raise NotForSale(goods[variant].sku)
    return goods


def _goods(tx: Tx, channel: Channel, variants: list[UUID]) -> dict[UUID, Goods]:
    rows = tx.all(
        _GOODS,
        variants=variants,
        channel=channel.id,
        everything=channel.assortment == "everything",
        languages=languages_for(channel.language),
    )
    return {row.id: Goods(*row) for row in rows}
