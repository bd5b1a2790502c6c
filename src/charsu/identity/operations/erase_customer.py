"""A customer is to be known no longer (GDPR, article 17): all that tells who she is goes at once.

What the law wants kept stays without her: orders, payments, refunds, taxes, the ledger and the log
name her id, which is nobody's from then on (article 17(3)(b)).
"""

from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.customers import Names, forget, lock_family, take_names
from charsu.identity.codes import counted_as, secret_of
from charsu.identity.errors import StillNeeded
from charsu.identity.operations.end_link import end_links
from charsu.identity.operations.end_session import end_sessions
from charsu.kernel import NotFound, Tx, operation
from charsu.orders import forget_people, unfinished
from charsu.shopping import CartClosed, forget_carts


class EraseCustomer(Struct, frozen=True, kw_only=True):
    """Who; all customers who turned out to be her go with her.

    waives_credit   she gives up the store credit that is left
    """

    customer_id: UUID
    waives_credit: bool = False


class CustomerErasure(Struct, frozen=True, kw_only=True):
    """What was taken away just now; nothing where she was erased before.

    customers   under how many ids she was known
    orders      how many still knew whom they were for, guests' orders of hers among them
    carts       how many carts were given up
    """

    customers: int
    orders: int
    carts: int


@operation(
    "identity.erase_customer",
    permission="privacy.erase",
    http="POST /v1/erasures",
    raises=(NotFound, StillNeeded),
)
def erase_customer(tx: Tx, ask: EraseCustomer) -> CustomerErasure:
    """Erase a customer: her names, addresses, identifiers, consents, sessions and links, whom her
    orders and carts were for, and how guests' orders were to join her.

    Whoever asks has made sure that it is she who wants it. It cannot be undone. Refused while an
    order, a payment or a refund of hers is under way, money is owed either way, or she has store
    credit that she does not give up. To ask again is no error, and takes away what has come since.
    """
    if not tx.value(_IS_CUSTOMER, id=ask.customer_id):
        raise NotFound("customer", ask.customer_id)
    family = lock_family(tx, ask.customer_id)
    names = take_names(tx, family)
    carts = _forget_carts(tx, family, names)  # before orders: who is just buying is waited for
    orders = _orders_of(tx, family, names)
    if open_ := unfinished(tx, orders=orders, customers=family, waives_credit=ask.waives_credit):
        raise StillNeeded(open_.kind, open_.numbers)
    known = forget_people(tx, orders=orders, customers=family)
    _forget_coming_in(tx, family, names, orders)
    erased = forget(tx, family)
    return CustomerErasure(customers=erased, orders=known, carts=carts)


_IS_CUSTOMER: LiteralString = "SELECT EXISTS (SELECT FROM customers.customers WHERE id = %(id)s)"

# Hers, and those of guests who said her address: nobody else has proved it, nor can any more.
_ORDERS: LiteralString = """
    SELECT id FROM orders.orders WHERE customer_id = ANY(%(family)s)
    UNION
    SELECT order_id FROM identity.purchases WHERE customer_id = ANY(%(family)s)
    UNION
    SELECT order_id FROM identity.guest_orders WHERE email_digest = ANY(%(digests)s)
    UNION
    SELECT r.order_id FROM orders.recipients r JOIN orders.orders o ON o.id = r.order_id
    WHERE lower(r.email) = ANY(%(emails)s) AND o.customer_id IS NULL AND r.email <> ''
"""


def _orders_of(tx: Tx, family: list[UUID], names: Names) -> list[UUID]:
    secret = secret_of(tx)
    digests = [counted_as(secret, "email", email) for email in names.emails]
    rows: list[Any] = tx.all(_ORDERS, family=family, digests=digests, emails=names.emails)
    return [row.id for row in rows]


def _forget_carts(tx: Tx, family: list[UUID], names: Names) -> int:
    try:
        return forget_carts(tx, customers=family, emails=names.emails)
    except CartClosed as paying:
        raise StillNeeded("payment_under_way") from paying


_FORGET: LiteralString = """
    WITH words AS (
        DELETE FROM identity.guest_consents WHERE order_id = ANY(%(orders)s)
    ), purchases AS (
        DELETE FROM identity.purchases
        WHERE order_id = ANY(%(orders)s) OR customer_id = ANY(%(family)s)
    ), guests AS (
        DELETE FROM identity.guest_orders WHERE order_id = ANY(%(orders)s)
    ), devices AS (
        UPDATE identity.sessions SET device = ''
        WHERE customer_id = ANY(%(family)s) AND device <> ''
    ), notices AS (
        DELETE FROM identity.notices WHERE customer_id = ANY(%(family)s)
    ), known AS (
        DELETE FROM identity.known_devices
        WHERE address_digest = ANY(%(digests)s) OR actor_id = ANY(%(family)s)
           OR actor_id IN (SELECT guest_id FROM identity.sessions
                           WHERE customer_id = ANY(%(family)s))
    )
    UPDATE identity.challenges SET state = 'over', address = NULL, send_at = NULL
    WHERE address IS NOT NULL AND (address_digest = ANY(%(digests)s) OR actor_id = ANY(%(family)s))
"""


def _forget_coming_in(tx: Tx, family: list[UUID], names: Names, orders: list[UUID]) -> None:
    """How she came in and would come in again. Codes that were tried stay counted."""
    end_sessions(tx, family)
    end_links(tx, "erased", customers=family)
    secret = secret_of(tx)
    digests = [
        *(counted_as(secret, "email", email) for email in names.emails),
        *(counted_as(secret, "phone", phone) for phone in names.phones),
    ]
    tx.run(_FORGET, orders=orders, family=family, digests=digests)
