"""What a customer may choose at the moment, of one order."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec
from msgspec import Struct

from charsu.kernel import Tx
from charsu.orders.exceptions import Options
from charsu.orders.model import Choice


class OpenChoice(Struct, frozen=True, kw_only=True):
    """What she was promised cannot be had; what she may say instead, until when.

    lines        the pieces it is about, by line of the order
    store_ids    where she may collect them instead
    otherwise    what happens when she says nothing
    """

    exception_id: UUID
    fulfillment_id: UUID
    lines: dict[UUID, int]
    store_ids: tuple[UUID, ...]
    can_send: bool
    otherwise: Choice
    answer_by: datetime


# As long as her time has not run out; then the default happens, whether or not it did yet.
_OPEN: LiteralString = """
    SELECT id AS exception_id, fulfillment_id, lines, options, due_by AS answer_by
    FROM orders.exceptions
    WHERE order_id = %(order)s AND closed_at IS NULL AND due_by > %(now)s ORDER BY opened_at, id
"""


def choices_of(tx: Tx, order: UUID) -> tuple[OpenChoice, ...]:
    """What the customer of this order is asked and has not answered."""
    rows = tx.all(_OPEN, order=order, now=tx.now)
    asked = ((row, msgspec.convert(row.options, Options)) for row in rows)
    return tuple(
        OpenChoice(
            exception_id=row.exception_id,
            fulfillment_id=row.fulfillment_id,
            lines=msgspec.convert(row.lines, dict[UUID, int]),
            store_ids=options.stores,
            can_send=options.can_send,
            otherwise=options.otherwise,
            answer_by=row.answer_by,
        )
        for row, options in asked
        if options.otherwise is not None
    )
