"""Whose a guest's purchase turns out to be.

A guest says an e-mail address or a number and proves neither. Who proves the address later is shown
what was bought under it. Numbers are shared in a family and given out anew, so that a number joins
only what names no address, and only what was bought within ``customers.phone_days`` of its proof.
"""

from typing import Any, LiteralString
from uuid import UUID

from charsu.customers import PHONE_DAYS, email_identifier, exact_phone
from charsu.identity.codes import counted_as, secret_of
from charsu.kernel import EmailInvalid, Tx

# Locked, as is what is proved below: whoever erases a customer takes these rows away first, so what
# is noted of them here is there before, or not at all.
_GUESTS: LiteralString = """
    SELECT o.id, o.placed_at, r.email, r.phone
    FROM orders.orders o JOIN orders.recipients r ON r.order_id = o.id
    WHERE o.id = ANY(%(orders)s) AND o.customer_id IS NULL
    ORDER BY r.order_id FOR KEY SHARE OF r
"""

_NOTE: LiteralString = """
    INSERT INTO identity.guest_orders (order_id, email_digest, phone_digest, placed_at)
    SELECT * FROM unnest(%(orders)s::uuid[], %(emails)s::bytea[], %(phones)s::bytea[],
                         %(times)s::timestamptz[])
    ON CONFLICT (order_id) DO NOTHING
"""


def note_guest_orders(tx: Tx, orders: list[UUID]) -> None:
    """Keep under which address a guest bought, as digests; orders of customers are passed by."""
    secret = secret_of(tx)
    rows: list[Any] = tx.all(_GUESTS, orders=orders)
    tx.run(
        _NOTE,
        orders=[row.id for row in rows],
        emails=[_email_digest(secret, row.email) for row in rows],
        phones=[_phone_digest(secret, row.phone) for row in rows],
        times=[row.placed_at for row in rows],
    )


def _email_digest(secret: bytes, text: str) -> bytes | None:
    key = _email_key(text)
    return counted_as(secret, "email", key) if key else None


def _phone_digest(secret: bytes, text: str) -> bytes | None:
    exact = exact_phone(text)
    return counted_as(secret, "phone", exact) if exact else None


_PROVED: LiteralString = """
    SELECT i.customer_id, i.kind, i.value_key, i.exact_key, i.proved_at
    FROM customers.identifiers i
    WHERE i.customer_id = ANY(%(customers)s) AND i.verified_at IS NOT NULL
      AND i.kind IN ('email', 'phone')
    ORDER BY i.id FOR KEY SHARE OF i
"""

# What each of these customers has proved, against what guests said. An order is joined once, by its
# primary key, however many try.
_JOIN: LiteralString = """
    WITH proved AS (
        SELECT * FROM unnest(%(customers)s::uuid[], %(kinds)s::text[], %(digests)s::bytea[],
                             %(proofs)s::timestamptz[]) AS p (customer_id, kind, digest, proved_at)
    )
    INSERT INTO identity.purchases (order_id, customer_id, joined_by, joined_at)
    SELECT g.order_id, p.customer_id, p.kind, %(now)s
    FROM proved p JOIN identity.guest_orders g ON g.email_digest = p.digest
    WHERE p.kind = 'email'
    UNION ALL
    SELECT g.order_id, p.customer_id, p.kind, %(now)s
    FROM proved p JOIN identity.guest_orders g ON g.phone_digest = p.digest
    WHERE p.kind = 'phone' AND g.email_digest IS NULL
      AND g.placed_at BETWEEN p.proved_at - make_interval(days => %(days)s)
                          AND p.proved_at + make_interval(days => %(days)s)
    ON CONFLICT (order_id) DO NOTHING
"""


def join_purchases(tx: Tx, customers: list[UUID]) -> int:
    """Let these customers have what they bought as guests; how many orders joined just now."""
    secret = secret_of(tx)
    rows: list[Any] = tx.all(_PROVED, customers=customers)
    return tx.run(
        _JOIN,
        customers=[row.customer_id for row in rows],
        kinds=[row.kind for row in rows],
        digests=[counted_as(secret, row.kind, row.exact_key or row.value_key) for row in rows],
        proofs=[row.proved_at for row in rows],
        now=tx.now,
        days=tx.setting(PHONE_DAYS),
    )


_OWNERS: LiteralString = """
    SELECT DISTINCT i.customer_id FROM customers.identifiers i
    WHERE i.verified_at IS NOT NULL
      AND ((i.kind = 'email' AND i.value_key = ANY(%(emails)s))
           OR (i.kind = 'phone' AND i.exact_key = ANY(%(phones)s)))
"""


def owners_of_orders(tx: Tx, orders: list[UUID]) -> list[UUID]:
    """Customers who have proved what the guests of these orders said."""
    rows: list[Any] = tx.all(_GUESTS, orders=orders)
    emails = [key for row in rows if (key := _email_key(row.email))]
    phones = [exact for row in rows if (exact := exact_phone(row.phone))]
    return [row.customer_id for row in tx.all(_OWNERS, emails=emails, phones=phones)]


def _email_key(text: str) -> str | None:
    try:
        return email_identifier(text).key
    except EmailInvalid:
        return None
