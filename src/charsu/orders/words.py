"""Why something was done, as somebody wrote it: beside the log, so that it can be forgotten.

Whoever gives a reason may write a customer's name into it, and nobody changes the log. So a fact
says a reason only where it is one word for programs, as ``customer`` or ``not_found``: small
letters, digits and underscores. Of anything else it says ``in_words``, and the words are here.
"""

import re
from typing import Any, LiteralString
from uuid import UUID

from msgspec import structs

from charsu.kernel import Fact, Tx, append

IN_WORDS = "in_words"
_ONE_WORD = re.compile(r"[a-z0-9_]*")


def logged(reason: str) -> str:
    """The reason as the log may say it."""
    return reason if _ONE_WORD.fullmatch(reason) else IN_WORDS


_KEEP: LiteralString = """
    INSERT INTO orders.words (order_id, version, reason)
    VALUES (%(order)s, %(version)s, %(reason)s)
"""


def tell_why(tx: Tx, fact: Any, *, order: UUID, version: int) -> None:
    """Append a fact that has a reason, about an order that is at this version now."""
    said: Fact = structs.replace(fact, reason=logged(fact.reason))
    if said != fact:
        tx.run(_KEEP, order=order, version=version, reason=fact.reason)
    append(tx, said, subject=order, version=version)


# What the rows of an order say in words, and the credit that was given to a customer.
_FORGET: LiteralString = """
    WITH said AS (
        DELETE FROM orders.words WHERE order_id = ANY(%(orders)s)
    ), refunds AS (
        UPDATE orders.refunds SET reason = %(gone)s
        WHERE order_id = ANY(%(orders)s) AND reason !~ '^[a-z0-9_]*$'
    ), returns AS (
        UPDATE orders.returns SET reason = %(gone)s
        WHERE order_id = ANY(%(orders)s) AND reason !~ '^[a-z0-9_]*$'
    ), parcels AS (
        UPDATE orders.parcels p SET reason = %(gone)s
        FROM orders.fulfillments f
        WHERE f.id = p.fulfillment_id AND f.order_id = ANY(%(orders)s)
          AND p.reason !~ '^[a-z0-9_]*$'
    ), differences AS (
        UPDATE orders.payment_differences SET note = %(gone)s
        WHERE order_id = ANY(%(orders)s) AND note !~ '^[a-z0-9_]*$'
    )
    UPDATE orders.credit_moves m SET reason = %(gone)s
    FROM orders.credit_accounts a
    WHERE a.id = m.account_id AND m.reason !~ '^[a-z0-9_]*$'
      AND (a.customer_id = ANY(%(customers)s) OR m.order_id = ANY(%(orders)s))
"""


def forget_words(tx: Tx, *, orders: list[UUID], customers: list[UUID]) -> None:
    """Forget what was written about these orders and the credit of these customers."""
    tx.run(_FORGET, orders=orders, customers=customers, gone=IN_WORDS)
