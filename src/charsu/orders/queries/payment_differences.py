"""Where providers' statements are not as the books say."""

from datetime import datetime
from typing import Annotated, LiteralString
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from charsu.kernel import Mark, PageUnknown, Tx, cut, query, read_mark
from charsu.orders.reconciling.model import DifferenceKind, DifferenceState


class AskPaymentDifferences(Struct, frozen=True, kw_only=True):
    """Differences in one state, of one provider or of all."""

    state: DifferenceState = "open"
    provider: Annotated[str, Meta(max_length=64)] | None = None
    after: Mark | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class PaymentDifference(Struct, frozen=True, kw_only=True):
    """What the books and a provider say of one payment, in minor units.

    reference        the provider's own
    our_currency     None where the books know nothing of it; ``their_currency`` alike
    owner            the role that must see to it
    note             how it was resolved
    """

    id: UUID
    provider: str
    reference: str
    kind: DifferenceKind
    authorization_id: UUID | None
    order_id: UUID | None
    our_currency: str | None
    our_promised_minor: int
    our_taken_minor: int
    our_given_back_minor: int
    their_currency: str | None
    their_promised_minor: int
    their_taken_minor: int
    their_given_back_minor: int
    owner: str
    state: DifferenceState
    note: str
    resolved_by: UUID | None
    opened_at: datetime
    closed_at: datetime | None


class Reading(Struct, frozen=True, kw_only=True):
    """The last reading of a provider's statements.

    since, until   when the payments that it compared were begun
    """

    provider: str
    state: str
    since: datetime
    until: datetime
    statements: int
    begun_at: datetime
    ended_at: datetime | None


class PaymentDifferences(Struct, frozen=True):
    """A page of differences, the oldest first; ``next`` asks for those after.

    open       how many are open in all
    readings   of each provider that tells what it has
    """

    items: tuple[PaymentDifference, ...]
    open: int
    readings: tuple[Reading, ...]
    next: str | None


_PAGE: LiteralString = """
    SELECT id, provider, reference, kind, authorization_id, order_id, our_currency,
           our_promised_minor, our_taken_minor, our_given_back_minor, their_currency,
           their_promised_minor, their_taken_minor, their_given_back_minor, owner, state, note,
           resolved_by, opened_at, closed_at
    FROM orders.payment_differences
    WHERE state = %(state)s AND (%(provider)s::text IS NULL OR provider = %(provider)s)
      AND (%(last)s::uuid IS NULL OR id > %(last)s)
    ORDER BY id LIMIT %(limit)s
"""

_OPEN: LiteralString = "SELECT count(*) FROM orders.payment_differences WHERE state = 'open'"

_READINGS: LiteralString = """
    SELECT DISTINCT ON (provider) provider, state, since, until, statements, begun_at, ended_at
    FROM orders.reconciliations ORDER BY provider, begun_at DESC
"""


@query(
    "orders.payment_differences",
    permission="orders.reconcile",
    http="GET /v1/payment-differences",
    raises=(PageUnknown,),
)
def payment_differences(tx: Tx, ask: AskPaymentDifferences) -> PaymentDifferences:
    """Payments of which a provider says something else than the books; when it was last asked."""
    (last,) = read_mark(ask.after, UUID)
    rows = tx.all(_PAGE, state=ask.state, provider=ask.provider, last=last, limit=ask.limit + 1)
    shown, more = cut(rows, ask.limit, "id")
    items = tuple(msgspec.convert(row._asdict(), PaymentDifference) for row in shown)
    readings = tuple(Reading(**row._asdict()) for row in tx.all(_READINGS))
    return PaymentDifferences(items, tx.value(_OPEN), readings, more)
