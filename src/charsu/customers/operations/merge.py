"""Two customers turn out to be one person, or not to be."""

from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from charsu.customers.errors import AlreadyMerged, SameCustomer
from charsu.customers.families import lock_customers, root_of
from charsu.customers.merging import absorb, release
from charsu.kernel import NotFound, Tx, operation


class MergeCustomers(Struct, frozen=True, kw_only=True):
    """Who is the same person as whom; the survivor answers for both."""

    survivor_id: UUID
    absorbed_id: UUID
    reason: Annotated[str, Meta(max_length=500)]


class CustomersMerge(Struct, frozen=True):
    """The merge by its id, and who answered or answers for both."""

    merge_id: UUID
    survivor_id: UUID


class UndoMerge(Struct, frozen=True, kw_only=True):
    """Which merge was a mistake."""

    merge_id: UUID


@operation(
    "customers.merge",
    permission="customers.merge",
    http="POST /v1/customers/{survivor_id}/merges",
    raises=(NotFound, SameCustomer, AlreadyMerged),
)
def merge_customers(tx: Tx, ask: MergeCustomers) -> CustomersMerge:
    """Say that two customers are one person. Nothing of theirs is rewritten; it can be undone.

    Each must answer for herself: who was merged already is merged from where she is now.
    """
    pair = (ask.survivor_id, ask.absorbed_id)
    if ask.survivor_id == ask.absorbed_id:
        raise SameCustomer
    states = lock_customers(tx, *pair)
    for one in pair:
        if states.get(one) != "active":
            raise NotFound("customer", one)
    for one in pair:
        if (root := root_of(tx, one)) != one:
            raise AlreadyMerged(one, root)
    merge_id = absorb(tx, ask.absorbed_id, ask.survivor_id, rule="said", reason=ask.reason)
    return CustomersMerge(merge_id, ask.survivor_id)


@operation(
    "customers.undo_merge",
    permission="customers.merge",
    http="POST /v1/customer-merges/{merge_id}/undo",
    raises=(NotFound,),
)
def undo_merge(tx: Tx, ask: UndoMerge) -> CustomersMerge:
    """Say that two customers are two persons after all: each has again what was hers."""
    merge: Any = tx.first(_MERGE, id=ask.merge_id)
    if merge is None:
        raise NotFound("merge", ask.merge_id)
    states = lock_customers(tx, merge.absorbed_id, merge.survivor_id)
    is_over = "erased" in states.values()  # of one person: all of her was erased
    if is_over or not tx.value(_STANDS, id=ask.merge_id):
        raise NotFound("merge", ask.merge_id)
    release(tx, ask.merge_id, absorbed=merge.absorbed_id, survivor=merge.survivor_id)
    return CustomersMerge(ask.merge_id, merge.survivor_id)


_MERGE = "SELECT absorbed_id, survivor_id FROM customers.merges WHERE id = %(id)s"
_STANDS = "SELECT undone_at IS NULL FROM customers.merges WHERE id = %(id)s FOR UPDATE"
