"""Whom orders were for is forgotten; the orders and their money stay, for the law wants the books.

What stays names nobody: what was bought, when, at which price, tax and discount, how it was paid.
"""

from typing import Any, Literal, LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.kernel import Tx
from charsu.orders.books import order_account
from charsu.orders.credit.accounts import expire_credit
from charsu.orders.credit.books import book_expiry
from charsu.orders.words import forget_words

OpenBusiness = Literal[
    "order_under_way", "payment_under_way", "refund_under_way", "money_owed", "store_credit"
]
"""What still needs to know a customer."""


class Unfinished(Struct, frozen=True, kw_only=True):
    """The first kind of what is open, and the numbers of the orders that it is about."""

    kind: OpenBusiness
    numbers: tuple[int, ...] = ()


# Taken in the order of what happens to an order, so that the first to be mended is named first.
_OPEN: LiteralString = """
    WITH hers AS MATERIALIZED (
        SELECT id, number, cart_id, state FROM orders.orders WHERE id = ANY(%(orders)s)
    ), open AS (
        SELECT 1 AS place, 'order_under_way' AS kind, number FROM hers
        WHERE state IN ('open', 'partly_fulfilled')
           OR EXISTS (SELECT FROM orders.exceptions e
                      WHERE e.order_id = hers.id AND e.closed_at IS NULL)
        UNION
        SELECT 2, 'payment_under_way', number FROM hers
        WHERE EXISTS (SELECT FROM orders.terminal_payments t
                      WHERE t.order_id = hers.id AND (t.ended_at IS NULL OR t.state = 'unwanted'))
           OR EXISTS (SELECT FROM orders.authorizations a
                      WHERE (a.cart_id = hers.cart_id OR a.order_id = hers.id)
                        AND (a.state IN ('asked', 'escalated')
                             OR a.authorized_minor > a.captured_minor + a.voided_minor))
        UNION
        SELECT 3, 'refund_under_way', number FROM hers
        WHERE EXISTS (SELECT FROM orders.refunds r
                      WHERE r.order_id = hers.id AND r.state = 'begun')
        UNION
        SELECT 4, 'money_owed', number
        FROM unnest(%(orders)s::uuid[], %(accounts)s::uuid[]) AS a (order_id, id)
        JOIN hers ON hers.id = a.order_id
        WHERE (SELECT coalesce(sum(amount), 0) FROM ledger.transfers WHERE from_account_id = a.id)
           <> (SELECT coalesce(sum(amount), 0) FROM ledger.transfers WHERE to_account_id = a.id)
    )
    SELECT kind, array_agg(number ORDER BY number) AS numbers FROM open
    GROUP BY place, kind ORDER BY place LIMIT 1
"""

_CURRENCIES: LiteralString = "SELECT id, currency FROM orders.orders WHERE id = ANY(%(orders)s)"

_CREDIT: LiteralString = """
    SELECT customer_id, currency, balance_minor, held_minor FROM orders.credit_accounts
    WHERE customer_id = ANY(%(customers)s) AND balance_minor > 0
    ORDER BY customer_id, currency FOR UPDATE
"""


def unfinished(
    tx: Tx, *, orders: list[UUID], customers: list[UUID], waives_credit: bool
) -> Unfinished | None:
    """What is open with these orders and customers, the first of it; None where all is done.

    waives_credit   store credit that nothing has been promised of is no obstacle
    """
    paid_in = {one.id: one.currency for one in tx.all(_CURRENCIES, orders=orders)}
    accounts = [order_account(order, currency).id for order, currency in paid_in.items()]
    row: Any = tx.first(_OPEN, orders=list(paid_in), accounts=accounts)
    if row is not None:
        return Unfinished(kind=row.kind, numbers=tuple(row.numbers))
    credits = tx.all(_CREDIT, customers=customers)
    if any(one.held_minor or not waives_credit for one in credits):
        return Unfinished(kind="store_credit")
    return None


_FORGET: LiteralString = """
    WITH cards AS (
        UPDATE orders.terminal_payments SET last_four = ''
        WHERE order_id = ANY(%(orders)s) AND last_four <> ''
    ), pages AS (
        UPDATE orders.authorizations a SET action_url = NULL
        FROM orders.orders o
        WHERE o.id = ANY(%(orders)s) AND a.cart_id = o.cart_id AND a.action_url IS NOT NULL
    )
    DELETE FROM orders.recipients WHERE order_id = ANY(%(orders)s)
"""


def forget_people(tx: Tx, *, orders: list[UUID], customers: list[UUID]) -> int:
    """Forget whom these orders were for and what was written about them, and take back the credit
    that the customers gave up.

    How many orders knew somebody. Labels go with the recipient, as the database sees to it.
    """
    for one in tx.all(_CREDIT, customers=customers):
        move = expire_credit(tx, one.customer_id, one.currency, one.balance_minor)
        book_expiry(tx, one.customer_id, one.currency, one.balance_minor, cause=move)
    forget_words(tx, orders=orders, customers=customers)
    return tx.run(_FORGET, orders=orders)
