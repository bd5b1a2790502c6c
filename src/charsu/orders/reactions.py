"""What orders do when the log says something: about counts, and about who a customer is."""

from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.kernel import Seen, Tx, reaction
from charsu.orders.credit.following import come_back, follow


class _Counted(Struct, frozen=True):
    """A location was counted."""

    location_id: UUID
    variant_ids: tuple[UUID, ...]


# Only what was opened before the count: somebody may have looked in vain since.
_LEFT: LiteralString = """
    WITH counted AS (
        SELECT e.id, coalesce(jsonb_object_agg(l.id, e.lines -> l.id::text)
                              FILTER (WHERE l.variant_id <> ALL(%(variants)s)), '{}') AS left
        FROM orders.exceptions e
        JOIN orders.order_lines l ON e.lines ? l.id::text
        WHERE e.kind = 'recount' AND e.closed_at IS NULL AND e.location_id = %(location)s
          AND e.opened_at <= %(at)s
        GROUP BY e.id
    )
    UPDATE orders.exceptions e
    SET lines = c.left,
        outcome = CASE WHEN c.left = '{}' THEN 'counted' ELSE '' END,
        closed_at = CASE WHEN c.left = '{}' THEN %(at)s::timestamptz END
    FROM counted c WHERE e.id = c.id
"""


@reaction("orders.close_recounts", {"stock.stock_counted": _Counted}, from_start=True)
def close_recounts(tx: Tx, seen: list[Seen[_Counted]]) -> None:
    """Close what asked for a count of what a location could not find, once it was counted."""
    for one in seen:
        tx.run(
            _LEFT,
            location=one.body.location_id,
            variants=list(one.body.variant_ids),
            at=one.at,
        )


class _Absorbed(Struct, frozen=True):
    """A customer turned out to be another."""

    merge_id: UUID


class _Released(Struct, frozen=True):
    """A customer answers for herself again."""

    merge_id: UUID
    survivor_id: UUID


class _Free(Struct, frozen=True):
    """A credit account has more to spend."""


_HOLDER = "SELECT customer_id FROM orders.credit_accounts WHERE id = %(account)s"


@reaction(
    "orders.let_credit_follow",
    on={
        "customers.customer_absorbed": _Absorbed,
        "customers.customer_released": _Released,
        "orders.credit_issued": _Free,
        "orders.credit_freed": _Free,
    },
    from_start=True,
)
def let_credit_follow(tx: Tx, seen: list[Seen[Any]]) -> None:
    """Have a person's credit with the customer who answers for her now, whatever came first."""
    for one in seen:
        customer = one.subject_id
        if isinstance(one.body, _Free):
            customer = tx.value(_HOLDER, account=one.subject_id)
        elif isinstance(one.body, _Released):
            survivor = one.body.survivor_id
            come_back(tx, one.body.merge_id, absorbed=customer, survivor=survivor)
        follow(tx, customer)
