"""Somebody has seen to a difference between a provider and the books."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import NotFound, Tx, append, operation
from charsu.orders.errors import WrongStep
from charsu.orders.facts import DifferenceResolved


class ResolveDifference(Struct, frozen=True, kw_only=True):
    """Which difference, and how it was seen to."""

    difference_id: UUID
    note: Annotated[str, Meta(min_length=1, max_length=500)]


class Resolved(Struct, frozen=True):
    """How the difference stands now."""

    difference_id: UUID
    state: str
    version: int


@operation(
    "orders.resolve_difference",
    permission="orders.reconcile",
    http="POST /v1/payment-differences/{difference_id}/resolution",
    raises=(NotFound, WrongStep),
)
def resolve_difference(tx: Tx, ask: ResolveDifference) -> Resolved:
    """Say that a difference was seen to, and how. It is opened again only where the provider or
    the books say something new of the payment."""
    state = tx.value(
        "SELECT state FROM orders.payment_differences WHERE id = %(id)s FOR UPDATE",
        id=ask.difference_id,
    )
    if state is None:
        raise NotFound("payment difference", ask.difference_id)
    if state != "open":
        raise WrongStep(state=state, asked="resolved")
    version = tx.value(
        """
        UPDATE orders.payment_differences
        SET state = 'resolved', note = %(note)s, resolved_by = %(actor)s, closed_at = %(now)s,
            version = version + 1
        WHERE id = %(id)s RETURNING version
        """,
        id=ask.difference_id,
        note=ask.note,
        actor=tx.actor.id,
        now=tx.now,
    )
    append(tx, DifferenceResolved(), subject=ask.difference_id, version=version)
    return Resolved(ask.difference_id, "resolved", version)
