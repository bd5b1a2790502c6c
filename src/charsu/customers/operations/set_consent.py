"""A customer says what she may be written to about, or takes it back."""

from datetime import datetime
from typing import Annotated, LiteralString
from uuid import UUID

from msgspec import Meta, Struct

from charsu.customers.facts import ConsentGiven, ConsentWithdrawn
from charsu.customers.families import lock_customers, next_version, root_of
from charsu.customers.model import ConsentChannel, Purpose, Source
from charsu.kernel import Fact, Forbidden, NotFound, Tx, append, operation


class SetConsent(Struct, frozen=True, kw_only=True):
    """What she said, where, and which text she was shown.

    customer_id   None where she says it herself
    source        where it was said: web-checkout, till, app, agent
    wording       which version of the text she agreed to
    """

    customer_id: UUID | None = None
    purpose: Purpose
    channel: ConsentChannel
    is_granted: bool
    source: Source
    wording: Annotated[str, Meta(min_length=1, max_length=100)]


class ConsentSaid(Struct, frozen=True):
    """What holds from now on."""

    customer_id: UUID
    is_granted: bool
    said_at: datetime


_STORE: LiteralString = """
    INSERT INTO customers.consents
        (id, customer_id, purpose, channel, is_granted, source, wording, said_by, said_at)
    VALUES (%(id)s, %(customer)s, %(purpose)s, %(channel)s, %(granted)s, %(source)s, %(wording)s,
            %(by)s, %(now)s)
"""


@operation(
    "customers.set_consent",
    permission="customers.consent",
    http="POST /v1/consents",
    raises=(NotFound,),
)
def set_consent(tx: Tx, ask: SetConsent) -> ConsentSaid:
    """Keep that she agreed to be written to, or no longer does; every time it is said is kept."""
    customer_id = concerned(tx, ask.customer_id)
    if lock_customers(tx, customer_id).get(customer_id) != "active":
        raise NotFound("customer", customer_id)
    tx.run(
        _STORE,
        id=tx.new_id(),
        customer=customer_id,
        purpose=ask.purpose,
        channel=ask.channel,
        granted=ask.is_granted,
        source=ask.source,
        wording=ask.wording,
        by=tx.actor.id,
        now=tx.now,
    )
    kind = ConsentGiven if ask.is_granted else ConsentWithdrawn
    fact: Fact = kind(purpose=ask.purpose, channel=ask.channel, source=ask.source)
    append(tx, fact, subject=customer_id, version=next_version(tx, customer_id))
    return ConsentSaid(customer_id, ask.is_granted, tx.now)


def concerned(tx: Tx, customer_id: UUID | None) -> UUID:
    """Whom it is about: the customer herself, or whom staff name.

    Raises NotFound where somebody asks about another, Forbidden for guests.
    """
    actor = tx.actor
    if actor.kind == "guest":
        raise Forbidden("You may not do this: {permission}.", permission="customers.consent")
    if actor.kind == "customer":
        if customer_id is not None and root_of(tx, customer_id) != root_of(tx, actor.id):
            raise NotFound("customer", customer_id)
        return root_of(tx, actor.id)
    if customer_id is None:
        raise NotFound("customer", "")
    return root_of(tx, customer_id)
