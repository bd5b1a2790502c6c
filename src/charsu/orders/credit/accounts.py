"""Credit accounts: what a customer may spend here, guarded by the database.

Testing and taking is one statement, so two carts never spend the same credit. The money itself is
in the ledger: a liability account for each customer and currency.
"""

from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.kernel import Fact, Tx, append
from charsu.orders.errors import NotEnoughCredit
from charsu.orders.facts import (
    CreditExpired,
    CreditFreed,
    CreditHeld,
    CreditIssued,
    CreditMoved,
    CreditSpent,
)
from charsu.orders.words import logged

CREDIT = "credit"
"""Who "takes" the money where credit is spent, as payments name their provider."""


class Credit(Struct, frozen=True, kw_only=True):
    """A credit account as it stands, in minor units."""

    id: UUID
    customer_id: UUID
    currency: str
    balance_minor: int = 0
    held_minor: int = 0
    version: int = 0

    @property
    def left_minor(self) -> int:
        """What may be spent now."""
        return self.balance_minor - self.held_minor


_COLUMNS: LiteralString = "id, customer_id, currency, balance_minor, held_minor, version"

_FIND: LiteralString = (
    "SELECT "
    + _COLUMNS
    + " FROM orders.credit_accounts"
    + " WHERE customer_id = %(customer)s AND currency = %(currency)s"
)


def credit_of(tx: Tx, customer: UUID, currency: str) -> Credit | None:
    """The account as it stands; None where the customer never had credit."""
    row = tx.first(_FIND, customer=customer, currency=currency)
    return None if row is None else Credit(**row._asdict())


_ADD: LiteralString = (
    """
    INSERT INTO orders.credit_accounts AS a
        (id, customer_id, currency, balance_minor, moved_at, version)
    VALUES (%(id)s, %(customer)s, %(currency)s, %(amount)s, %(now)s, 1)
    ON CONFLICT ON CONSTRAINT one_account_for_one_customer_and_currency
    DO UPDATE SET balance_minor = a.balance_minor + excluded.balance_minor,
                  moved_at = excluded.moved_at, version = a.version + 1
    RETURNING """
    + _COLUMNS
)

_HOLD: LiteralString = (
    """
    UPDATE orders.credit_accounts
    SET held_minor = held_minor + %(amount)s, version = version + 1
    WHERE customer_id = %(customer)s AND currency = %(currency)s
      AND balance_minor - held_minor >= %(amount)s
    RETURNING """
    + _COLUMNS
)

_FREE: LiteralString = (
    """
    UPDATE orders.credit_accounts
    SET held_minor = held_minor - %(amount)s, version = version + 1
    WHERE customer_id = %(customer)s AND currency = %(currency)s
    RETURNING """
    + _COLUMNS
)

_SPEND: LiteralString = (
    """
    UPDATE orders.credit_accounts
    SET balance_minor = balance_minor - %(amount)s, held_minor = held_minor - %(held)s,
        moved_at = %(now)s, version = version + 1
    WHERE customer_id = %(customer)s AND currency = %(currency)s
      AND balance_minor - held_minor >= %(amount)s - %(held)s
    RETURNING """
    + _COLUMNS
)


def hold_credit(tx: Tx, customer: UUID, currency: str, amount: int) -> Credit:
    """Keep so much ready for a cart. Raises NotEnoughCredit."""
    row = tx.first(_HOLD, customer=customer, currency=currency, amount=amount)
    if row is None:
        raise _short(tx, customer, currency, amount)
    return _told(tx, row, CreditHeld(amount_minor=amount, currency=currency))


def free_credit(tx: Tx, customer: UUID, currency: str, amount: int) -> Credit:
    """What was kept ready may be spent otherwise again."""
    row = tx.first(_FREE, customer=customer, currency=currency, amount=amount)
    return _told(tx, row, CreditFreed(amount_minor=amount, currency=currency))


def give_credit(
    tx: Tx,
    customer: UUID,
    currency: str,
    amount: int,
    *,
    reason: str,
    order: UUID | None = None,
    refund: UUID | None = None,
) -> tuple[Credit, UUID]:
    """The customer has so much more; the account, and the move that says why."""
    row = tx.first(
        _ADD, id=tx.new_id(), customer=customer, currency=currency, amount=amount, now=tx.now
    )
    fact = CreditIssued(
        customer_id=customer,
        amount_minor=amount,
        currency=currency,
        order_id=order,
        reason=logged(reason),
    )
    account = _told(tx, row, fact)
    kind = "issued" if refund is None else "refunded"
    move = _moved(tx, account, kind, amount, order=order, refund=refund, reason=reason)
    return account, move


def spend_credit(
    tx: Tx,
    customer: UUID,
    currency: str,
    amount: int,
    *,
    held: int,
    order: UUID,
    payment: UUID,
) -> None:
    """So much was paid with credit, ``held`` of it kept ready before. Raises NotEnoughCredit."""
    row = tx.first(
        _SPEND, customer=customer, currency=currency, amount=amount, held=held, now=tx.now
    )
    if row is None:
        raise _short(tx, customer, currency, amount)
    fact = CreditSpent(amount_minor=amount, currency=currency, order_id=order)
    account = _told(tx, row, fact)
    _moved(tx, account, "spent", -amount, order=order, payment=payment)


def expire_credit(tx: Tx, customer: UUID, currency: str, amount: int) -> UUID:
    """So much can no longer be spent; the move that says so."""
    row = tx.first(_SPEND, customer=customer, currency=currency, amount=amount, held=0, now=tx.now)
    account = _told(tx, row, CreditExpired(amount_minor=amount, currency=currency))
    return _moved(tx, account, "expired", -amount)


def move_credit(tx: Tx, source: UUID, to: UUID, currency: str, amount: int, *, merge: UUID) -> None:
    """So much of one customer's credit is another's from now on. Raises NotEnoughCredit."""
    left = tx.first(_SPEND, customer=source, currency=currency, amount=amount, held=0, now=tx.now)
    if left is None:
        raise _short(tx, source, currency, amount)
    came = tx.first(_ADD, id=tx.new_id(), customer=to, currency=currency, amount=amount, now=tx.now)
    for row, moved in ((left, -amount), (came, amount)):
        fact = CreditMoved(amount_minor=moved, currency=currency, merge_id=merge)
        _moved(tx, _told(tx, row, fact), "moved", moved, merge=merge)


def _short(tx: Tx, customer: UUID, currency: str, amount: int) -> NotEnoughCredit:
    there = credit_of(tx, customer, currency)
    return NotEnoughCredit(asked=amount, left=there.left_minor if there else 0)


def _told(tx: Tx, row: Any, fact: Fact) -> Credit:
    account = Credit(**row._asdict())
    append(tx, fact, subject=account.id, version=account.version)
    return account


_MOVE: LiteralString = """
    INSERT INTO orders.credit_moves (id, account_id, kind, amount_minor, order_id, payment_id,
                                     refund_id, merge_id, reason, at)
    VALUES (%(id)s, %(account)s, %(kind)s, %(amount)s, %(order)s, %(payment)s, %(refund)s,
            %(merge)s, %(reason)s, %(now)s)
"""


def _moved(
    tx: Tx,
    account: Credit,
    kind: str,
    amount: int,
    *,
    order: UUID | None = None,
    payment: UUID | None = None,
    refund: UUID | None = None,
    merge: UUID | None = None,
    reason: str = "",
) -> UUID:
    move = tx.new_id()
    tx.run(
        _MOVE,
        id=move,
        account=account.id,
        kind=kind,
        amount=amount,
        order=order,
        payment=payment,
        refund=refund,
        merge=merge,
        reason=reason,
        now=tx.now,
    )
    return move
