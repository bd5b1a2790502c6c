"""What identity does when the log says something: what a guest did joins who has proved herself."""

from typing import Any
from uuid import UUID

from msgspec import Struct

from charsu.identity.guests_words import hand_over
from charsu.identity.joining import join_purchases, note_guest_orders, owners_of_orders
from charsu.kernel import Seen, Tx, reaction


class Bought(Struct, frozen=True):
    """Somebody bought; a customer who was signed in has the order anyway."""

    customer_id: UUID | None


class Proved(Struct, frozen=True):
    """A customer has shown that something is hers; what it is is read from her."""


class Spoke(Struct, frozen=True):
    """A guest said what her data may be used for."""

    order_id: UUID


@reaction(
    "identity.join_purchases",
    on={
        "orders.order_placed": Bought,
        "customers.identifier_verified": Proved,
        "identity.guest_consent_said": Spoke,
    },
    from_start=True,
    reads_history=True,
)
def join_guests_purchases(tx: Tx, facts: list[Seen[Any]]) -> None:
    """Give customers what they bought and said as guests, whichever came first.

    All these facts go through this one consumer, so that none can slip past another.
    """
    orders = [
        fact.subject_id
        for fact in facts
        if isinstance(fact.body, Bought) and fact.body.customer_id is None
    ]
    spoken = [fact.body.order_id for fact in facts if isinstance(fact.body, Spoke)]
    customers = {fact.subject_id for fact in facts if isinstance(fact.body, Proved)}
    if orders:
        note_guest_orders(tx, orders)
        customers.update(owners_of_orders(tx, orders))
    if customers:
        join_purchases(tx, sorted(customers))
    if customers or spoken:
        hand_over(tx, orders=spoken, customers=sorted(customers))
