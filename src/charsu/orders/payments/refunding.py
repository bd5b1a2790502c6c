"""Money that was booked as given back is given back by the provider that took it.

It counts as refunded from the moment at which it was decided, so that nobody gives it back twice.
Where the provider says no for good, the books take it back, and it is owed to the customer still.
"""

from typing import Any, LiteralString
from uuid import UUID

from msgspec.structs import replace

from charsu.kernel import Hub, NotFound, Tx, append
from charsu.kernel.processes import Process, Running, begin, finish
from charsu.orders.books import keep_money
from charsu.orders.credit.accounts import CREDIT
from charsu.orders.facts import RefundFailed
from charsu.orders.loaded import load, settle
from charsu.orders.payments.provider import Declined, Taken
from charsu.orders.payments.providers import PROVIDERS, provider_named


def is_asked_for(provider: str) -> bool:
    """Whether somebody outside has to be asked to give the money back."""
    return provider in PROVIDERS and provider != CREDIT


def ask_for_refund(tx: Tx, *, order: UUID, refund: UUID) -> None:
    """Begin to give back what a refund says; its id is the key at the provider."""
    begin(tx, REFUND, subject=order, data={}, identity=refund)


# Money that an exchange carried over goes back to where it came in.
_REFUND: LiteralString = """
    SELECT r.payment_id, r.amount_minor, s.provider, s.reference, s.currency
    FROM orders.refunds r
    JOIN orders.payments p ON p.id = r.payment_id
    JOIN orders.payments s ON s.id = coalesce(p.from_payment_id, p.id)
    WHERE r.id = %(id)s
"""


def _give_back(hub: Hub, running: Running) -> None:
    refund: Any = hub.read(lambda tx: tx.first(_REFUND, id=running.id))
    answer = provider_named(refund.provider).refund(
        key=running.key,
        reference=refund.reference,
        amount_minor=refund.amount_minor,
        currency=refund.currency,
    )
    with hub.writing("orders.refunded") as tx:
        load(tx, running.subject_id)
        if isinstance(answer, Taken):
            _settle(tx, running, "done", reference=answer.reference)
        else:
            _fail(tx, running, refund, answer)


def _fail(tx: Tx, running: Running, refund: Any, answer: Declined) -> None:
    if _settle(tx, running, "failed", reason=answer.reason):
        _keep(tx, running.subject_id, running.id, refund, reason=answer.reason)


def undo_refund(tx: Tx, identity: UUID, provider: str, reason: str) -> str:
    """The provider said that money went back, and then that it did not; the refund's state.

    Said before its answer was booked it decides; said twice it changes nothing. Raises NotFound.
    """
    order = tx.value(_REFUNDED_BY, id=identity, provider=provider)
    if order is None:
        raise NotFound("refund", identity)
    load(tx, order)
    if tx.run(_FAILED, id=identity):
        tx.run(_ENDED, id=identity, now=tx.now)
        _keep(tx, order, identity, tx.first(_REFUND, id=identity), reason=reason)
    return "failed"


_REFUNDED_BY: LiteralString = """
    SELECT r.order_id FROM orders.refunds r
    JOIN orders.payments p ON p.id = r.payment_id
    JOIN orders.payments s ON s.id = coalesce(p.from_payment_id, p.id)
    WHERE r.id = %(id)s AND s.provider = %(provider)s AND NOT r.to_credit
      AND r.exchange_id IS NULL
"""
_FAILED: LiteralString = """
    UPDATE orders.refunds SET state = 'failed' WHERE id = %(id)s AND state <> 'failed'
"""
_ENDED: LiteralString = """
    UPDATE kernel.processes
    SET state = 'failed', ended_at = %(now)s, leased_until = NULL
    WHERE id = %(id)s AND state NOT IN ('done', 'failed')
"""


def _keep(tx: Tx, order_id: UUID, identity: UUID, refund: Any, *, reason: str) -> None:
    """The books take back what did not go back."""
    amount = refund.amount_minor
    order = load(tx, order_id)
    tx.run(
        "UPDATE orders.payments SET refunded_minor = refunded_minor - %(amount)s"
        " WHERE id = %(payment)s",
        amount=amount,
        payment=refund.payment_id,
    )
    keep_money(tx, order, provider=refund.provider, amount=amount, cause=identity)
    order = settle(tx, replace(order, refunded_minor=order.refunded_minor - amount))
    fact = RefundFailed(
        refund_id=identity, amount_minor=amount, currency=order.currency, reason=reason
    )
    append(tx, fact, subject=order.id, version=order.version)


def _settle(tx: Tx, running: Running, state: str, **data: str) -> bool:
    """Write down how a refund came out; False if somebody did already."""
    if not finish(tx, running, failed=state == "failed", **data):
        return False
    tx.run(
        "UPDATE orders.refunds SET state = %(state)s WHERE id = %(id)s", id=running.id, state=state
    )
    return True


REFUND = Process("orders.refund", {"give_back": _give_back})
