"""A customer says what she may be written to about, or takes it back."""

from datetime import datetime
from typing import Annotated, LiteralString
from uuid import UUID

from msgspec import Meta, Struct

from charsu.customers.facts import ConsentGiven, ConsentWithdrawn
from charsu.customers.families import family_of, lock_customers, next_version, root_of
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
        (id, customer_id, purpose, channel, is_granted, source, wording, said_by, said_at,
         guest_order_id)
    VALUES (%(id)s, %(customer)s, %(purpose)s, %(channel)s, %(granted)s, %(source)s, %(wording)s,
            %(by)s, %(at)s, %(guest_order)s)
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
    _keep(tx, customer_id, ask, by=tx.actor.id, at=tx.now)
    return ConsentSaid(customer_id, ask.is_granted, tx.now)


def keep_said(
    tx: Tx, ask: SetConsent, *, by: UUID, at: datetime, guest_order: UUID | None = None
) -> bool:
    """Keep what a customer said a while ago, as of then; whether it counts.

    What she has said since about the same counts, and the earlier word is not kept. Nor is a yes
    that she is said to have given as a guest, where she herself has said no before: nobody had
    proved that the guest was her. Nothing is kept with who is no customer any more.

    by, at        who passed it on, and when she said it; UTC
    guest_order   the order with which she said it as a guest
    """
    customer_id = concerned(tx, ask.customer_id)
    if lock_customers(tx, customer_id).get(customer_id) != "active":
        return False
    has_spoken = tx.value(
        _HAS_SPOKEN,
        family=family_of(tx, customer_id),
        purpose=ask.purpose,
        channel=ask.channel,
        at=at,
        doubted=ask.is_granted and guest_order is not None,
    )
    if not has_spoken:
        _keep(tx, customer_id, ask, by=by, at=at, guest_order=guest_order)
    return not has_spoken


_HAS_SPOKEN: LiteralString = """
    SELECT EXISTS (
        SELECT FROM customers.consents
        WHERE customer_id = ANY(%(family)s) AND purpose = %(purpose)s AND channel = %(channel)s
          AND (said_at >= %(at)s
               OR (%(doubted)s AND NOT is_granted AND guest_order_id IS NULL))
    )
"""


def _keep(
    tx: Tx,
    customer_id: UUID,
    ask: SetConsent,
    *,
    by: UUID,
    at: datetime,
    guest_order: UUID | None = None,
) -> None:
    tx.run(
        _STORE,
        id=tx.new_id(),
        customer=customer_id,
        purpose=ask.purpose,
        channel=ask.channel,
        granted=ask.is_granted,
        source=ask.source,
        wording=ask.wording,
        by=by,
        at=at,
        guest_order=guest_order,
    )
    kind = ConsentGiven if ask.is_granted else ConsentWithdrawn
    fact: Fact = kind(purpose=ask.purpose, channel=ask.channel, source=ask.source)
    append(tx, fact, subject=customer_id, version=next_version(tx, customer_id))


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
