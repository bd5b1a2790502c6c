"""Prices that come along with products: into every channel that sells in their currency."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, LiteralString

from msgspec import Struct

from charsu.catalog import sku_key
from charsu.imports.errors import ChannelNeeded, PriceTooLarge
from charsu.imports.target import Options
from charsu.kernel import Tx, minor
from charsu.pricing import AMOUNT_MAX, PriceDraft, put_many_prices

_CHANNELS: LiteralString = """
    SELECT code, id, currency FROM catalog.channels
    WHERE %(code)s::text IS NULL OR code = %(code)s ORDER BY code
"""

_NOW: LiteralString = """
    SELECT v.sku_key, v.id, p.amount_minor
    FROM catalog.variants v
    LEFT JOIN pricing.price_lists l ON l.channel_id = %(channel)s AND l.currency = %(currency)s
    LEFT JOIN LATERAL (
        SELECT amount_minor FROM pricing.prices
        WHERE list_id = l.id AND variant_id = v.id AND NOT is_offer AND valid_from <= %(now)s
        ORDER BY valid_from DESC LIMIT 1
    ) p ON true
    WHERE v.sku_key = ANY(%(keys)s)
"""

Changes = dict[str, tuple[str | None, str | None]]


class AskedPrice(Struct, frozen=True):
    """What a sheet asks for a variant; without a currency, the importer's or the channel's."""

    sku: str
    currency: str | None
    price: Decimal


def put_asked_prices(
    tx: Tx, asked: Sequence[Sequence[AskedPrice]], options: Options
) -> list[Changes]:
    """Put the prices of each thing; which of its prices changed, before and after.

    Raises ChannelNeeded where the options name a channel that is not there, and PriceTooLarge.
    """
    changes: list[Changes] = [{} for _ in asked]
    channels = tx.all(_CHANNELS, code=options.channel)
    if options.channel is not None and not channels:
        raise ChannelNeeded(options.channel)
    for channel in channels:
        for currency, wanted in _by_currency(asked, channel.currency, options).items():
            _put(tx, channel, currency, wanted, changes)
    return changes


Wanted = dict[str, tuple[int, AskedPrice]]  # by the key of the SKU: whose price it is, and which


def _by_currency(
    asked: Sequence[Sequence[AskedPrice]], of_channel: str, options: Options
) -> dict[str, Wanted]:
    """The prices that one channel takes: its own currency's, or all if it was named."""
    found: dict[str, Wanted] = defaultdict(dict)
    for place, prices in enumerate(asked):
        for one in prices:
            currency = one.currency or options.currency or of_channel
            if options.channel is not None or currency == of_channel:
                found[currency][sku_key(one.sku)] = (place, one)
    return found


def _put(tx: Tx, channel: Any, currency: str, wanted: Wanted, changes: list[Changes]) -> None:
    drafts = []
    rows = tx.all(_NOW, channel=channel.id, currency=currency, keys=list(wanted), now=tx.now)
    for row in rows:
        place, one = wanted[row.sku_key]
        amount = minor(one.price, currency)
        if amount > AMOUNT_MAX:
            raise PriceTooLarge(one.sku)
        if amount != row.amount_minor:
            drafts.append(PriceDraft(variant_id=row.id, amount_minor=amount))
            before = None if row.amount_minor is None else f"{row.amount_minor} {currency}"
            changes[place][f"price of {one.sku} in {channel.code}"] = (
                before,
                f"{amount} {currency}",
            )
    if drafts:
        put_many_prices(tx, channel.id, currency, drafts)
