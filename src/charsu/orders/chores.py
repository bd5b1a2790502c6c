"""What orders look after by themselves."""

from datetime import timedelta
from typing import LiteralString

from charsu.kernel import Hub, Setting
from charsu.kernel.work import chore
from charsu.orders import playing, reminding, watching
from charsu.orders.carriers import forget_labels
from charsu.orders.credit.accounts import expire_credit
from charsu.orders.credit.books import book_expiry
from charsu.orders.reconciling.reading import begin_due, forget_statements

CREDIT_DAYS = Setting(
    "orders.credit_days",
    int,
    0,
    "Days after its last movement on which a customer's store credit expires; 0 for never.",
)
BATCH = 200

_DUE: LiteralString = """
    SELECT customer_id, currency, balance_minor - held_minor AS amount
    FROM orders.credit_accounts
    WHERE moved_at <= %(before)s AND balance_minor > held_minor
    ORDER BY customer_id, currency LIMIT %(limit)s FOR UPDATE SKIP LOCKED
"""


@chore("orders.expire_credit", every_seconds=3_600)
def expire_old_credit(hub: Hub) -> int:
    """Take back credit that nobody used for as long as the shop says."""
    with hub.writing("orders.expire_credit") as tx:
        days = tx.setting(CREDIT_DAYS)
        if days <= 0:
            return 0
        due = tx.all(_DUE, before=tx.now - timedelta(days=days), limit=BATCH)
        for row in due:
            move = expire_credit(tx, row.customer_id, row.currency, row.amount)
            book_expiry(tx, row.customer_id, row.currency, row.amount, cause=move)
    return len(due)


@chore("orders.watch_steps", every_seconds=30)
def watch_steps(hub: Hub) -> int:
    """Notice who is late, and put on sale again what nobody collected."""
    return watching.watch_steps(hub)


@chore("orders.watch_exceptions", every_seconds=30)
def watch_exceptions(hub: Hub) -> int:
    """Do what was said would happen, and bring before the manager what nobody has seen to."""
    return watching.watch_exceptions(hub)


@chore("orders.remind", every_seconds=60)
def remind(hub: Hub) -> int:
    """Remind customers of pick-ups and choices whose time is over soon."""
    return reminding.remind(hub)


@chore("orders.forget_labels", every_seconds=3_600)
def forget_old_labels(hub: Hub) -> int:
    """Forget labels that nobody prints any more, though no carrier ever told of the parcel."""
    with hub.writing("orders.forget_labels") as tx:
        return forget_labels(tx)


@chore("orders.play_test_carrier", every_seconds=30)
def play_test_carrier(hub: Hub) -> int:
    """Let the test carrier tell of its parcels, where the shop offers it."""
    return playing.play_test_carrier(hub)


@chore("orders.reconcile", every_seconds=900)
def reconcile(hub: Hub) -> int:
    """Begin to compare the statements of each provider with the books when that is due."""
    with hub.writing("orders.reconcile") as tx:
        return begin_due(tx)


@chore("orders.forget_statements", every_seconds=3_600)
def forget_old_statements(hub: Hub) -> int:
    """Forget statements of payments that nobody compares any more."""
    with hub.writing("orders.forget_statements") as tx:
        return forget_statements(tx)
