"""Promises that nobody here wants: they are let go, counted and shown."""

from typing import LiteralString
from uuid import UUID

from charsu.kernel import Hub, Tx, append
from charsu.kernel.processes import Process, Running, advance, begin, finish
from charsu.orders.facts import PaymentOrphaned
from charsu.orders.payments.authorizations import Authorization, find_authorization
from charsu.orders.payments.provider import Authorized, Provider
from charsu.orders.payments.providers import provider_named

_IS_BEGUN: LiteralString = """
    SELECT EXISTS (SELECT FROM kernel.processes
                   WHERE subject_id = %(id)s AND kind = 'orders.free_orphan' AND state = 'running'
                     AND data ->> 'reference' = %(reference)s)
"""


def begin_to_free(tx: Tx, one: Authorization, *, reference: str) -> None:
    """Begin to let go what a provider has promised for a payment that is over.

    Its message may only be late: the provider is asked how it stands before anything is let go.
    Said twice it is let go once.

    one   locked
    """
    if not tx.value(_IS_BEGUN, id=one.id, reference=reference):
        data = {"reference": reference}
        begin(tx, ORPHAN, subject=one.id, data=data)


def _look(hub: Hub, running: Running) -> None:
    """Whether something was promised is written down before it is let go: a provider that is asked
    after that says that there is nothing, and nobody would be told."""
    one, provider = _asked(hub, running)
    answer = provider.look_up(key=str(one.id), reference=running.data["reference"])
    with hub.writing("orders.orphan_found") as tx:
        if isinstance(answer, Authorized):
            advance(tx, running, "let_go")
        else:
            finish(tx, running)


def _let_go(hub: Hub, running: Running) -> None:
    one, provider = _asked(hub, running)
    reference = running.data["reference"]
    provider.void(key=str(one.id), reference=reference)
    with hub.writing("orders.orphan_freed") as tx:
        if finish(tx, running):
            _tell(tx, one.id, reference)


def _asked(hub: Hub, running: Running) -> tuple[Authorization, Provider]:
    one = hub.read(lambda tx: find_authorization(tx, running.subject_id))
    return one, provider_named(one.provider)


def _tell(tx: Tx, authorization: UUID, reference: str) -> None:
    row = tx.first(
        """
        UPDATE orders.authorizations
        SET freed_at = %(now)s, reference = coalesce(reference, %(reference)s),
            version = version + 1
        WHERE id = %(id)s RETURNING asked_minor, currency, version
        """,
        id=authorization,
        reference=reference,
        now=tx.now,
    )
    assert row is not None, "an authorization is never deleted"
    fact = PaymentOrphaned(amount_minor=row.asked_minor, currency=row.currency)
    append(tx, fact, subject=authorization, version=row.version)


ORPHAN = Process("orders.free_orphan", {"free": _look, "let_go": _let_go})
