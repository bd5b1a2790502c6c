"""What must be true of money after a campaign: the bank's memory against the books."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import psycopg

from charsu.torture.buyers import Acknowledged
from charsu.torture.paying.bank import Bank, Promised
from charsu.torture.verifying import checks_failed, facts_unlike, reading

# An authorization, the orders of its cart, what its payments and the ledger say was taken, and what
# went back.
_BOOKS = """
    SELECT a.id::text AS key, a.order_id, a.state, a.captured_minor,
           CASE WHEN a.state = 'authorized'
                THEN a.authorized_minor - a.captured_minor - a.voided_minor
                ELSE 0 END AS left_minor,
           (SELECT count(*) FROM orders.orders o WHERE o.cart_id = a.cart_id) AS orders,
           (SELECT count(*) FROM orders.authorizations b WHERE b.order_id = a.order_id) AS joined,
           coalesce(p.taken, 0)::bigint AS paid, coalesce(p.booked, 0)::bigint AS booked,
           coalesce(p.back, 0)::bigint AS back
    FROM orders.authorizations a
    LEFT JOIN LATERAL (
        SELECT sum(p.captured_minor) AS taken,
               sum((SELECT sum(t.amount) FROM ledger.transfers t
                    WHERE t.cause_id = p.id AND t.reason = 'captured')) AS booked,
               sum((SELECT sum(r.amount_minor) FROM orders.refunds r
                    WHERE r.payment_id = p.id AND r.state = 'done')) AS back
        FROM orders.payments p WHERE p.authorization_id = a.id
    ) p ON true
    WHERE a.provider = 'bank'
"""

_TOLD = {
    "order": ("order_id", "SELECT id FROM orders.orders"),
    "pay": ("payment_id", "SELECT id FROM orders.authorizations"),
    "ship": ("shipment_id", "SELECT id FROM orders.shipments"),
}


def lost(
    dsn: str, told: Sequence[Acknowledged], where: Mapping[str, tuple[str, str]] = _TOLD
) -> Iterator[str]:
    """What a buyer was told and is not there.

    where   for each verb the field of its answer, and the statement that finds all there are
    """
    with reading(dsn) as connection:
        for verb, (field, statement) in where.items():
            there = {str(row.id) for row in connection.execute(statement)}
            for entry in told:
                if entry.verb == verb and entry.answer[field] not in there:
                    yield f"{verb} {entry.key}: {entry.answer[field]} is not there"


def inconsistent(dsn: str, bank: Bank) -> Iterator[str]:
    """Where bank, authorizations, payments and ledger do not say the same."""
    with reading(dsn) as connection:
        books = {row.key: row for row in connection.execute(_BOOKS)}
        for key, row in books.items():
            yield from _unlike(bank.promises.get(key) or Promised(key, "EUR", 0), row)
        for key, one in bank.promises.items():
            if key not in books:
                yield f"promise {key}: {one.amount} for nobody"
        yield from unfinished(connection)
        yield from facts_unlike(connection)
        yield from checks_failed(connection)


def _unlike(one: Promised, row: Any) -> Iterator[str]:
    taken, back = one.taken_minor, sum(one.back.values())
    name = f"payment {one.key} ({row.state})"
    if taken and row.order_id is None:
        yield f"{name}: {taken} taken without an order"
    if not taken == row.captured_minor == row.paid == row.booked:
        yield f"{name}: {taken} taken; {row.captured_minor}, {row.paid}, {row.booked} in the books"
    if back != row.back:
        yield f"{name}: {back} given back; {row.back} in the books"
    if one.left_minor != row.left_minor:
        yield f"{name}: {one.left_minor} kept ready; {row.left_minor} in the books"
    if row.order_id is None and one.left_minor:
        yield f"{name}: an orphan of {one.left_minor} was not let go"
    if row.orders > 1 or row.joined > 1:
        yield f"{name}: {row.orders} orders of its cart, {row.joined} payments of its order"


def unfinished(connection: psycopg.Connection[Any]) -> Iterator[str]:
    """Processes that did not come to their end."""
    rows = connection.execute(
        """
        SELECT kind, id, step, last_problem FROM kernel.processes
        WHERE state IN ('running', 'stuck')
        """
    )
    for row in rows:
        yield f"process {row.kind} {row.id} is still at {row.step}: {row.last_problem}"
