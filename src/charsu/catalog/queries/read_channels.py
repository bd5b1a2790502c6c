"""The channels there are, and what each of them sells."""

from typing import LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.catalog.model import Assortment, ChannelKind, TaxMode
from charsu.kernel import Tx, query

_ALL: LiteralString = """
    SELECT id, code, name, kind, currency, tax_mode, language, assortment
    FROM catalog.channels ORDER BY code
"""

_LISTED: LiteralString = """
    SELECT v.id FROM catalog.variants AS v
    JOIN catalog.products AS p ON p.id = v.product_id
    JOIN catalog.channels AS c ON c.id = %(channel)s
    LEFT JOIN catalog.listings AS l ON l.product_id = p.id AND l.channel_id = c.id
    WHERE v.id = ANY(%(ids)s) AND NOT v.is_archived AND p.status = 'active'
      AND coalesce(l.is_published, c.assortment = 'everything')
"""


class ListChannels(Struct, frozen=True, kw_only=True):
    """All of them."""


class Channel(Struct, frozen=True):
    """One street into the business: a web shop, an app, the stores, a marketplace."""

    id: UUID
    code: str
    name: str
    kind: ChannelKind
    currency: str
    tax_mode: TaxMode
    language: str
    assortment: Assortment


class Channels(Struct, frozen=True):
    """All channels in the order of their codes."""

    items: tuple[Channel, ...]


@query("catalog.list_channels", permission="catalog.read", http="GET /v1/channels")
def list_channels(tx: Tx, _ask: ListChannels) -> Channels:
    """All channels, with the currency, tax mode and language of each."""
    return Channels(tuple(Channel(*row) for row in tx.all(_ALL)))


def listed_in(tx: Tx, channel_id: UUID, variant_ids: list[UUID]) -> set[UUID]:
    """Those of the variants that this channel sells at all; stock is another question."""
    return {row.id for row in tx.all(_LISTED, channel=channel_id, ids=variant_ids)}
