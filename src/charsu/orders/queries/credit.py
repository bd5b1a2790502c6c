"""What customers have in store credit, and what the shop owes by it."""

from typing import LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.kernel import Tx, query


class AskCredit(Struct, frozen=True, kw_only=True):
    """Whose."""

    customer_id: UUID


class CreditRow(Struct, frozen=True, kw_only=True):
    """Credit in one currency, in minor units.

    held_minor   of it kept ready for carts and orders
    """

    currency: str
    balance_minor: int
    held_minor: int


class CreditView(Struct, frozen=True):
    """A customer's credit, by currency."""

    customer_id: UUID
    items: tuple[CreditRow, ...]


_CREDIT: LiteralString = """
    SELECT currency, balance_minor, held_minor FROM orders.credit_accounts
    WHERE customer_id = %(customer)s ORDER BY currency
"""


@query("orders.credit", permission="orders.credit", http="GET /v1/customers/{customer_id}/credit")
def read_credit(tx: Tx, ask: AskCredit) -> CreditView:
    """What a customer has in store credit; nothing where she never had any."""
    rows = tx.all(_CREDIT, customer=ask.customer_id)
    return CreditView(ask.customer_id, tuple(CreditRow(**row._asdict()) for row in rows))


class AskCreditOwed(Struct, frozen=True, kw_only=True):
    """Of the whole shop."""


class CreditOwedRow(Struct, frozen=True, kw_only=True):
    """What the shop owes in one currency, to how many customers; minor units."""

    currency: str
    balance_minor: int
    held_minor: int
    customers: int


class CreditOwed(Struct, frozen=True):
    """By currency."""

    items: tuple[CreditOwedRow, ...]


_OWED: LiteralString = """
    SELECT currency, sum(balance_minor)::bigint AS balance_minor,
           sum(held_minor)::bigint AS held_minor, count(*) AS customers
    FROM orders.credit_accounts WHERE balance_minor > 0 GROUP BY currency ORDER BY currency
"""


@query("orders.credit_owed", permission="orders.credit", http="GET /v1/credit-owed")
def read_credit_owed(tx: Tx, _ask: AskCreditOwed) -> CreditOwed:
    """What the shop owes to all its customers as store credit."""
    return CreditOwed(tuple(CreditOwedRow(**row._asdict()) for row in tx.all(_OWED)))
