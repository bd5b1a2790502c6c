"""Goods that customers bring back."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from msgspec import Struct

from charsu.kernel import Tx, ledger
from charsu.stock.model import outside_account, stock_account
from charsu.stock.shortages import settle


class Returned(Struct, frozen=True, kw_only=True):
    """Pieces of a variant that are back, and the state in which they lie now."""

    variant_id: UUID
    unit: str
    pieces: int
    state: Literal["on_hand", "on_display", "quarantine"]


def take_in_returned(tx: Tx, returned: Sequence[Returned], *, location: UUID, cause: UUID) -> None:
    """Put goods that were sold back into stock at a location, because of an order.

    What lies on hand is for sale again at once, and covers first what was missing.
    """
    moves = [
        (
            outside_account("sold", back.unit),
            stock_account(back.variant_id, location, state=back.state, unit=back.unit),
            back.pieces,
        )
        for back in returned
    ]
    ledger.open_accounts(tx, [here for _, here, _ in moves], guarded=True)
    balances = ledger.transfer(
        tx,
        [
            ledger.Transfer(
                from_id=sold.id, to_id=here.id, amount=pieces, reason="returned", cause_id=cause
            )
            for sold, here, pieces in moves
        ],
    )
    assert balances is not None, "goods that come back leave no guarded account"
    settle(tx, balances)
