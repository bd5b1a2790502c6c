"""Invitations as the invited see them, before they choose a password."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

from charsu.kernel.access.tokens import digest_of, is_token
from charsu.kernel.hub import Hub

WhyNot = Literal["unknown", "used", "expired"]

_BY_DIGEST = """
    SELECT a.id, a.name, a.email, a.language, i.expires_at,
           CASE WHEN i.used_at IS NOT NULL THEN 'used'
                WHEN i.expires_at <= %(now)s THEN 'expired' END AS closed,
           coalesce(host.name, key.label) AS invited_by
    FROM kernel.invitations i
    JOIN kernel.accounts a ON a.id = i.account_id AND a.state <> 'disabled'
    LEFT JOIN LATERAL (
        SELECT actor_id FROM kernel.facts
        WHERE subject_id = a.id AND name = 'kernel.account_invited'
        ORDER BY version DESC LIMIT 1
    ) f ON true
    LEFT JOIN kernel.accounts host ON host.id = f.actor_id
    LEFT JOIN kernel.api_keys key ON key.id = f.actor_id
    WHERE i.digest = %(digest)s
"""


class Invitation(Struct, frozen=True, kw_only=True):
    """For whom an invitation is, and until when.

    invited_by   a colleague's name or a key's label; None for whoever runs the machine
    """

    account_id: UUID
    name: str
    email: str
    language: str
    invited_by: str | None
    expires_at: datetime


def find_invitation(hub: Hub, token: str) -> Invitation | WhyNot:
    """What a token opens, or why it opens nothing; one that was replaced counts as used.

    Nothing is used up by looking. Who holds no good token learns no name.
    """
    row = _find(hub, token) if is_token("invitation", token) else None
    if row is None:
        return "unknown"
    if row.closed:
        why: WhyNot = row.closed
        return why
    return Invitation(
        account_id=row.id,
        name=row.name,
        email=row.email,
        language=row.language,
        invited_by=row.invited_by,
        expires_at=row.expires_at,
    )


def _find(hub: Hub, token: str) -> Any | None:
    with hub.reading(operation="access.find_invitation") as tx:
        return tx.first(_BY_DIGEST, digest=digest_of(token), now=tx.now)
