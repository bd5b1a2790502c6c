"""Who turned out to be whom: customers that were merged, found from any of them."""

from typing import Any, LiteralString
from uuid import UUID

from charsu.kernel import Tx

_ROOT: LiteralString = """
    WITH RECURSIVE up AS (
        SELECT %(id)s::uuid AS id, 0 AS depth
        UNION ALL
        SELECT m.survivor_id, up.depth + 1 FROM up
        JOIN customers.merges m ON m.absorbed_id = up.id AND m.undone_at IS NULL
    )
    SELECT id FROM up ORDER BY depth DESC LIMIT 1
"""

_FAMILY: LiteralString = """
    WITH RECURSIVE family AS (
        SELECT %(root)s::uuid AS id
        UNION
        SELECT m.absorbed_id FROM family
        JOIN customers.merges m ON m.survivor_id = family.id AND m.undone_at IS NULL
    )
    SELECT id FROM family
"""

_LOCK: LiteralString = """
    SELECT id, state FROM customers.customers WHERE id = ANY(%(ids)s) ORDER BY id FOR UPDATE
"""


def root_of(tx: Tx, customer_id: UUID) -> UUID:
    """Who answers for this customer: she herself, or whom she was merged into."""
    root: UUID = tx.value(_ROOT, id=customer_id)
    return root


def family_of(tx: Tx, customer_id: UUID) -> list[UUID]:
    """Every customer that is the same person as this one, in no order."""
    return [row.id for row in tx.all(_FAMILY, root=root_of(tx, customer_id))]


def lock_customers(tx: Tx, *customer_ids: UUID) -> dict[UUID, str]:
    """Nobody else changes these until the transaction ends; the state of each that there is."""
    rows: list[Any] = tx.all(_LOCK, ids=sorted(customer_ids))
    return {row.id: row.state for row in rows}


def lock_family(tx: Tx, customer_id: UUID) -> list[UUID]:
    """The same as ``family_of``, and nobody merges with her until the transaction ends."""
    family: list[UUID] = []
    while set(found := family_of(tx, customer_id)) != set(family):
        family = found  # once more: somebody may have been merged during the wait
        lock_customers(tx, *family)
    return family


def next_version(tx: Tx, customer_id: UUID) -> int:
    """Count a change of a customer; the version that its fact tells."""
    version: int = tx.value(
        """
        UPDATE customers.customers SET version = version + 1, changed_at = %(now)s
        WHERE id = %(id)s RETURNING version
        """,
        id=customer_id,
        now=tx.now,
    )
    return version
