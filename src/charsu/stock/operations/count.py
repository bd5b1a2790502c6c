"""Somebody counts what is really there."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, LiteralString
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import Invalid, Tx, append, ledger, operation
from charsu.stock.documents import Known, on_hand, open_document, variants_by_sku
from charsu.stock.errors import CountTooOld, SkuUnknown
from charsu.stock.facts import StockCounted
from charsu.stock.model import Sku, outside_account
from charsu.stock.shortages import settle

OLDEST = timedelta(days=31)


class CountedLine(Struct, frozen=True, kw_only=True):
    """How many pieces of a variant were found."""

    sku: Sku
    on_hand: Annotated[int, Meta(ge=0, le=10**9)]


class CountStock(Struct, frozen=True, kw_only=True):
    """What was found at a location, and when."""

    location_id: UUID
    lines: Annotated[tuple[CountedLine, ...], Meta(min_length=1, max_length=5000)]
    counted_at: Annotated[datetime, Meta(tz=True)] | None = None  # none: now


class Counted(Struct, frozen=True):
    """How far the books were off."""

    document_id: UUID
    found: int  # pieces that the books did not know of
    lost: int  # pieces that were not there


class CountedTwice(Invalid):
    """One count says two numbers for one variant."""

    code = "counted_twice"

    def __init__(self) -> None:
        super().__init__("A count says one number for each variant.")


@operation(
    "stock.count",
    permission="stock.count",
    at="location_id",
    http="POST /v1/stock/counts",
    raises=(SkuUnknown, CountTooOld, CountedTwice),
)
def count_stock(tx: Tx, ask: CountStock) -> Counted:
    """Let the books follow a count, as of the count's own time.

    What was sold or received after ``counted_at`` is not undone. A count below what is promised
    makes a visible exception and cancels nothing. A count that was told before, or that a later
    one has overtaken, moves nothing.
    """
    return follow_count(tx, ask).counted


class Followed(Struct, frozen=True):
    """What a count did to the books.

    expected   what the books said was there at the time of the count, by variant
    deltas     how many pieces were found or, below 0, lost
    """

    counted: Counted
    expected: Mapping[UUID, int]
    deltas: Mapping[UUID, int]


def follow_count(tx: Tx, ask: CountStock) -> Followed:
    """``count_stock``, and what became of each variant."""
    counted_at = ask.counted_at or tx.now
    if not tx.now - OLDEST <= counted_at <= tx.now:
        raise CountTooOld
    known = variants_by_sku(tx, [line.sku for line in ask.lines])
    counted = {known[line.sku]: line.on_hand for line in ask.lines}
    if len(counted) != len(ask.lines):
        raise CountedTwice
    outside = [outside_account(kind, known.unit) for known in counted for kind in ("found", "lost")]
    ledger.open_accounts(tx, outside, guarded=False)
    document = open_document(tx, "count", location=ask.location_id, counted_at=counted_at)
    lying = _lock(tx, list(counted), ask.location_id)
    settled = _settled(tx, counted, ask.location_id, counted_at)
    expected = _expected(tx, list(counted), ask.location_id, counted_at)
    _store(tx, document, counted, expected)
    deltas = {
        variant: 0 if variant.id in settled else pieces - expected[variant.id]
        for variant, pieces in counted.items()
    }
    _correct(tx, document, _moves(deltas, lying, ask.location_id))
    answer = _tell(tx, document, ask.location_id, deltas)
    return Followed(answer, expected, {variant.id: delta for variant, delta in deltas.items()})


# Asked under the lock: what committed after its own time (a parcel that waited for its order) must
# not be found by the same count once more.
_SETTLED: LiteralString = """
    SELECT DISTINCT c.variant_id
    FROM stock.documents d
    JOIN stock.counts c ON c.document_id = d.id
    JOIN unnest(%(variants)s::uuid[], %(counted)s::bigint[]) AS n (variant_id, counted)
      ON n.variant_id = c.variant_id
    WHERE d.location_id = %(location)s AND d.kind = 'count' AND d.at >= %(at)s
      AND (d.counted_at > %(at)s OR (d.counted_at = %(at)s AND c.counted = n.counted))
"""


def _settled(
    tx: Tx, counted: Mapping[Known, int], location: UUID, counted_at: datetime
) -> set[UUID]:
    """The variants of which this count, or a later one, was told before."""
    rows = tx.all(
        _SETTLED,
        variants=[variant.id for variant in counted],
        counted=list(counted.values()),
        location=location,
        at=counted_at,
    )
    return {row.variant_id for row in rows}


# What lies in pools of single channels lies there too; it is all counted together. What an earlier
# count put right counts from that count's own time, not from when it was written down.
_EXPECTED: LiteralString = """
    SELECT b.thing_id,
           sum(b.posted) - coalesce(sum(since.came), 0) + coalesce(sum(since.went), 0) AS pieces
    FROM ledger.balances b
    LEFT JOIN LATERAL (
        SELECT sum(t.amount) FILTER (WHERE t.to_account_id = b.account_id) AS came,
               sum(t.amount) FILTER (WHERE t.from_account_id = b.account_id) AS went
        FROM ledger.transfers t
        LEFT JOIN stock.documents d ON d.id = t.cause_id AND d.kind = 'count'
        WHERE (t.to_account_id = b.account_id OR t.from_account_id = b.account_id)
          AND t.at > %(at)s AND coalesce(d.counted_at, t.at) > %(at)s
    ) since ON true
    WHERE b.place_id = %(location)s AND b.thing_id = ANY(%(variants)s) AND b.kind = 'on_hand'
    GROUP BY b.thing_id
"""


def _lock(tx: Tx, variants: Sequence[Known], location: UUID) -> dict[UUID, list[tuple[UUID, int]]]:
    """What lies there now by variant: (account, pieces), the common account first; locked."""
    ledger.open_accounts(tx, [on_hand(variant, location) for variant in variants], guarded=True)
    rows = tx.all(
        """
        SELECT account_id, thing_id, posted, pool_id FROM ledger.balances
        WHERE place_id = %(location)s AND thing_id = ANY(%(variants)s) AND kind = 'on_hand'
        ORDER BY account_id FOR UPDATE
        """,
        location=location,
        variants=[variant.id for variant in variants],
    )
    lying: dict[UUID, list[tuple[UUID, int]]] = {}
    for row in sorted(rows, key=lambda row: row.pool_id is not None):
        lying.setdefault(row.thing_id, []).append((row.account_id, row.posted))
    return lying


def _expected(tx: Tx, variants: Sequence[Known], location: UUID, at: datetime) -> dict[UUID, int]:
    """What the books say was there at that time."""
    rows = tx.all(_EXPECTED, location=location, variants=[known.id for known in variants], at=at)
    return {row.thing_id: int(row.pieces) for row in rows}


def _store(
    tx: Tx, document: UUID, counted: Mapping[Known, int], expected: Mapping[UUID, int]
) -> None:
    tx.run(
        """
        INSERT INTO stock.counts (document_id, variant_id, counted, expected)
        SELECT %(document)s, * FROM unnest(%(variants)s::uuid[], %(counted)s::bigint[],
                                           %(expected)s::bigint[])
        """,
        document=document,
        variants=[variant.id for variant in counted],
        counted=list(counted.values()),
        expected=[expected[variant.id] for variant in counted],
    )


Move = tuple[UUID, UUID, int]


def _moves(
    deltas: Mapping[Known, int],
    lying: Mapping[UUID, list[tuple[UUID, int]]],
    location: UUID,
) -> list[Move]:
    """What must be booked as found or lost: (from, to, pieces).

    What left after the count cannot be lost once more, so no more is lost than lies there now; the
    common account loses before the pools of single channels.
    """
    moves: list[Move] = []
    for variant, delta in deltas.items():
        found, lost = outside_account("found", variant.unit), outside_account("lost", variant.unit)
        if delta > 0:
            moves.append((found.id, on_hand(variant, location).id, delta))
        missing = -delta
        for account, pieces in lying[variant.id]:
            part = min(max(missing, 0), pieces)
            if part:
                moves.append((account, lost.id, part))
            missing -= part
    return moves


def _correct(tx: Tx, document: UUID, moves: Sequence[Move]) -> None:
    if not moves:
        return
    transfers = [
        ledger.Transfer(
            from_id=one, to_id=other, amount=pieces, reason="counted", cause_id=document
        )
        for one, other, pieces in moves
    ]
    balances = ledger.transfer(tx, transfers, may_fall_short=True)
    assert balances is not None, "no more is lost than lies there"
    settle(tx, balances)


def _tell(tx: Tx, document: UUID, location: UUID, deltas: Mapping[Known, int]) -> Counted:
    found = sum(delta for delta in deltas.values() if delta > 0)
    lost = -sum(delta for delta in deltas.values() if delta < 0)
    fact = StockCounted(
        location_id=location,
        variant_ids=tuple(variant.id for variant in deltas),
        pieces_found=found,
        pieces_lost=lost,
    )
    append(tx, fact, subject=document, version=1)
    return Counted(document, found, lost)
