"""Differences between a provider and the books: opened once, closed when gone or resolved."""

from collections.abc import Collection
from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.kernel import Tx, append
from charsu.orders.facts import DifferenceGone, PaymentDiffers
from charsu.orders.reconciling.model import OWNER, DifferenceKind, Entry, Figures

NOTHING = Figures(currency="", promised_minor=0, taken_minor=0, given_back_minor=0)


class Judged(Struct, frozen=True, kw_only=True):
    """A payment that was compared; ``kind`` is None where both sides agree."""

    reference: str
    kind: DifferenceKind | None
    ours: Entry | None
    theirs: Figures | None


_LAST: LiteralString = """
    SELECT DISTINCT ON (reference) * FROM orders.payment_differences
    WHERE provider = %(provider)s AND reference = ANY(%(references)s)
    ORDER BY reference, id DESC
"""


def keep_differences(tx: Tx, provider: str, judged: Collection[Judged]) -> None:
    """Open what is new, close what is gone. What somebody has resolved stays so while neither side
    says anything new."""
    references = [one.reference for one in judged]
    last = {row.reference: row for row in tx.all(_LAST, provider=provider, references=references)}
    for one in judged:
        _keep(tx, provider, one, last.get(one.reference))


def _keep(tx: Tx, provider: str, one: Judged, last: Any) -> None:
    if one.kind is not None and last is not None and last.state != "gone" and _is_same(one, last):
        return
    if last is not None and last.state == "open":
        _close(tx, last)
    if one.kind is not None:
        _open(tx, provider, one)


def _is_same(one: Judged, last: Any) -> bool:
    ours, theirs = one.ours.figures if one.ours else NOTHING, one.theirs or NOTHING
    was = (
        *(last.kind, last.our_currency or "", last.our_promised_minor, last.our_taken_minor),
        *(last.our_given_back_minor, last.their_currency or "", last.their_promised_minor),
        *(last.their_taken_minor, last.their_given_back_minor),
    )
    return was == (
        *(one.kind, ours.currency, ours.promised_minor, ours.taken_minor, ours.given_back_minor),
        *(theirs.currency, theirs.promised_minor, theirs.taken_minor, theirs.given_back_minor),
    )


def _close(tx: Tx, last: Any) -> None:
    version = tx.value(
        """
        UPDATE orders.payment_differences
        SET state = 'gone', closed_at = %(now)s, version = version + 1
        WHERE id = %(id)s AND state = 'open' RETURNING version
        """,
        id=last.id,
        now=tx.now,
    )
    if version is not None:  # else somebody has resolved it at this moment
        append(tx, DifferenceGone(), subject=last.id, version=version)


_OPEN: LiteralString = """
    INSERT INTO orders.payment_differences
        (id, provider, reference, kind, authorization_id, order_id,
         our_currency, our_promised_minor, our_taken_minor, our_given_back_minor,
         their_currency, their_promised_minor, their_taken_minor, their_given_back_minor,
         owner, state, opened_at, version)
    VALUES (%(id)s, %(provider)s, %(reference)s, %(kind)s, %(authorization)s, %(order)s,
            nullif(%(our_currency)s, ''), %(our_promised)s, %(our_taken)s, %(our_back)s,
            nullif(%(their_currency)s, ''), %(their_promised)s, %(their_taken)s, %(their_back)s,
            %(owner)s, 'open', %(now)s, 1)
    ON CONFLICT (provider, reference) WHERE state = 'open' DO NOTHING
"""


def _open(tx: Tx, provider: str, one: Judged) -> UUID:
    assert one.kind is not None, "only a difference is opened"
    identity = tx.new_id()
    ours, theirs = one.ours.figures if one.ours else NOTHING, one.theirs or NOTHING
    authorization = one.ours.authorization_id if one.ours else None
    order = one.ours.order_id if one.ours else None
    is_new = tx.run(
        _OPEN,
        id=identity,
        provider=provider,
        reference=one.reference,
        kind=one.kind,
        authorization=authorization,
        order=order,
        our_currency=ours.currency,
        our_promised=ours.promised_minor,
        our_taken=ours.taken_minor,
        our_back=ours.given_back_minor,
        their_currency=theirs.currency,
        their_promised=theirs.promised_minor,
        their_taken=theirs.taken_minor,
        their_back=theirs.given_back_minor,
        owner=OWNER,
        now=tx.now,
    )
    if is_new:
        fact = PaymentDiffers(provider=provider, kind=one.kind, order_id=order, owner=OWNER)
        append(tx, fact, subject=identity, version=1)
    return identity
