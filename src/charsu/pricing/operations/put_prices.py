"""Putting prices: what each variant costs in a channel, from when, and until when."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, LiteralString
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import WHOLE_BUSINESS, Fact, Tx, append, operation
from charsu.pricing.errors import (
    ChannelUnknown,
    InstantInvalid,
    OfferWithoutAmount,
    PeriodInvalid,
    PriceInThePast,
    PriceRepeated,
    VariantUnknown,
)
from charsu.pricing.facts import PricesPut
from charsu.pricing.model import Amount, Currency, in_utc
from charsu.pricing.operations.open_price_list import hold_list

VARIANTS_IN_A_FACT = 1000

_UNKNOWN: LiteralString = """
    SELECT n.id FROM unnest(%(variants)s::uuid[]) AS n (id)
    WHERE NOT EXISTS (SELECT FROM catalog.variants v WHERE v.id = n.id)
    LIMIT 20
"""

# Of its own kind, so that a nightly file of standing prices leaves an offer that runs alone.
_STORE: LiteralString = """
    INSERT INTO pricing.prices
        (list_id, variant_id, is_offer, valid_from, valid_until, amount_minor)
    SELECT %(list)s, n.variant_id, n.valid_until IS NOT NULL, n.valid_from, n.valid_until, n.amount
    FROM unnest(%(variants)s::uuid[], %(amounts)s::bigint[], %(froms)s::timestamptz[],
                %(untils)s::timestamptz[])
         AS n (variant_id, amount, valid_from, valid_until)
    LEFT JOIN LATERAL (
        SELECT p.amount_minor, p.valid_until FROM pricing.prices p
        WHERE p.list_id = %(list)s AND p.variant_id = n.variant_id
          AND p.is_offer = (n.valid_until IS NOT NULL) AND p.valid_from <= n.valid_from
          AND (p.valid_until IS NULL OR p.valid_until > n.valid_from)
        ORDER BY p.valid_from DESC LIMIT 1
    ) was ON true
    WHERE (was.amount_minor, was.valid_until) IS DISTINCT FROM (n.amount, n.valid_until)
    ON CONFLICT (list_id, variant_id, is_offer, valid_from) DO UPDATE
    SET amount_minor = excluded.amount_minor, valid_until = excluded.valid_until
    RETURNING variant_id
"""

_RAISE_VERSION: LiteralString = """
    UPDATE pricing.price_lists SET version = version + %(facts)s WHERE id = %(list)s
    RETURNING version
"""


class PriceDraft(Struct, frozen=True, kw_only=True):
    """One price of one main unit, in minor units.

    amount_minor    None takes the variant off sale in this list
    valid_from      None is now
    valid_until     an offer, which goes before the standing price until then
    """

    variant_id: UUID
    amount_minor: Amount | None
    valid_from: Annotated[datetime, Meta(tz=True)] | None = None
    valid_until: Annotated[datetime, Meta(tz=True)] | None = None


class PutPrices(Struct, frozen=True, kw_only=True):
    """Prices of one channel in one currency, in the tax mode of its list."""

    channel_id: UUID
    currency: Currency
    prices: Annotated[tuple[PriceDraft, ...], Meta(min_length=1, max_length=10_000)]


class PricesStored(Struct, frozen=True):
    """How many of the prices are different now, and how many were so already."""

    list_id: UUID
    changed: int
    unchanged: int


@operation(
    "pricing.put_prices",
    permission="pricing.edit",
    at=WHOLE_BUSINESS,
    http="POST /v1/prices",
    raises=(
        ChannelUnknown,
        VariantUnknown,
        PriceInThePast,
        InstantInvalid,
        PeriodInvalid,
        OfferWithoutAmount,
        PriceRepeated,
    ),
)
def put_prices(tx: Tx, ask: PutPrices) -> PricesStored:
    """Set what variants cost in a channel; all of these prices or none.

    Putting the same again changes nothing. What was in force stays in the history; a price that
    has not begun yet is replaced by one with the same beginning.
    """
    return put_many_prices(tx, ask.channel_id, ask.currency, ask.prices)


def put_many_prices(
    tx: Tx,
    channel_id: UUID,
    currency: str,
    prices: Sequence[PriceDraft],
    *,
    historical: bool = False,
) -> PricesStored:
    """Store any number of prices of one list with one statement.

    historical      the prices may begin in the past, and nothing reacts to them

    Raises what ``put_prices`` raises.
    """
    _check(tx, prices, may_be_past=historical)
    price_list = hold_list(tx, channel_id, currency)
    variants = [draft.variant_id for draft in prices]
    if unknown := tx.all(_UNKNOWN, variants=variants):
        raise VariantUnknown([row.id for row in unknown])
    stored = tx.all(
        _STORE,
        list=price_list.id,
        variants=variants,
        amounts=[draft.amount_minor for draft in prices],
        froms=[draft.valid_from or tx.now for draft in prices],
        untils=[draft.valid_until for draft in prices],
    )
    changed = list(dict.fromkeys(row.variant_id for row in stored))

    def put(some: tuple[UUID, ...]) -> PricesPut:
        return PricesPut(channel_id=channel_id, currency=currency, variant_ids=some)

    tell_in_parts(tx, price_list.id, changed, put, historical=historical)
    return PricesStored(price_list.id, len(stored), len(prices) - len(stored))


def tell_in_parts(
    tx: Tx,
    list_id: UUID,
    variant_ids: Sequence[UUID],
    fact_of: Callable[[tuple[UUID, ...]], Fact],
    *,
    historical: bool = False,
) -> None:
    """Append one fact about the list for each thousand variants, so that no fact grows huge."""
    starts = range(0, len(variant_ids), VARIANTS_IN_A_FACT)
    if not starts:
        return
    last = tx.value(_RAISE_VERSION, list=list_id, facts=len(starts))
    for version, start in enumerate(starts, last - len(starts) + 1):
        fact = fact_of(tuple(variant_ids[start : start + VARIANTS_IN_A_FACT]))
        append(tx, fact, subject=list_id, version=version, historical=historical)


def _check(tx: Tx, prices: Sequence[PriceDraft], *, may_be_past: bool) -> None:
    seen: set[tuple[UUID, bool, datetime]] = set()
    for draft in prices:
        start = in_utc(draft.valid_from or tx.now)
        end = draft.valid_until and in_utc(draft.valid_until)
        if start < tx.now and not may_be_past:
            raise PriceInThePast(draft.variant_id, start)
        if end is not None and end <= start:
            raise PeriodInvalid(start, end)
        if end is not None and draft.amount_minor is None:
            raise OfferWithoutAmount(draft.variant_id)
        if (name := (draft.variant_id, end is not None, start)) in seen:
            raise PriceRepeated(draft.variant_id)
        seen.add(name)
