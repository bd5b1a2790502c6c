"""What variants cost in a channel, now and before."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, LiteralString
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import Tx, query
from charsu.pricing.errors import PriceListMissing
from charsu.pricing.history import PriceSpan, prior_price, span_at
from charsu.pricing.model import Currency, TaxMode

_LIST: LiteralString = """
    SELECT id, tax_mode FROM pricing.price_lists
    WHERE channel_id = %(channel)s AND currency = %(currency)s
"""

_SPANS: LiteralString = """
    SELECT variant_id, amount_minor, valid_from, valid_until FROM pricing.prices
    WHERE list_id = %(list)s AND variant_id = ANY(%(variants)s)
    ORDER BY variant_id, valid_from, is_offer
"""


class PricesFor(Struct, frozen=True, kw_only=True):
    """Which prices: of these variants in one channel and currency."""

    channel_id: UUID
    currency: Currency
    variant_ids: Annotated[tuple[UUID, ...], Meta(min_length=1, max_length=150)]


class ShownPrice(Struct, frozen=True, kw_only=True):
    """What a customer is shown for one main unit.

    standing_minor  what it costs without the offer; None where there is no other price
    prior_minor     the lowest price of the 30 days before it was reduced (Directive 98/6/EC,
                    article 6a), to be shown with a reduction; None where it was not reduced
    """

    variant_id: UUID
    amount_minor: int
    is_offer: bool
    valid_until: datetime | None
    standing_minor: int | None
    prior_minor: int | None


class ShownPrices(Struct, frozen=True, kw_only=True):
    """Prices in force now; a variant without one is left out."""

    currency: Currency
    tax_mode: TaxMode
    prices: tuple[ShownPrice, ...]


@query(
    "pricing.prices_for",
    permission="pricing.read",
    http="GET /v1/prices",
    raises=(PriceListMissing,),
)
def prices_for(tx: Tx, ask: PricesFor) -> ShownPrices:
    """What variants cost in a channel now, with what the law wants shown beside a reduction."""
    price_list = list_of(tx, ask.channel_id, ask.currency)
    spans = spans_of(tx, price_list.id, ask.variant_ids)
    shown = (_shown(tx, variant, spans[variant]) for variant in dict.fromkeys(ask.variant_ids))
    return ShownPrices(
        currency=ask.currency,
        tax_mode=price_list.tax_mode,
        prices=tuple(price for price in shown if price is not None),
    )


def list_of(tx: Tx, channel_id: UUID, currency: str) -> Any:
    """The price list (id, tax_mode). Raises PriceListMissing."""
    found = tx.first(_LIST, channel=channel_id, currency=currency)
    if found is None:
        raise PriceListMissing(channel_id, currency)
    return found


def spans_of(
    tx: Tx, list_id: UUID, variant_ids: Sequence[UUID]
) -> defaultdict[UUID, list[PriceSpan]]:
    """The whole history of these variants in a list, and what is planned."""
    spans: defaultdict[UUID, list[PriceSpan]] = defaultdict(list)
    for row in tx.all(_SPANS, list=list_id, variants=list(variant_ids)):
        span = PriceSpan(
            amount_minor=row.amount_minor, valid_from=row.valid_from, valid_until=row.valid_until
        )
        spans[row.variant_id].append(span)
    return spans


def _shown(tx: Tx, variant_id: UUID, spans: list[PriceSpan]) -> ShownPrice | None:
    span = span_at(spans, tx.now)
    if span is None or span.amount_minor is None:
        return None
    standing = span_at([span for span in spans if span.valid_until is None], tx.now)
    return ShownPrice(
        variant_id=variant_id,
        amount_minor=span.amount_minor,
        is_offer=span.valid_until is not None,
        valid_until=span.valid_until,
        standing_minor=standing.amount_minor if standing and span.valid_until else None,
        prior_minor=prior_price(spans, tx.now),
    )
