"""Ending offers before their time."""

from typing import Annotated, LiteralString
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import WHOLE_BUSINESS, Tx, operation
from charsu.pricing.errors import ChannelUnknown
from charsu.pricing.facts import OffersEnded
from charsu.pricing.model import Currency
from charsu.pricing.operations.open_price_list import hold_list
from charsu.pricing.operations.put_prices import tell_in_parts

# What was shown stays in the history with its true end; what never began is nothing to remember.
_END: LiteralString = """
    WITH ended AS (
        UPDATE pricing.prices SET valid_until = %(now)s
        WHERE list_id = %(list)s AND variant_id = ANY(%(variants)s) AND is_offer
          AND valid_from < %(now)s AND valid_until > %(now)s
        RETURNING variant_id
    ), canceled AS (
        DELETE FROM pricing.prices
        WHERE list_id = %(list)s AND variant_id = ANY(%(variants)s) AND is_offer
          AND valid_from >= %(now)s
        RETURNING variant_id
    )
    SELECT variant_id FROM ended UNION SELECT variant_id FROM canceled ORDER BY 1
"""


class EndOffers(Struct, frozen=True, kw_only=True):
    """Variants that go back to their standing price in a channel."""

    channel_id: UUID
    currency: Currency
    variant_ids: Annotated[tuple[UUID, ...], Meta(min_length=1, max_length=10_000)]


class OffersOver(Struct, frozen=True):
    """Of how many variants an offer was ended or canceled."""

    variants: int


@operation(
    "pricing.end_offers",
    permission="pricing.edit",
    at=WHOLE_BUSINESS,
    http="POST /v1/prices/end-offers",
    raises=(ChannelUnknown,),
)
def end_offers(tx: Tx, ask: EndOffers) -> OffersOver:
    """End the offers of these variants now, and cancel those that have not begun."""
    price_list = hold_list(tx, ask.channel_id, ask.currency)
    rows = tx.all(_END, list=price_list.id, variants=list(ask.variant_ids), now=tx.now)

    def ended(some: tuple[UUID, ...]) -> OffersEnded:
        return OffersEnded(channel_id=ask.channel_id, currency=ask.currency, variant_ids=some)

    tell_in_parts(tx, price_list.id, [row.variant_id for row in rows], ended)
    return OffersOver(len(rows))
