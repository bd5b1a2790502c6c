"""What a channel may promise, and where it lies."""

from collections.abc import Collection, Sequence
from typing import LiteralString
from uuid import UUID

from charsu.kernel import Tx, ledger
from charsu.stock.model import Available

# A buffer for the variant counts before one for every variant; pieces allocated to a channel are
# its own to the last, so no buffer holds there.
_AVAILABLE: LiteralString = """
    SELECT b.account_id, b.thing_id, b.place_id, b.pool_id IS NOT NULL AS is_own_pool,
           b.posted - b.held - coalesce(floor.pieces, 0) AS pieces,
           coalesce(floor.pieces, 0) AS floor, l.ships
    FROM ledger.balances b
    JOIN stock.channel_locations c
      ON c.location_id = b.place_id AND c.channel_id = %(channel)s
    JOIN stock.locations l
      ON l.id = b.place_id AND l.is_open AND (l.ships OR NOT %(to_ship)s)
    LEFT JOIN LATERAL (
        SELECT pieces FROM stock.buffers f
        WHERE f.channel_id = c.channel_id AND f.location_id = b.place_id
          AND (f.variant_id = b.thing_id OR f.variant_id IS NULL)
        ORDER BY f.variant_id NULLS LAST LIMIT 1
    ) floor ON b.pool_id IS NULL
    WHERE b.thing_id = ANY(%(variants)s) AND b.kind = 'on_hand'
      AND (b.pool_id IS NULL OR b.pool_id = %(channel)s)
      AND (%(locations)s::uuid[] IS NULL OR b.place_id = ANY(%(locations)s))
    ORDER BY b.thing_id, b.pool_id NULLS LAST, b.account_id
"""


def available_to_promise(
    tx: Tx,
    variants: Collection[UUID],
    *,
    channel: UUID,
    locations: Sequence[UUID] | None = None,
    to_ship: bool = False,
) -> list[Available]:
    """What the channel may still sell of each variant: an entry for each account it may take from.

    The channel's own pool comes before what all may take. ``locations`` narrows the answer down,
    ``to_ship`` to locations that send parcels.
    """
    rows = tx.all(
        _AVAILABLE,
        variants=list(variants),
        channel=channel,
        locations=None if locations is None else list(locations),
        to_ship=to_ship,
    )
    return [Available(*row) for row in rows]


def on_offer(
    tx: Tx,
    variants: Collection[UUID],
    *,
    channel: UUID,
    locations: Sequence[UUID] | None = None,
    to_ship: bool = False,
) -> list[Available]:
    """``available_to_promise``, read once as long as a transaction moves nothing.

    Others move goods meanwhile: whoever takes some of them is told by the books whether they are
    still there.
    """
    wanted = frozenset(variants)
    everywhere = ledger.seen(
        tx,
        ("stock.on_offer", channel, wanted),
        lambda: available_to_promise(tx, wanted, channel=channel),
    )
    return [
        entry
        for entry in everywhere
        if (locations is None or entry.location_id in locations) and (entry.ships or not to_ship)
    ]


def pieces_by_variant(available: Sequence[Available]) -> dict[UUID, int]:
    """How many of each variant a hold may ask for."""
    pieces: dict[UUID, int] = {}
    for entry in available:
        pieces[entry.variant_id] = pieces.get(entry.variant_id, 0) + max(0, entry.pieces)
    return pieces
