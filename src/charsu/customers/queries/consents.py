"""What a customer agreed to, and each time that she said so."""

from datetime import datetime
from typing import Annotated, LiteralString
from uuid import UUID

from msgspec import Meta, Struct

from charsu.customers.families import family_of
from charsu.customers.operations.set_consent import concerned
from charsu.kernel import Mark, Moment, PageUnknown, Tx, cut, query, read_mark


class AskConsents(Struct, frozen=True, kw_only=True):
    """Whose; None asks about oneself."""

    customer_id: UUID | None = None
    after: Mark | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class Standing(Struct, frozen=True, kw_only=True):
    """What holds for one purpose on one channel."""

    purpose: str
    channel: str
    is_granted: bool


class Said(Struct, frozen=True, kw_only=True):
    """What was said once."""

    id: UUID
    purpose: str
    channel: str
    is_granted: bool
    source: str
    wording: str
    said_at: datetime


class Consents(Struct, frozen=True, kw_only=True):
    """What holds now, and what was said, newest first; ``next`` asks for what was said before.

    What nobody has said is not granted.
    """

    standing: tuple[Standing, ...]
    items: tuple[Said, ...]
    next: str | None


# Of customers that were merged each has said something: a merge never widens what was granted.
_STANDING: LiteralString = """
    SELECT purpose, channel, bool_and(is_granted) AS is_granted
    FROM (SELECT DISTINCT ON (customer_id, purpose, channel) purpose, channel, is_granted
          FROM customers.consents WHERE customer_id = ANY(%(family)s)
          ORDER BY customer_id, purpose, channel, said_at DESC, id DESC) AS last
    GROUP BY purpose, channel ORDER BY purpose, channel
"""

_SAID: LiteralString = """
    SELECT id, purpose, channel, is_granted, source, wording, said_at
    FROM customers.consents
    WHERE customer_id = ANY(%(family)s)
      AND (%(before)s::timestamptz IS NULL OR (said_at, id) < (%(before)s, %(last)s))
    ORDER BY said_at DESC, id DESC LIMIT %(limit)s
"""


@query(
    "customers.consents",
    permission="customers.consent",
    http="GET /v1/consents",
    raises=(PageUnknown,),
)
def consents(tx: Tx, ask: AskConsents) -> Consents:
    """What a customer may be written to about, and the proof of it."""
    family = family_of(tx, concerned(tx, ask.customer_id))
    before, last = read_mark(ask.after, Moment, UUID)
    rows = tx.all(_SAID, family=family, before=before, last=last, limit=ask.limit + 1)
    shown, more = cut(rows, ask.limit, "said_at", "id")
    return Consents(
        standing=standing_of(tx, family),
        items=tuple(Said(**row._asdict()) for row in shown),
        next=more,
    )


def standing_of(tx: Tx, family: list[UUID]) -> tuple[Standing, ...]:
    """What holds now for a person, by purpose and channel."""
    return tuple(Standing(**row._asdict()) for row in tx.all(_STANDING, family=family))
