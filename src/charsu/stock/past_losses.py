"""Losses of the past: goods that were written off before the shop was here."""

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.kernel import Tx, append, ledger
from charsu.stock.bulk import open_outside
from charsu.stock.facts import StockMoved
from charsu.stock.model import outside_account, stock_account


class PastLoss(Struct, frozen=True, kw_only=True):
    """Pieces of a variant that were lost; the id tells it from others, also in a next run."""

    id: UUID
    variant_id: UUID
    location_id: UUID
    unit: str
    quantity: int
    at: datetime
    note: str = ""


_STORE: LiteralString = """
    INSERT INTO stock.documents (id, kind, location_id, reference, reason, at, version)
    SELECT id, 'write_off', place, '', note, at, 1
    FROM unnest(%(ids)s::uuid[], %(places)s::uuid[], %(notes)s::text[], %(times)s::timestamptz[])
         AS n (id, place, note, at)
    ON CONFLICT (id) DO NOTHING RETURNING id
"""

_TRANSFERS = (
    *("id", "from_account_id", "to_account_id", "amount"),
    *("reason", "cause_id", "actor_id", "at"),
)


def put_many_past_losses(tx: Tx, losses: Sequence[PastLoss]) -> set[UUID]:
    """Take over any number of losses; the ids of those that were new.

    What is lost must have been there, and nobody says since when: so each loss is found and lost
    at its own time, and the stock of today stays as it is.
    """
    rows = tx.all(
        _STORE,
        ids=[one.id for one in losses],
        places=[one.location_id for one in losses],
        notes=[one.note for one in losses],
        times=[one.at for one in losses],
    )
    new = {row.id for row in rows}
    fresh = [one for one in losses if one.id in new]
    open_outside(tx, {one.unit for one in fresh})
    ledger.open_accounts(tx, [_account(one) for one in fresh], guarded=True)
    tx.copy_in("ledger.transfers", _TRANSFERS, [row for one in fresh for row in _moves(tx, one)])
    for one in fresh:
        fact = StockMoved(
            kind="write_off", location_id=one.location_id, variant_ids=(one.variant_id,)
        )
        append(tx, fact, subject=one.id, version=1, historical=True)
    return new


def _account(loss: PastLoss) -> ledger.Account:
    return stock_account(loss.variant_id, loss.location_id, unit=loss.unit)


def _moves(tx: Tx, loss: PastLoss) -> list[tuple[object, ...]]:
    here = _account(loss).id
    found, lost = outside_account("found", loss.unit).id, outside_account("lost", loss.unit).id
    told = ("write_off", loss.id, tx.actor.id, loss.at)
    return [
        (tx.new_id(), found, here, loss.quantity, *told),
        (tx.new_id(), here, lost, loss.quantity, *told),
    ]
