"""Money in the ledger: what was taken, earned, owed as tax and given back.

Each order has an account of its own. Taking money credits it (goods are owed), handing goods over
debits it (they are no longer owed), so that it comes to zero when both are done, whatever happened
in between. ``to`` is the debit side, ``from`` the credit side.
"""

from collections.abc import Mapping
from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.kernel import Tx, ledger
from charsu.kernel.ledger import Account, Transfer
from charsu.orders.credit.accounts import CREDIT
from charsu.orders.credit.books import credit_account
from charsu.orders.loaded import Order
from charsu.orders.model import refund_share, share


def take_money(tx: Tx, order: Order, *, provider: str, amount: int, cause: UUID) -> None:
    """Money came in through a provider."""
    _book(tx, [(_order(order), _clearing(order, provider), amount, "captured")], cause)


def give_money(tx: Tx, order: Order, *, provider: str, amount: int, cause: UUID) -> None:
    """Money went back through a provider."""
    _book(tx, [(_clearing(order, provider), _order(order), amount, "refunded")], cause)


def keep_money(tx: Tx, order: Order, *, provider: str, amount: int, cause: UUID) -> None:
    """Money that was to go back did not."""
    _book(tx, [(_order(order), _clearing(order, provider), amount, "refund_failed")], cause)


def earn(tx: Tx, order: Order, pieces: Mapping[UUID, int], *, cause: UUID) -> None:
    """Goods were handed over: what was paid for them is earned, and the tax in it is owed.

    pieces   handed over now, by line; the lines in ``order`` are as they were before
    The delivery is earned with the first goods that leave.
    """
    total = tax = 0
    for line_id, count in pieces.items():
        line = order.lines[line_id]
        total += _share(line.total_minor, line.quantity, line.fulfilled, count)
        tax += _share(line.tax_minor, line.quantity, line.fulfilled, count)
    moves = [
        (_revenue(order), _order(order), total - tax, "earned"),
        (_tax(order), _order(order), tax, "earned"),
    ]
    if not any(line.fulfilled for line in order.lines.values()):
        net = order.delivery_minor - order.delivery_tax_minor
        moves.append((_delivery(order), _order(order), net, "delivery_earned"))
        moves.append((_tax(order), _order(order), order.delivery_tax_minor, "delivery_earned"))
    _book(tx, moves, cause)


class GivenUp(Struct, frozen=True, kw_only=True):
    """Amounts as they were paid, in minor units, and the tax within each."""

    goods: int
    goods_tax: int
    delivery: int = 0
    delivery_tax: int = 0


def give_up(tx: Tx, order: Order, given_up: GivenUp, *, cause: UUID) -> None:
    """What was earned is given up again: goods came back, or the retailer is generous.

    Never more than is earned still, and the last part takes along what rounding has left: an order
    that is given back whole, in whatever parts, leaves nothing in revenue, delivery or tax. What is
    given for goods beyond all that they have earned comes from the delivery.
    """
    earned = _still_earned(tx, order)
    goods, goods_tax = _within(given_up.goods, given_up.goods_tax, earned.goods)
    rest = given_up.goods - goods
    rest_tax = share(order.delivery_tax_minor, rest, order.delivery_minor)
    delivery, delivery_tax = _within(
        given_up.delivery + rest, given_up.delivery_tax + rest_tax, earned.delivery
    )
    moves = [
        (_order(order), _revenue(order), goods - goods_tax, "given_up"),
        (_order(order), _tax(order), goods_tax, "given_up"),
        (_order(order), _delivery(order), delivery - delivery_tax, "delivery_given_up"),
        (_order(order), _tax(order), delivery_tax, "delivery_given_up"),
    ]
    _book(tx, moves, cause)


class Split(Struct, frozen=True):
    """An amount without its tax, and the tax."""

    net: int
    tax: int


class Earned(Struct, frozen=True):
    """What an order has earned and not given up; None: it was never booked."""

    goods: Split | None = None
    delivery: Split | None = None


def _within(amount: int, tax: int, left: Split | None) -> tuple[int, int]:
    """The amount and the tax in it, so that neither takes more than is left; None: no limit."""
    if left is None:
        return amount, tax
    amount = min(amount, left.net + left.tax)
    return amount, max(amount - left.net, min(tax, left.tax))


_STILL_EARNED: LiteralString = """
    SELECT coalesce(sum(m.amount) FILTER (WHERE a.kind = 'revenue'), 0)::bigint AS goods,
           coalesce(sum(m.amount) FILTER (WHERE a.kind = 'delivery'), 0)::bigint AS delivery,
           coalesce(sum(m.amount) FILTER (WHERE a.kind LIKE 'tax:%%'
               AND m.reason IN ('earned', 'given_up')), 0)::bigint AS goods_tax,
           coalesce(sum(m.amount) FILTER (WHERE a.kind LIKE 'tax:%%'
               AND m.reason IN ('delivery_earned', 'delivery_given_up')), 0)::bigint
               AS delivery_tax
    FROM (
        SELECT from_account_id AS account_id, amount, reason FROM ledger.transfers
        WHERE to_account_id = %(account)s AND reason IN ('earned', 'delivery_earned')
        UNION ALL
        SELECT to_account_id, -amount, reason FROM ledger.transfers
        WHERE from_account_id = %(account)s AND reason IN ('given_up', 'delivery_given_up')
    ) m JOIN ledger.accounts a ON a.id = m.account_id
"""


def _still_earned(tx: Tx, order: Order) -> Earned:
    """What may be given up. What orders of the past have earned was never booked."""
    if order.is_historical:
        return Earned()
    row: Any = tx.first(_STILL_EARNED, account=_order(order).id)
    return Earned(Split(row.goods, row.goods_tax), Split(row.delivery, row.delivery_tax))


def owed_to_customer(tx: Tx, order: Order) -> int:
    """What was taken for the order and neither earned nor given back; negative: she owes it."""
    owed = tx.value(
        """
        SELECT coalesce(sum(CASE WHEN from_account_id = %(account)s THEN amount ELSE -amount END),
                        0)::bigint
        FROM ledger.transfers
        WHERE from_account_id = %(account)s OR to_account_id = %(account)s
        """,
        account=_order(order).id,
    )
    return int(owed)


def _share(amount: int, quantity: int, before: int, pieces: int) -> int:
    return refund_share(paid=amount, quantity=quantity, returned_before=before, returning=pieces)


def _book(tx: Tx, moves: list[tuple[Account, Account, int, str]], cause: UUID) -> None:
    moves = [move for move in moves if move[2]]
    if not moves:
        return
    accounts = [account for one, other, _, _ in moves for account in (one, other)]
    ledger.open_accounts(tx, accounts, guarded=False)
    balances = ledger.transfer(
        tx,
        [
            Transfer(from_id=one.id, to_id=other.id, amount=amount, reason=reason, cause_id=cause)
            for one, other, amount, reason in moves
        ],
    )
    assert balances is not None, "no money account is guarded here"


def order_account(order: UUID, currency: str) -> Account:
    """What the shop owes for an order in goods or money; below zero: what it is owed."""
    return Account("money", "order", currency, place_id=order)


def _order(order: Order) -> Account:
    return order_account(order.id, order.currency)


def _clearing(order: Order, provider: str) -> Account:
    if provider == CREDIT:
        assert order.customer_id is not None, "credit belongs to a customer"
        return credit_account(order.customer_id, order.currency)
    return Account("money", f"clearing:{provider}", order.currency)


def _revenue(order: Order) -> Account:
    return Account("money", "revenue", order.currency, place_id=order.channel_id)


def _delivery(order: Order) -> Account:
    return Account("money", "delivery", order.currency, place_id=order.channel_id)


def _tax(order: Order) -> Account:
    return Account("money", f"tax:{order.country}", order.currency)
