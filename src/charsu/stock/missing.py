"""What somebody looked for and did not find is taken off sale where it is missing."""

from collections.abc import Mapping
from typing import Any, LiteralString
from uuid import UUID

from charsu.kernel import Tx, ledger
from charsu.stock.documents import Known, move, on_hand
from charsu.stock.model import outside_account

_UNPROMISED: LiteralString = """
    SELECT account_id, pool_id, greatest(posted - held, 0) AS pieces FROM ledger.balances
    WHERE thing_id = %(variant)s AND place_id = %(location)s AND kind = 'on_hand'
    ORDER BY pool_id NULLS FIRST, account_id FOR UPDATE
"""


def take_off_sale(
    tx: Tx, pieces: Mapping[Known, int], *, location: UUID, reason: str, everything: bool
) -> UUID | None:
    """Book pieces that a picker could not find as lost; the document, None where nothing moved.

    The promise on them must have been taken back before, in the same transaction. ``everything``
    says that the shelf was empty: then no unpromised piece of these variants stays on sale there,
    until somebody counts and finds it. Promises to others are left alone.
    """
    moves = [
        (account, outside_account("lost", variant.unit), count)
        for variant, missing in pieces.items()
        for account, count in _from(tx, variant, location, missing, everything=everything)
    ]
    if not moves:
        return None
    document = move(tx, "write_off", moves, location=location, reason=reason)
    return document.document_id


def _from(
    tx: Tx, variant: Known, location: UUID, missing: int, *, everything: bool
) -> list[tuple[ledger.Account, int]]:
    """Which accounts they leave: what all may take comes first, then the pools of channels."""
    rows: list[Any] = tx.all(_UNPROMISED, variant=variant.id, location=location)
    left = sum(row.pieces for row in rows) if everything else missing
    moves = []
    for row in rows:
        count = min(left, row.pieces)
        if count:
            account = on_hand(variant, location, row.pool_id)
            moves.append((account, count))
            left -= count
    return moves
