"""A platform acts for a customer no longer."""

from collections.abc import Sequence
from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.customers import family_of
from charsu.identity.errors import CustomerNeeded
from charsu.identity.facts import LinkEnded
from charsu.identity.operations.end_session import herself
from charsu.kernel import NotFound, Tx, append, operation


class EndLink(Struct, frozen=True, kw_only=True):
    """Which of her links."""

    link_id: UUID


class LinksEnded(Struct, frozen=True):
    """How many."""

    ended: int


@operation(
    "identity.end_link",
    permission="identity.own",
    http="DELETE /v1/me/links/{link_id}",
    raises=(CustomerNeeded, NotFound),
)
def end_link(tx: Tx, ask: EndLink) -> LinksEnded:
    """Take a platform's leave to act for me away; its tokens end at once."""
    family = family_of(tx, herself(tx))
    if not (ended := end_links(tx, "customer", link=ask.link_id, customers=family)):
        raise NotFound("link", ask.link_id)
    return LinksEnded(ended)


_END: LiteralString = """
    UPDATE identity.links SET ended_at = %(now)s, version = version + 1
    WHERE ended_at IS NULL
      AND (%(link)s::uuid IS NULL OR id = %(link)s)
      AND (%(platform)s::uuid IS NULL OR linked_platform_id = %(platform)s)
      AND (%(customers)s::uuid[] IS NULL OR customer_id = ANY(%(customers)s))
    RETURNING id, customer_id, version
"""


def end_links(
    tx: Tx,
    reason: str,
    *,
    link: UUID | None = None,
    platform: UUID | None = None,
    customers: Sequence[UUID] | None = None,
) -> int:
    """End what there is of these and tell of it. How many there were."""
    assert link or platform or customers is not None, "never all of them"
    hers = None if customers is None else list(customers)
    rows: list[Any] = tx.all(_END, link=link, platform=platform, customers=hers, now=tx.now)
    for row in rows:
        ended = LinkEnded(customer_id=row.customer_id, reason=reason)
        append(tx, ended, subject=row.id, version=row.version)
    return len(rows)
