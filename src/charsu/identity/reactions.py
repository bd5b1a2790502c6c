"""What identity does when the log says something: guests' purchases join who has proved herself."""

from typing import Any
from uuid import UUID

from msgspec import Struct

from charsu.identity.joining import join_purchases, note_guest_orders, owners_of_orders
from charsu.kernel import Seen, Tx, reaction


class Bought(Struct, frozen=True):
    """Somebody bought; a customer who was signed in has the order anyway."""

    customer_id: UUID | None


class Proved(Struct, frozen=True):
    """A customer has shown that something is hers; what it is is read from her."""


@reaction(
    "identity.join_purchases",
    on={"orders.order_placed": Bought, "customers.identifier_verified": Proved},
    from_start=True,
    reads_history=True,
)
def join_guests_purchases(tx: Tx, facts: list[Seen[Any]]) -> None:
    """Give customers what they bought as guests, whichever came first, the order or the proof.

    Both facts go through this one consumer, so that neither can slip past the other.
    """
    orders = [
        fact.subject_id
        for fact in facts
        if isinstance(fact.body, Bought) and fact.body.customer_id is None
    ]
    customers = {fact.subject_id for fact in facts if isinstance(fact.body, Proved)}
    if orders:
        note_guest_orders(tx, orders)
        customers.update(owners_of_orders(tx, orders))
    if customers:
        join_purchases(tx, sorted(customers))
