"""A customer has herself erased (GDPR, article 17): she alone, by a code that is sent to her.

A session is not enough: a telephone is left on a table, a token may be stolen. The code goes to an
address that was hers for a day, or from the first, so that whoever has her session cannot add an
address of his own and have it sent there.
"""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, LiteralString
from uuid import UUID

from msgspec import Meta, Struct

from charsu.customers import Identifier, family_of
from charsu.identity.challenges import ask_code, shown_by, take
from charsu.identity.errors import (
    CodeNotSendable,
    CustomerNeeded,
    NoAddressProved,
    StillNeeded,
    TooManySignInCodes,
)
from charsu.identity.model import AddressKind
from charsu.identity.operations.end_session import herself
from charsu.identity.operations.erase_customer import EraseCustomer, erase_customer
from charsu.kernel import Tx, operation

SETTLED = timedelta(days=1)


class BeginErasure(Struct, frozen=True, kw_only=True):
    """Of oneself."""


class ErasureBegun(Struct, frozen=True, kw_only=True):
    """What the code is shown with; ``sent_to`` is the kind of address that it went to.

    was_sent_before   no other letter is sent now: the code of the last one that came is good
    """

    challenge_id: UUID
    expires_at: datetime
    sent_to: AddressKind
    was_sent_before: bool


class EraseHerself(Struct, frozen=True, kw_only=True):
    """The code, and what she agrees to.

    waives_credit   she gives up the store credit that is left
    """

    challenge_id: UUID
    code: Annotated[str, Meta(max_length=40)]
    waives_credit: bool = False


class OwnErasure(Struct, frozen=True, kw_only=True):
    """Whether it is done; a refusal of the code does not say why, and asks for a new one.

    orders   how many knew whom they were for
    carts    how many were given up
    """

    outcome: Literal["erased", "refused"]
    orders: int = 0
    carts: int = 0


@operation(
    "identity.begin_erasure",
    permission="identity.own",
    http="POST /v1/me/erasure-codes",
    raises=(CustomerNeeded, NoAddressProved, TooManySignInCodes, CodeNotSendable),
)
def begin_erasure(tx: Tx, _ask: BeginErasure) -> ErasureBegun:
    """Have a code sent to me, to have all erased that tells who I am.

    It goes to the address by which I came in last, among those that were mine for a day or from the
    first.
    """
    shown = _settled_address(tx, herself(tx))
    challenge_id, code = ask_code(tx, shown, "erase")
    return ErasureBegun(
        challenge_id=challenge_id,
        expires_at=code.expires_at,
        sent_to="email" if shown.kind == "email" else "phone",
        was_sent_before=code.is_sent,
    )


@operation(
    "identity.erase_herself",
    permission="identity.own",
    http="POST /v1/me/erasure",
    raises=(CustomerNeeded, StillNeeded),
)
def erase_herself(tx: Tx, ask: EraseHerself) -> OwnErasure:
    """Erase me: my names, addresses, identifiers, consents, sessions and links, whom my orders and
    carts were for. Orders, payments and taxes are kept without me, as the law wants it.

    It cannot be undone, and signs me out everywhere: my session is unknown from then on. Refused
    while an order, a payment or a refund of mine is under way, money is owed either way, or there
    is store credit that I do not give up; the code stays good then.
    """
    her = herself(tx)
    if take(tx, ask.challenge_id, ask.code, "erase") is None:
        return OwnErasure(outcome="refused")
    done = erase_customer(tx, EraseCustomer(customer_id=her, waives_credit=ask.waives_credit))
    return OwnErasure(outcome="erased", orders=done.orders, carts=done.carts)


# What she proved first is named by the log: an address is replaced, and its row with it.
_SETTLED: LiteralString = """
    WITH first AS (
        SELECT (body->>'identifier_id')::uuid AS id FROM kernel.facts
        WHERE subject_id = ANY(%(family)s) AND name = 'customers.identifier_verified'
        ORDER BY at, id LIMIT 1
    )
    SELECT kind, coalesce(exact_key, value) AS address FROM customers.identifiers
    WHERE customer_id = ANY(%(family)s) AND kind IN ('email', 'phone')
      AND verified_at IS NOT NULL
      AND (verified_at <= %(since)s OR id = (SELECT id FROM first))
    ORDER BY proved_at DESC, id DESC LIMIT 1
"""


def _settled_address(tx: Tx, her: UUID) -> Identifier:
    row: Any = tx.first(_SETTLED, family=family_of(tx, her), since=tx.now - SETTLED)
    if row is None:
        raise NoAddressProved
    return shown_by(row)
