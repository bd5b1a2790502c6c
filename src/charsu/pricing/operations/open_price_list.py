"""Opening a price list: one for each channel and currency."""

from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.kernel import WHOLE_BUSINESS, Tx, append, digits, operation
from charsu.pricing.errors import ChannelUnknown, PriceListInUse
from charsu.pricing.facts import PriceListOpened
from charsu.pricing.model import Currency, TaxMode

_OPEN: LiteralString = """
    INSERT INTO pricing.price_lists (id, channel_id, currency, tax_mode, version)
    SELECT %(id)s, id, %(currency)s, coalesce(%(tax_mode)s, tax_mode), 1
    FROM catalog.channels WHERE id = %(channel)s
    ON CONFLICT DO NOTHING
    RETURNING id, tax_mode, version
"""

_LOCK: LiteralString = """
    SELECT id, tax_mode, version FROM pricing.price_lists
    WHERE channel_id = %(channel)s AND currency = %(currency)s FOR NO KEY UPDATE
"""

_CHANGE: LiteralString = """
    UPDATE pricing.price_lists SET tax_mode = %(tax_mode)s, version = version + 1
    WHERE id = %(id)s
      AND NOT EXISTS (SELECT FROM pricing.prices WHERE list_id = price_lists.id)
    RETURNING version
"""


class OpenPriceList(Struct, frozen=True, kw_only=True):
    """``tax_mode`` says whether amounts have the tax in them; None takes the channel's."""

    channel_id: UUID
    currency: Currency
    tax_mode: TaxMode | None = None


class PriceListOpen(Struct, frozen=True):
    """The list that a channel has now in a currency."""

    list_id: UUID
    tax_mode: TaxMode


@operation(
    "pricing.open_price_list",
    permission="pricing.edit",
    at=WHOLE_BUSINESS,
    http="POST /v1/price-lists",
    raises=(ChannelUnknown, PriceListInUse),
)
def open_price_list(tx: Tx, ask: OpenPriceList) -> PriceListOpen:
    """Let a channel sell in a currency. The tax mode may change as long as the list is empty."""
    held = hold_list(tx, ask.channel_id, ask.currency, ask.tax_mode)
    if ask.tax_mode in {None, held.tax_mode}:
        return PriceListOpen(held.id, held.tax_mode)
    version = tx.value(_CHANGE, id=held.id, tax_mode=ask.tax_mode)
    if version is None:
        raise PriceListInUse(held.tax_mode)
    assert ask.tax_mode is not None
    _tell(tx, ask, held.id, ask.tax_mode, version)
    return PriceListOpen(held.id, ask.tax_mode)


def hold_list(tx: Tx, channel_id: UUID, currency: str, tax_mode: TaxMode | None = None) -> Any:
    """The list (id, tax_mode, version), opened if there is none; nobody else changes it meanwhile.

    Raises ChannelUnknown, and CurrencyUnknown for what ISO 4217 does not list.
    """
    digits(currency)
    ask = OpenPriceList(channel_id=channel_id, currency=currency, tax_mode=tax_mode)
    values = {"channel": channel_id, "currency": currency}
    if held := tx.first(_LOCK, **values):
        return held
    if opened := tx.first(_OPEN, id=tx.new_id(), tax_mode=tax_mode, **values):
        _tell(tx, ask, opened.id, opened.tax_mode, opened.version)
        return opened
    if held := tx.first(_LOCK, **values):  # somebody has just opened it
        return held
    raise ChannelUnknown([channel_id])


def _tell(tx: Tx, ask: OpenPriceList, list_id: UUID, tax_mode: TaxMode, version: int) -> None:
    fact = PriceListOpened(channel_id=ask.channel_id, currency=ask.currency, tax_mode=tax_mode)
    append(tx, fact, subject=list_id, version=version)
