"""From a customer's token to an actor."""

from typing import Any, LiteralString

from charsu.identity.errors import CustomerSessionEnded
from charsu.kernel import Actor, Hub, Tx
from charsu.kernel.access import customer_actor, digest_of, is_token

# Whoever was merged is the one who answers for her.
_SHOWN: LiteralString = """
    WITH RECURSIVE shown AS (
        SELECT s.customer_id FROM identity.sessions s
        WHERE s.digest = %(digest)s AND s.ended_at IS NULL AND s.expires_at > %(now)s
    ), up AS (
        SELECT customer_id AS id, 0 AS depth FROM shown
        UNION ALL
        SELECT m.survivor_id, up.depth + 1 FROM up
        JOIN customers.merges m ON m.absorbed_id = up.id AND m.undone_at IS NULL
    )
    SELECT c.id, c.language FROM up JOIN customers.customers c ON c.id = up.id
    WHERE c.state = 'active' AND up.depth = (SELECT max(depth) FROM up)
"""


def actor_for_customer(hub: Hub, token: str, *, language: str, origin: str = "") -> Actor:
    """The customer who holds this token, speaking the language she asks in.

    Raises CustomerSessionEnded.
    """
    if not is_token("customer", token):
        raise CustomerSessionEnded

    def look(tx: Tx) -> Any:
        return tx.first(_SHOWN, digest=digest_of(token), now=tx.now)

    row = hub.read(look, operation="identity.session")
    if row is None:
        raise CustomerSessionEnded
    return customer_actor(row.id, language, origin=origin)
