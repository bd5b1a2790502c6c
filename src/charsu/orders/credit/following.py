"""Credit follows a customer into who turned out to be her, and back where that was a mistake.

Each merge of customers keeps how much it moved. What is promised to carts and orders stays where it
was promised and follows once it is free. As a merge ends, what it moved goes back as far as it was
not spent: of what two people had together, the one who answered for both has spent her own first.
"""

from typing import Any, LiteralString
from uuid import UUID

from charsu.kernel import Tx
from charsu.orders.credit.accounts import Credit, credit_of, move_credit
from charsu.orders.credit.books import book_following

_MERGE: LiteralString = """
    SELECT id, survivor_id FROM customers.merges
    WHERE absorbed_id = %(customer)s AND undone_at IS NULL
"""

_CREDITS: LiteralString = """
    SELECT currency FROM orders.credit_accounts
    WHERE customer_id = %(customer)s AND balance_minor > held_minor ORDER BY currency FOR UPDATE
"""

_MOVED: LiteralString = """
    SELECT a.currency, -sum(m.amount_minor)::bigint AS amount
    FROM orders.credit_moves m JOIN orders.credit_accounts a ON a.id = m.account_id
    WHERE m.merge_id = %(merge)s AND a.customer_id = %(absorbed)s
    GROUP BY a.currency HAVING sum(m.amount_minor) < 0 ORDER BY a.currency
"""


def follow(tx: Tx, customer: UUID) -> None:
    """Let all free credit of a customer reach who answers for her, however many merges away."""
    while merge := _merge_of(tx, customer):
        for row in tx.all(_CREDITS, customer=customer):
            there = _credit(tx, customer, row.currency)
            _move(
                tx,
                customer,
                merge.survivor_id,
                currency=there.currency,
                amount=there.left_minor,
                merge=merge.id,
            )
        customer = merge.survivor_id


def come_back(tx: Tx, merge: UUID, *, absorbed: UUID, survivor: UUID) -> None:
    """Give back what a merge moved that has ended, as far as it is still there."""
    for row in tx.all(_MOVED, merge=merge, absorbed=absorbed):
        _fetch(tx, survivor, row.currency, row.amount)
        there = credit_of(tx, survivor, row.currency)
        amount = min(row.amount, there.left_minor) if there else 0
        _move(tx, survivor, absorbed, currency=row.currency, amount=amount, merge=merge)


def _fetch(tx: Tx, customer: UUID, currency: str, amount: int) -> None:
    """Have so much with this customer again that was moved on from her, as far as it is there."""
    merge = _merge_of(tx, customer)
    if merge is None:
        return
    moved = {row.currency: row.amount for row in tx.all(_MOVED, merge=merge.id, absorbed=customer)}
    amount = min(amount, moved.get(currency, 0))
    _fetch(tx, merge.survivor_id, currency, amount)
    there = credit_of(tx, merge.survivor_id, currency)
    amount = min(amount, there.left_minor) if there else 0
    _move(tx, merge.survivor_id, customer, currency=currency, amount=amount, merge=merge.id)


def _merge_of(tx: Tx, customer: UUID) -> Any:
    return tx.first(_MERGE, customer=customer)


def _credit(tx: Tx, customer: UUID, currency: str) -> Credit:
    there = credit_of(tx, customer, currency)
    assert there is not None, "it was locked just now"
    return there


def _move(tx: Tx, source: UUID, to: UUID, *, currency: str, amount: int, merge: UUID) -> None:
    if amount > 0:
        move_credit(tx, source, to, currency, amount, merge=merge)
        book_following(tx, source, to, currency, amount, cause=merge)
