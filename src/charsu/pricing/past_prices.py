"""What was on the price lists once."""

from collections.abc import Collection
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from charsu.kernel import Tx

_LIST_PRICES: LiteralString = """
    SELECT DISTINCT ON (p.variant_id) p.variant_id, p.amount_minor
    FROM pricing.prices p JOIN pricing.price_lists l ON l.id = p.list_id
    WHERE l.channel_id = %(channel)s AND l.currency = %(currency)s
      AND p.variant_id = ANY(%(variants)s) AND NOT p.is_offer AND p.valid_from <= %(at)s
    ORDER BY p.variant_id, p.valid_from DESC
"""


def list_prices_at(
    tx: Tx, variants: Collection[UUID], *, channel: UUID, currency: str, at: datetime
) -> dict[UUID, int | None]:
    """The standing price of each variant in a channel at an instant, in minor units, offers aside.

    Those that had none yet are left out; None was not for sale.
    """
    rows = tx.all(_LIST_PRICES, variants=list(variants), channel=channel, currency=currency, at=at)
    return {row.variant_id: row.amount_minor for row in rows}
