"""Promises that nobody here wants: they are let go, counted and shown."""

from uuid import UUID

from charsu.kernel import Hub, Tx, append
from charsu.kernel.processes import Process, Running, begin, finish
from charsu.orders.facts import PaymentOrphaned
from charsu.orders.payments.authorizations import Authorization, find_authorization
from charsu.orders.payments.provider import Authorized
from charsu.orders.payments.providers import provider_named


def begin_to_free(tx: Tx, one: Authorization, *, reference: str) -> None:
    """Begin to let go what a provider has promised for a payment that is over.

    Its message may only be late: the provider is asked how it stands before anything is let go.
    """
    data = {"reference": reference}
    begin(tx, ORPHAN, subject=one.id, data=data)


def _free(hub: Hub, running: Running) -> None:
    one = hub.read(lambda tx: find_authorization(tx, running.subject_id))
    provider, reference = provider_named(one.provider), running.data["reference"]
    is_promised = isinstance(provider.look_up(key=str(one.id), reference=reference), Authorized)
    if is_promised:
        provider.void(key=str(one.id), reference=reference)
    with hub.writing("orders.orphan_freed") as tx:
        if finish(tx, running) and is_promised:
            _tell(tx, one.id, reference)


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


ORPHAN = Process("orders.free_orphan", {"free": _free})
