"""Authorizations: money that a provider was asked to promise, and how that stands.

For a cart first, then for the order it becomes. An authorization is no money yet: what is taken
from it becomes a payment of the order.
"""

from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct, structs

from charsu.kernel import Fact, NotFound, Tx, append
from charsu.orders.credit.accounts import free_credit
from charsu.orders.facts import (
    PaymentAsked,
    PaymentAuthorized,
    PaymentDeclined,
    PaymentEscalated,
    PaymentJoined,
    PaymentVoided,
)
from charsu.orders.payments.provider import Answer, Authorized, Declined, Escalated


class Authorization(Struct, frozen=True, kw_only=True):
    """A promise of money as it stands, in minor units."""

    id: UUID
    cart_id: UUID
    order_id: UUID | None
    provider: str
    reference: str | None
    currency: str
    asked_minor: int
    authorized_minor: int = 0
    capturing_minor: int = 0
    captured_minor: int = 0
    voided_minor: int = 0
    state: str
    reason: str = ""
    action_url: str | None = None
    expires_at: datetime | None = None
    customer_id: UUID | None = None  # whose credit it is
    version: int = 0

    @property
    def is_open(self) -> bool:
        """Whether the provider's answer is still to come."""
        return self.state in {"asked", "escalated"}

    @property
    def is_given_up(self) -> bool:
        """Whether nobody here counts on it: it was declined or let go and became no order."""
        return self.state in {"declined", "voided"} and self.order_id is None

    @property
    def left_minor(self) -> int:
        """What is promised and neither taken, being taken nor let go."""
        taken = self.capturing_minor + self.captured_minor
        return self.authorized_minor - taken - self.voided_minor


_COLUMNS: LiteralString = """
    id, cart_id, order_id, provider, reference, currency, asked_minor, authorized_minor,
    capturing_minor, captured_minor, voided_minor, state, reason, action_url, expires_at,
    customer_id, version
"""

_FIND: LiteralString = "SELECT" + _COLUMNS + "FROM orders.authorizations WHERE id = %(id)s"
_LOCK: LiteralString = _FIND + " FOR UPDATE"

_OF_ORDER: LiteralString = (
    "SELECT"
    + _COLUMNS
    + "FROM orders.authorizations WHERE order_id = %(order)s ORDER BY id FOR UPDATE"
)

_LATEST: LiteralString = (
    "SELECT"
    + _COLUMNS
    + "FROM orders.authorizations WHERE cart_id = %(cart)s ORDER BY id DESC LIMIT 1"
)


def find_authorization(tx: Tx, identity: UUID) -> Authorization:
    """One authorization as it stands. Raises NotFound."""
    return _found(tx.first(_FIND, id=identity), identity)


def lock_authorization(tx: Tx, identity: UUID) -> Authorization:
    """One authorization, locked until the transaction ends. Raises NotFound."""
    return _found(tx.first(_LOCK, id=identity), identity)


def _found(row: Any, identity: UUID) -> Authorization:
    if row is None:
        raise NotFound("authorization", identity)
    return Authorization(**row._asdict())


def authorizations_of(tx: Tx, order: UUID) -> list[Authorization]:
    """What was promised for an order, the oldest first; locked."""
    return [Authorization(**row._asdict()) for row in tx.all(_OF_ORDER, order=order)]


def latest_for(tx: Tx, cart: UUID) -> Authorization | None:
    """The attempt to pay that made a cart an order in this transaction; else the last one."""
    joined: Authorization | None = tx.known(_joined_key(cart))
    if joined is not None:
        return joined
    row = tx.first(_LATEST, cart=cart)
    return None if row is None else Authorization(**row._asdict())


def _joined_key(cart: UUID) -> tuple[str, UUID]:
    return "orders.joined_for", cart


_ASK: LiteralString = """
    INSERT INTO orders.authorizations (id, cart_id, provider, currency, asked_minor, state,
                                       asked_at, version)
    VALUES (%(id)s, %(cart)s, %(provider)s, %(currency)s, %(amount)s, 'asked', %(now)s, 1)
"""


def ask(tx: Tx, *, cart: UUID, provider: str, amount_minor: int, currency: str) -> Authorization:
    """Write down that a provider is about to be asked; the id is its key there."""
    identity = tx.new_id()
    tx.later(
        _ASK,
        id=identity,
        cart=cart,
        provider=provider,
        currency=currency,
        amount=amount_minor,
        now=tx.now,
    )
    fact = PaymentAsked(
        cart_id=cart, provider=provider, amount_minor=amount_minor, currency=currency
    )
    append(tx, fact, subject=identity, version=1)
    return Authorization(
        id=identity,
        cart_id=cart,
        order_id=None,
        provider=provider,
        reference=None,
        currency=currency,
        asked_minor=amount_minor,
        state="asked",
        version=1,
    )


def take_answer(tx: Tx, was: Authorization, answer: Answer) -> Authorization:
    """The authorization with what the provider said; said again, or too late, it changes nothing.

    The call's answer and the provider's own message may come in any order, and both twice.
    """
    now, facts = answered(was, answer)
    return store(tx, now, *facts)


def answered(was: Authorization, answer: Answer | None) -> tuple[Authorization, tuple[Fact, ...]]:
    """What an answer makes of an authorization, and what is to be told of it: nothing where it
    changes nothing, or was none. Not stored."""
    if answer is None or not was.is_open:
        return was, ()
    match answer:
        case Authorized():
            now = structs.replace(
                was,
                state="authorized",
                reference=answer.reference,
                authorized_minor=was.asked_minor,
                expires_at=answer.expires_at,
                action_url=None,
            )
            fact: Fact = PaymentAuthorized(amount_minor=was.asked_minor, currency=was.currency)
        case Escalated():
            now = structs.replace(
                was, state="escalated", reference=answer.reference, action_url=answer.url
            )
            fact = PaymentEscalated()
        case Declined():
            now = structs.replace(was, state="declined", reason=answer.reason, action_url=None)
            fact = PaymentDeclined(reason=answer.reason)
    return now, () if now == was else (fact,)


def let_go(tx: Tx, was: Authorization, *, reason: str) -> Authorization:
    """What was promised and not taken is free again."""
    now = structs.replace(
        was,
        state="voided",
        reason=reason,
        voided_minor=was.voided_minor + was.left_minor,
        action_url=None,
    )
    if was.customer_id is not None and was.left_minor:
        free_credit(tx, was.customer_id, was.currency, was.left_minor)
    fact = PaymentVoided(amount_minor=was.left_minor, currency=was.currency, reason=reason)
    return store(tx, now, fact)


def join(tx: Tx, was: Authorization, *facts: Fact, order: UUID) -> Authorization:
    """The cart became this order: the promise is for that from now on.

    facts   what is to be told of the authorization before that, see ``answered``
    """
    now = structs.replace(was, order_id=order)
    joined = store(tx, now, *facts, PaymentJoined(order_id=order))
    tx.know(_joined_key(was.cart_id), joined)
    return joined


_STORE: LiteralString = """
    UPDATE orders.authorizations
    SET order_id = %(order_id)s, reference = %(reference)s, authorized_minor = %(authorized)s,
        capturing_minor = %(capturing)s, captured_minor = %(captured)s, voided_minor = %(voided)s,
        state = %(state)s, reason = %(reason)s, action_url = %(action_url)s,
        expires_at = %(expires_at)s, version = version + %(facts)s
    WHERE id = %(id)s RETURNING version
"""


def store(tx: Tx, now: Authorization, *facts: Fact) -> Authorization:
    """Write an authorization back, a version later for each of the facts, and tell them.

    now   locked, or made in this transaction
    Without facts nothing has changed, and nothing is written.
    """
    if not facts:
        return now
    version = now.version + len(facts)
    tx.later_giving(
        _STORE,
        version,
        id=now.id,
        order_id=now.order_id,
        reference=now.reference,
        authorized=now.authorized_minor,
        capturing=now.capturing_minor,
        captured=now.captured_minor,
        voided=now.voided_minor,
        state=now.state,
        reason=now.reason,
        action_url=now.action_url,
        expires_at=now.expires_at,
        facts=len(facts),
    )
    for before, fact in enumerate(reversed(facts)):
        append(tx, fact, subject=now.id, version=version - before)
    return structs.replace(now, version=version)
