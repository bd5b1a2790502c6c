"""What was bought and what it came to, for whoever needs no more of an order."""

from collections.abc import Mapping
from typing import LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.kernel import NotFound, Tx
from charsu.orders.model import OrderKind, Placed
from charsu.pricing import PricedBasket


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
    return tx.once(_key(order_id), lambda: _summary(tx, order_id))


def know_summary(
    tx: Tx,
    placed: Placed,
    kind: OrderKind,
    priced: PricedBasket,
    titles: Mapping[UUID, str],
) -> None:
    """An order was placed in this transaction: what it came to need not be read.

    titles   what each variant is called in it
    """
    summary = OrderSummary(
        id=placed.order_id,
        number=placed.number,
        kind=kind,
        currency=priced.currency,
        subtotal_minor=priced.subtotal_minor,
        discount_minor=priced.discount_minor,
        delivery_minor=priced.charges_minor,
        tax_minor=priced.tax_minor,
        total_minor=priced.total_minor,
        lines=tuple(
            SummaryLine(
                line.variant_id,
                titles[line.variant_id],
                line.quantity,
                line.unit_minor,
                line.subtotal_minor,
            )
            for line in priced.lines
        ),
    )
    tx.know(_key(placed.order_id), summary)


def _key(order_id: UUID) -> tuple[str, UUID]:
    return "orders.summary_of", order_id


def _summary(tx: Tx, order_id: UUID) -> OrderSummary:
    row = tx.first(_ORDER, id=order_id)
    if row is None:
        raise NotFound("order", order_id)
    lines = tuple(SummaryLine(*line) for line in tx.all(_LINES, id=order_id))
    return OrderSummary(**row._asdict(), lines=lines)
