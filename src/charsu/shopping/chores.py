"""What shopping looks after by itself."""

from typing import LiteralString

from charsu.kernel import Hub, append
from charsu.kernel.work import chore
from charsu.shopping.facts import CartAbandoned

BATCH = 200

# What such a cart once held ran out long ago, and stock put it back on sale.
_ABANDON: LiteralString = """
    WITH due AS (
        SELECT id FROM shopping.carts WHERE state = 'open' AND expires_at <= %(now)s
        ORDER BY expires_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    ), forgotten AS (
        DELETE FROM shopping.recipients r USING due WHERE r.cart_id = due.id
    )
    UPDATE shopping.carts c
    SET state = 'abandoned', held_since = NULL, hold_until = NULL, revision = c.revision + 1
    FROM due WHERE c.id = due.id
    RETURNING c.id, c.revision,
              (SELECT count(*) FROM shopping.cart_lines l WHERE l.cart_id = c.id) AS lines
"""


@chore("shopping.abandon_carts", every_seconds=60)
def abandon_carts(hub: Hub) -> int:
    """Close carts to which nobody came back, and forget whom they were for."""
    with hub.writing("shopping.abandon_carts") as tx:
        abandoned = tx.all(_ABANDON, now=tx.now, limit=BATCH)
        for row in abandoned:
            append(tx, CartAbandoned(lines=row.lines), subject=row.id, version=row.revision)
    return len(abandoned)
