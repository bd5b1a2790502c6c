"""Store credit out of kindness."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import NotFound, Setting, Tx, operation
from charsu.kernel.money import CurrencyUnknown, digits
from charsu.orders.credit.accounts import give_credit
from charsu.orders.credit.books import book_kindness
from charsu.orders.errors import CreditBeyondLimit
from charsu.orders.model import Reason

LIMIT = Setting(
    "orders.credit_limit_minor",
    int,
    5_000,
    "The most store credit, in minor units, that staff may give at once without the permission "
    "orders.issue_any_credit.",
)
ANY_AMOUNT = "orders.issue_any_credit"


class IssueCredit(Struct, frozen=True, kw_only=True):
    """How much, to whom, and why."""

    customer_id: UUID
    amount_minor: Annotated[int, Meta(ge=1, le=10**12)]
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")]
    reason: Reason


class CreditGiven(Struct, frozen=True):
    """What the customer has now."""

    customer_id: UUID
    currency: str
    balance_minor: int
    version: int


@operation(
    "orders.issue_credit",
    permission="orders.issue_credit",
    http="POST /v1/customers/{customer_id}/credit",
    raises=(NotFound, CreditBeyondLimit, CurrencyUnknown),
)
def issue_credit(tx: Tx, ask: IssueCredit) -> CreditGiven:
    """Give a customer store credit that no order is behind, up to what one's role may give."""
    digits(ask.currency)
    most = tx.setting(LIMIT)
    if ask.amount_minor > most and not tx.actor.may(ANY_AMOUNT):
        raise CreditBeyondLimit(asked=ask.amount_minor, most=most)
    _check_customer(tx, ask.customer_id)
    account, move = give_credit(
        tx, ask.customer_id, ask.currency, ask.amount_minor, reason=ask.reason
    )
    book_kindness(tx, ask.customer_id, ask.currency, ask.amount_minor, cause=move)
    return CreditGiven(ask.customer_id, ask.currency, account.balance_minor, account.version)


def _check_customer(tx: Tx, customer: UUID) -> None:
    statement = "SELECT FROM customers.customers WHERE id = %(id)s AND state = 'active'"
    if not tx.all(statement, id=customer):
        raise NotFound("customer", customer)
