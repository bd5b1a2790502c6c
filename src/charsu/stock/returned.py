"""Goods that customers bring back."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from msgspec import Struct

from charsu.kernel import Tx, ledger
from charsu.stock.errors import GoodsNotThere
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


class Inspected(Struct, frozen=True, kw_only=True):
    """Pieces of a variant that lay in quarantine, and what becomes of them; ``gone`` is waste."""

    variant_id: UUID
    unit: str
    pieces: int
    becomes: Literal["on_hand", "on_display", "gone"]


def let_out_inspected(
    tx: Tx, inspected: Sequence[Inspected], *, location: UUID, cause: UUID
) -> None:
    """Let goods out of a location's quarantine. Raises GoodsNotThere where fewer lie there."""
    moves = [(_in_quarantine(one, location), _after(one, location), one) for one in inspected]
    ledger.open_accounts(tx, [here for _, here, _ in moves if here.place_id], guarded=True)
    ledger.open_accounts(tx, [out for _, out, _ in moves if not out.place_id], guarded=False)
    balances = ledger.transfer(
        tx,
        [
            ledger.Transfer(
                from_id=was.id,
                to_id=becomes.id,
                amount=one.pieces,
                reason="inspected",
                cause_id=cause,
            )
            for was, becomes, one in moves
        ],
    )
    if balances is None:
        raise GoodsNotThere
    settle(tx, balances)


def _in_quarantine(one: Inspected, location: UUID) -> ledger.Account:
    return stock_account(one.variant_id, location, state="quarantine", unit=one.unit)


def _after(one: Inspected, location: UUID) -> ledger.Account:
    if one.becomes == "gone":
        return outside_account("lost", one.unit)
    return stock_account(one.variant_id, location, state=one.becomes, unit=one.unit)
