"""Two customers are one person: a row says so, and nothing else moves."""

from typing import LiteralString
from uuid import UUID

from charsu.customers.facts import CustomerAbsorbed, CustomerReleased, CustomersMerged, MergeUndone
from charsu.customers.families import next_version
from charsu.kernel import Tx, append

_STORE: LiteralString = """
    INSERT INTO customers.merges
        (id, absorbed_id, survivor_id, rule, reason, merged_by, merged_at)
    VALUES (%(id)s, %(absorbed)s, %(survivor)s, %(rule)s, %(reason)s, %(by)s, %(now)s)
"""


def absorb(tx: Tx, absorbed: UUID, survivor: UUID, *, rule: str, reason: str = "") -> UUID:
    """Let one customer answer for another from now on; the id of the merge.

    Both are locked by the caller, and each answers for herself.
    """
    merge_id = tx.new_id()
    tx.run(
        _STORE,
        id=merge_id,
        absorbed=absorbed,
        survivor=survivor,
        rule=rule,
        reason=reason,
        by=tx.actor.id,
        now=tx.now,
    )
    merged = CustomersMerged(merge_id=merge_id, absorbed_id=absorbed, rule=rule)
    append(tx, merged, subject=survivor, version=next_version(tx, survivor))
    taken = CustomerAbsorbed(merge_id=merge_id, survivor_id=survivor)
    append(tx, taken, subject=absorbed, version=next_version(tx, absorbed))
    return merge_id


def release(tx: Tx, merge_id: UUID, *, absorbed: UUID, survivor: UUID) -> None:
    """End a merge: each answers for herself again, with all that was hers."""
    tx.run(
        "UPDATE customers.merges SET undone_at = %(now)s WHERE id = %(id)s",
        id=merge_id,
        now=tx.now,
    )
    undone = MergeUndone(merge_id=merge_id, absorbed_id=absorbed)
    append(tx, undone, subject=survivor, version=next_version(tx, survivor))
    free = CustomerReleased(merge_id=merge_id, survivor_id=survivor)
    append(tx, free, subject=absorbed, version=next_version(tx, absorbed))
