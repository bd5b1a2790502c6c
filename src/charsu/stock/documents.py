"""Documents: why goods moved. Each movement in the ledger names one as its cause."""

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.catalog import sku_key
from charsu.kernel import NotFound, Tx, append, ledger
from charsu.stock.errors import GoodsNotThere, SkuUnknown
from charsu.stock.facts import StockMoved
from charsu.stock.model import Pieces, Sku, outside_account, stock_account
from charsu.stock.shortages import settle


class StockLine(Struct, frozen=True, kw_only=True):
    """So many pieces of a variant."""

    sku: Sku
    pieces: Pieces


class StockDocument(Struct, frozen=True):
    """The document under which the movement is found in the books."""

    document_id: UUID


_VARIANTS: LiteralString = """
    SELECT asked.sku, v.id, p.unit
    FROM unnest(%(skus)s::text[], %(keys)s::text[]) AS asked (sku, key)
    LEFT JOIN catalog.variants v ON v.sku_key = asked.key
    LEFT JOIN catalog.products p ON p.id = v.product_id
"""


class Known(Struct, frozen=True):
    """A variant and the unit in which it is counted."""

    id: UUID
    unit: str


def variants_by_sku(tx: Tx, skus: Sequence[str]) -> dict[str, Known]:
    """The variants behind these SKUs, as they were written. Raises SkuUnknown."""
    unique = list(dict.fromkeys(skus))
    rows = tx.all(_VARIANTS, skus=unique, keys=[sku_key(sku) for sku in unique])
    for row in rows:
        if row.id is None:
            raise SkuUnknown(row.sku)
    return {row.sku: Known(row.id, row.unit) for row in rows}


def open_document(
    tx: Tx,
    kind: str,
    *,
    location: UUID,
    reference: str = "",
    reason: str = "",
    counted_at: datetime | None = None,
) -> UUID:
    """Begin a document at a location. Raises NotFound where there is no such location."""
    if not tx.value("SELECT true FROM stock.locations WHERE id = %(id)s", id=location):
        raise NotFound("location", location)
    document = tx.new_id()
    tx.run(
        """
        INSERT INTO stock.documents
            (id, kind, location_id, reference, reason, counted_at, at, version)
        VALUES (%(id)s, %(kind)s, %(location)s, %(reference)s, %(reason)s, %(counted_at)s,
                %(now)s, 1)
        """,
        id=document,
        kind=kind,
        location=location,
        reference=reference,
        reason=reason,
        counted_at=counted_at,
        now=tx.now,
    )
    return document


def move(
    tx: Tx,
    kind: str,
    moves: Sequence[tuple[ledger.Account, ledger.Account, int]],
    *,
    location: UUID,
    reference: str = "",
    reason: str = "",
    may_fall_short: bool = False,
) -> StockDocument:
    """Move amounts between accounts under a new document, all or nothing, and say so.

    Raises GoodsNotThere where more should leave than may.
    """
    document = open_document(tx, kind, location=location, reference=reference, reason=reason)
    accounts = [account for one, other, _ in moves for account in (one, other)]
    ledger.open_accounts(tx, [a for a in accounts if a.place_id], guarded=True)
    _open_outside(tx, {account.unit for account in accounts})
    balances = ledger.transfer(
        tx,
        [
            ledger.Transfer(
                from_id=one.id, to_id=other.id, amount=amount, reason=kind, cause_id=document
            )
            for one, other, amount in moves
        ],
        may_fall_short=may_fall_short,
    )
    if balances is None:
        raise GoodsNotThere
    settle(tx, balances)
    things = tuple(dict.fromkeys(a.thing_id for a in accounts if a.thing_id))
    fact = StockMoved(kind=kind, location_id=location, variant_ids=things)
    append(tx, fact, subject=document, version=1)
    return StockDocument(document)


def _open_outside(tx: Tx, units: set[str]) -> None:
    kinds = ("supplier", "sold", "lost", "found")
    outside = [outside_account(kind, unit) for unit in units for kind in kinds]
    ledger.open_accounts(tx, outside, guarded=False)


def summed(tx: Tx, lines: Sequence[StockLine]) -> list[tuple[Known, int]]:
    """The variants of these lines, each once, with the pieces of its lines added up."""
    known = variants_by_sku(tx, [line.sku for line in lines])
    pieces: dict[Known, int] = {}
    for line in lines:
        variant = known[line.sku]
        pieces[variant] = pieces.get(variant, 0) + line.pieces
    return list(pieces.items())


def on_hand(variant: Known, location: UUID, pool: UUID | None = None) -> ledger.Account:
    """The account of what is for sale of a variant at a location."""
    return stock_account(variant.id, location, pool_id=pool, unit=variant.unit)
