"""What a customer may bring back, found by whatever she has at the counter."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, LiteralString
from uuid import UUID

from msgspec import Meta, Struct

from charsu.customers import FindCustomers, find_customers, phone_key
from charsu.kernel import Mark, Moment, PageUnknown, Tx, cut, query, read_mark
from charsu.orders.model import refund_share

NUMBER_DIGITS_MAX = 18  # of an order; what is longer is a receipt's
CUSTOMERS_MAX = 50  # behind one telephone number


class AskReturnable(Struct, frozen=True, kw_only=True):
    """Where the customer stands, and what she says or shows.

    text   the number of an order or of a receipt, an e-mail address, a telephone number, or the
           number of a card, whole as it was given
    """

    location_id: UUID
    text: Annotated[str, Meta(min_length=1, max_length=254, pattern=r"\S")]
    after: Mark | None = None
    limit: Annotated[int, Meta(ge=1, le=50)] = 10


class ReturnableLine(Struct, frozen=True, kw_only=True):
    """Pieces that are still with the customer, and what she gets for all of them."""

    line_id: UUID
    sku: str
    title: str
    unit: str
    pieces: int
    refund_minor: int


class ReturnableOrder(Struct, frozen=True, kw_only=True):
    """An order of which something may come back; amounts in the minor unit of its currency."""

    id: UUID
    number: int
    external_id: str | None
    channel: str
    placed_at: datetime
    currency: str
    payment_state: str
    lines: tuple[ReturnableLine, ...]


class Returnable(Struct, frozen=True):
    """Orders that something may come back of, newest first; ``next`` asks for those before."""

    items: tuple[ReturnableOrder, ...]
    next: str | None


# Each way to find an order by an index of its own. Telephone numbers end alike however their
# country is written (``phone_key``); the index of recipients holds the same ending.
_FOUND: LiteralString = """
    WITH found AS (
        SELECT id FROM orders.orders WHERE number = %(number)s
        UNION
        SELECT id FROM orders.orders WHERE external_id = %(text)s
        UNION
        SELECT id FROM orders.orders WHERE customer_id = ANY(%(customers)s)
        UNION
        SELECT order_id FROM orders.recipients WHERE email <> '' AND lower(email) = lower(%(text)s)
        UNION
        SELECT order_id FROM orders.recipients
        WHERE phone <> ''
          AND right(ltrim(regexp_replace(phone, '[^0-9]', '', 'g'), '0'), 8) = %(phone)s
    )
    SELECT o.id, o.number, o.external_id, c.name AS channel, o.placed_at, o.currency,
           o.payment_state
    FROM found JOIN orders.orders o USING (id) JOIN catalog.channels c ON c.id = o.channel_id
    WHERE (%(before)s::timestamptz IS NULL OR (o.placed_at, o.id) < (%(before)s, %(before_id)s))
      AND EXISTS (SELECT FROM orders.order_lines l
                  WHERE l.order_id = o.id AND l.fulfilled > l.returned)
    ORDER BY o.placed_at DESC, o.id DESC LIMIT %(limit)s
"""

_LINES: LiteralString = """
    SELECT order_id, id AS line_id, sku, title, unit, quantity, fulfilled, returned, total_minor
    FROM orders.order_lines
    WHERE order_id = ANY(%(orders)s) AND fulfilled > returned ORDER BY position
"""


@query(
    "orders.returnable",
    permission="orders.return",
    at="location_id",
    http="GET /v1/locations/{location_id}/returnable",
    raises=(PageUnknown,),
)
def returnable(tx: Tx, ask: AskReturnable) -> Returnable:
    """Orders of any channel and store that something may come back of, where she stands.

    Only what is said whole finds anything. Two people's telephone numbers may end alike: whoever
    takes goods back compares them with what was bought.
    """
    before, before_id = read_mark(ask.after, Moment, UUID)
    text = ask.text.strip()
    rows = tx.all(
        _FOUND,
        number=_number(text),
        text=text,
        customers=_customers(tx, text),
        phone=phone_key(text),
        before=before,
        before_id=before_id,
        limit=ask.limit + 1,
    )
    shown, more = cut(rows, ask.limit, "placed_at", "id")
    lines = _lines(tx, [row.id for row in shown])
    orders = [ReturnableOrder(**row._asdict(), lines=tuple(lines[row.id])) for row in shown]
    return Returnable(tuple(orders), more)


def _number(text: str) -> int | None:
    text = text.removeprefix("#")  # as people write it
    is_number = text.isascii() and text.isdigit() and len(text) <= NUMBER_DIGITS_MAX
    return int(text) if is_number else None


def _customers(tx: Tx, text: str) -> list[UUID]:
    found = find_customers(tx, FindCustomers(text=text, limit=CUSTOMERS_MAX))
    return [customer.customer_id for customer in found.customers]


def _lines(tx: Tx, orders: Sequence[UUID]) -> defaultdict[UUID, list[ReturnableLine]]:
    lines: defaultdict[UUID, list[ReturnableLine]] = defaultdict(list)
    for row in tx.all(_LINES, orders=orders) if orders else ():
        lines[row.order_id].append(_line(row))
    return lines


def _line(row: Any) -> ReturnableLine:
    pieces = row.fulfilled - row.returned
    refund = refund_share(
        paid=row.total_minor, quantity=row.quantity, returned_before=row.returned, returning=pieces
    )
    return ReturnableLine(
        line_id=row.line_id,
        sku=row.sku,
        title=row.title,
        unit=row.unit,
        pieces=pieces,
        refund_minor=refund,
    )
