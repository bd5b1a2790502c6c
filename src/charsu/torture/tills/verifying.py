"""What must be true of tills after a campaign: the terminals' memory against the books."""

from collections.abc import Iterator, Sequence
from typing import Any

from charsu.torture.buyers import Acknowledged
from charsu.torture.paying.verifying import lost as lost_of
from charsu.torture.paying.verifying import unfinished
from charsu.torture.tills.desk import Desk, Shown
from charsu.torture.verifying import checks_failed, facts_unlike, reading

# A payment on a terminal, what its order's payment and the ledger say was taken, and what went back
# to the card, also by way of what was taken in exchange.
_BOOKS = """
    SELECT t.id::text AS key, t.state, coalesce(p.captured_minor, 0)::bigint AS paid,
           coalesce((SELECT sum(m.amount) FROM ledger.transfers m
                     WHERE m.cause_id = p.id AND m.reason = 'captured'), 0)::bigint AS booked,
           CASE WHEN t.state = 'given_back' THEN t.amount_minor ELSE
               coalesce((SELECT sum(r.amount_minor) FROM orders.refunds r
                         JOIN orders.payments q ON q.id = r.payment_id
                         WHERE coalesce(q.from_payment_id, q.id) = p.id
                           AND r.exchange_id IS NULL AND r.state = 'done'), 0)::bigint END AS back
    FROM orders.terminal_payments t LEFT JOIN orders.payments p ON p.id = t.payment_id
"""

_TOLD = {
    "place": (
        "order_id",
        "SELECT id FROM orders.orders o WHERE NOT EXISTS"
        " (SELECT FROM orders.exchanges e WHERE e.new_order_id = o.id)",
    ),
    "charge": ("terminal_payment_id", "SELECT id FROM orders.terminal_payments"),
    "exchange": ("exchange_id", "SELECT id FROM orders.exchanges"),
}


def lost(dsn: str, told: Sequence[Acknowledged]) -> Iterator[str]:
    """What a cashier was told and is not there."""
    return lost_of(dsn, told, _TOLD)


def inconsistent(dsn: str, told: Sequence[Acknowledged], desk: Desk) -> Iterator[str]:
    """Where terminals, payments and ledger do not say the same, or more happened than was told."""
    with reading(dsn) as connection:
        books = {row.key: row for row in connection.execute(_BOOKS)}
        for key, row in books.items():
            nothing = Shown(key=key, amount=0, looks=0, is_declined=False)
            yield from _unlike(desk.shown.get(key, nothing), row)
        for key, one in desk.shown.items():
            if key not in books:
                yield f"terminal payment {key}: {one.taken} taken for nobody"
        for verb, (field, statement) in _TOLD.items():
            said = {entry.answer[field] for entry in told if entry.verb == verb}
            for row in connection.execute(statement):
                if str(row.id) not in said:
                    yield f"{verb}: nobody was told of {row.id}"
        yield from unfinished(connection)
        yield from facts_unlike(connection)
        yield from checks_failed(connection)


def _unlike(one: Shown, row: Any) -> Iterator[str]:
    name, back = f"terminal payment {one.key} ({row.state})", sum(one.back.values())
    if one.times > 1:
        yield f"{name}: shown {one.times} times"
    kept = one.taken - (back if row.state == "given_back" else 0)
    if not kept == row.paid == row.booked:
        yield f"{name}: {kept} taken; {row.paid} and {row.booked} in the books"
    if back != row.back:
        yield f"{name}: {back} given back; {row.back} in the books"
    if row.state not in {"paid", "given_back", "declined", "canceled", "failed"}:
        yield f"{name}: nobody knows how it ended"
