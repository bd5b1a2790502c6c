"""What guests said of their data: it waits with the order, and joins whom the order joins.

The order and the proof come in any order; who reads the log calls ``hand_over`` after either.
"""

from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.customers import Purpose, SetConsent, keep_said
from charsu.identity.facts import GuestConsentSaid
from charsu.kernel import Tx, append


class GuestWord(Struct, frozen=True, kw_only=True):
    """What the guest of an order said about one purpose, on all channels.

    source, wording   where she said it, and to which text
    said_by           who passed it on
    said_at           UTC
    """

    order_id: UUID
    purpose: Purpose
    is_granted: bool
    source: str
    wording: str
    said_by: UUID
    said_at: datetime


_STORE: LiteralString = """
    INSERT INTO identity.guest_consents
        (id, order_id, purpose, channel, is_granted, source, wording, said_by, said_at)
    VALUES (%(id)s, %(order)s, %(purpose)s, 'any', %(granted)s, %(source)s, %(wording)s, %(by)s,
            %(at)s)
    ON CONFLICT ON CONSTRAINT one_word_of_a_guest_with_an_order DO NOTHING
    RETURNING id
"""


def keep_guest_word(tx: Tx, word: GuestWord) -> None:
    """Keep what a guest said with her order; the first time that it is told counts."""
    kept = tx.value(
        _STORE,
        id=tx.new_id(),
        order=word.order_id,
        purpose=word.purpose,
        granted=word.is_granted,
        source=word.source,
        wording=word.wording,
        by=word.said_by,
        at=word.said_at,
    )
    if kept is not None:
        fact = GuestConsentSaid(
            order_id=word.order_id, purpose=word.purpose, is_granted=word.is_granted
        )
        append(tx, fact, subject=kept, version=1)


_TAKE: LiteralString = """
    WITH taken AS (
        DELETE FROM identity.guest_consents g USING identity.purchases p
        WHERE p.order_id = g.order_id
          AND (g.order_id = ANY(%(orders)s) OR p.customer_id = ANY(%(customers)s))
        RETURNING p.customer_id, g.*
    )
    SELECT * FROM taken ORDER BY said_at, id
"""


def hand_over(tx: Tx, *, orders: list[UUID], customers: list[UUID]) -> int:
    """Give what was said with these orders, and with all that joined these customers, to whom the
    orders have joined; how many words there were."""
    rows: list[Any] = tx.all(_TAKE, orders=orders, customers=customers)
    for row in rows:
        ask = SetConsent(
            customer_id=row.customer_id,
            purpose=row.purpose,
            channel=row.channel,
            is_granted=row.is_granted,
            source=row.source,
            wording=row.wording,
        )
        keep_said(tx, ask, by=row.said_by, at=row.said_at, guest_order=row.order_id)
    return len(rows)
