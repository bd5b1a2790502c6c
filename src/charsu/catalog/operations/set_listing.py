"""Deciding what a channel shows of a product, and under which words."""

from typing import LiteralString
from uuid import UUID

import msgspec
from msgspec import Struct

from charsu.catalog.facts import ProductListed
from charsu.catalog.model import Code, Handle, Language, ListingText
from charsu.catalog.search.reindex import reindex
from charsu.kernel import WHOLE_BUSINESS, NotFound, Tx, append, operation

_PRODUCT: LiteralString = "SELECT id FROM catalog.products WHERE handle = %(handle)s FOR UPDATE"
_CHANNEL: LiteralString = "SELECT id FROM catalog.channels WHERE code = %(code)s"

_PUT: LiteralString = """
    INSERT INTO catalog.listings AS l (product_id, channel_id, is_published, texts)
    VALUES (%(product)s, %(channel)s, %(is_published)s, %(texts)s::jsonb)
    ON CONFLICT (product_id, channel_id) DO UPDATE
    SET is_published = excluded.is_published, texts = excluded.texts
    WHERE l.is_published <> excluded.is_published OR l.texts <> excluded.texts
"""

_NEXT_VERSION: LiteralString = """
    UPDATE catalog.products SET version = version + 1, changed_at = %(now)s
    WHERE id = %(id)s RETURNING version
"""


class SetListing(Struct, frozen=True, kw_only=True):
    """How a channel shows a product; words left out are the product's own."""

    handle: Handle
    channel: Code
    is_published: bool
    texts: dict[Language, ListingText] = {}


class ListingSet(Struct, frozen=True):
    """Whether anything is different from before."""

    product_id: UUID
    is_changed: bool


@operation(
    "catalog.set_listing",
    permission="catalog.edit",
    at=WHOLE_BUSINESS,
    http="PUT /v1/products/{handle}/listings/{channel}",
    raises=(NotFound,),
)
def set_listing(tx: Tx, ask: SetListing) -> ListingSet:
    """Show a product in a channel or keep it out, with titles and words of the channel's own."""
    product = tx.value(_PRODUCT, handle=ask.handle)
    if product is None:
        raise NotFound("product", ask.handle)
    channel = tx.value(_CHANNEL, code=ask.channel)
    if channel is None:
        raise NotFound("channel", ask.channel)
    texts = msgspec.json.encode(ask.texts).decode()
    shown = ask.is_published
    if not tx.run(_PUT, product=product, channel=channel, is_published=shown, texts=texts):
        return ListingSet(product, is_changed=False)
    version = tx.value(_NEXT_VERSION, id=product, now=tx.now)
    languages = tuple(sorted(ask.texts))
    listed = ProductListed(channel_id=channel, is_published=shown, languages=languages)
    append(tx, listed, subject=product, version=version)
    reindex(tx, [product])
    return ListingSet(product, is_changed=True)
