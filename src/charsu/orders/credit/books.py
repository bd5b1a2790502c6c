"""Credit in the ledger that no order moves: given out of kindness, or run out."""

from uuid import UUID

from charsu.kernel import Tx, ledger
from charsu.kernel.ledger import Account, Transfer


def credit_account(customer: UUID, currency: str) -> Account:
    """What the shop owes this customer: a liability."""
    return Account("money", "credit", currency, place_id=customer)


def book_kindness(tx: Tx, customer: UUID, currency: str, amount: int, *, cause: UUID) -> None:
    """The shop owes the customer more, for nothing but her good will."""
    goodwill = Account("money", "goodwill", currency)
    _book(
        tx,
        goodwill,
        credit_account(customer, currency),
        amount,
        reason="credit_issued",
        cause=cause,
    )


def book_expiry(tx: Tx, customer: UUID, currency: str, amount: int, *, cause: UUID) -> None:
    """The shop owes the customer less, for she has not come back for long."""
    expired = Account("money", "expired_credit", currency)
    _book(
        tx,
        credit_account(customer, currency),
        expired,
        amount,
        reason="credit_expired",
        cause=cause,
    )


def book_following(
    tx: Tx, source: UUID, to: UUID, currency: str, amount: int, *, cause: UUID
) -> None:
    """The shop owes to one customer what it owed to another, who is the same person."""
    _book(
        tx,
        credit_account(source, currency),
        credit_account(to, currency),
        amount,
        reason="credit_moved",
        cause=cause,
    )


def _book(tx: Tx, to: Account, source: Account, amount: int, *, reason: str, cause: UUID) -> None:
    ledger.open_accounts(tx, [to, source], guarded=False)
    moved = Transfer(from_id=source.id, to_id=to.id, amount=amount, reason=reason, cause_id=cause)
    balances = ledger.transfer(tx, [moved])
    assert balances is not None, "no money account is guarded here"
