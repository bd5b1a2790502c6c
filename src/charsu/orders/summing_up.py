"""What was bought and what it came to, for whoever needs no more of an order."""

from typing import LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.kernel import NotFound, Tx
from charsu.orders.model import OrderKind


class SummaryLine(Struct, frozen=True):
    """A line, in minor units; ``unit_minor`` is none where the line has no price by the piece."""

    variant_id: UUID
    title: str
    quantity: int
    unit_minor: int | None
    subtotal_minor: int


class OrderSummary(Struct, frozen=True, kw_only=True):
    """An order without what became of it; amounts in minor units of the currency."""

    id: UUID
    number: int
    kind: OrderKind
    currency: str
    subtotal_minor: int
    discount_minor: int
    delivery_minor: int
    tax_minor: int
    total_minor: int
    lines: tuple[SummaryLine, ...]


_ORDER: LiteralString = """
    SELECT id, number, kind, currency, subtotal_minor, discount_minor, delivery_minor, tax_minor,
           total_minor
    FROM orders.orders WHERE id = %(id)s
"""

_LINES: LiteralString = """
    SELECT variant_id, title, quantity, unit_minor, subtotal_minor
    FROM orders.order_lines WHERE order_id = %(id)s ORDER BY position
"""


def summary_of(tx: Tx, order_id: UUID) -> OrderSummary:
    """What was bought and what it came to, whoever asks. Raises NotFound."""
    row = tx.first(_ORDER, id=order_id)
    if row is None:
        raise NotFound("order", order_id)
    lines = tuple(SummaryLine(*line) for line in tx.all(_LINES, id=order_id))
    return OrderSummary(**row._asdict(), lines=lines)
