"""Stock of the past: where goods lay, came and went before the shop was here."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal, LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.catalog import mark_sold_at, sku_key
from charsu.kernel import Tx, ledger
from charsu.kernel.bulk import copy_csv
from charsu.kernel.ledger.bulk import copy_accounts, copy_transfers
from charsu.stock.model import outside_account
from charsu.stock.operations.count import OLDEST, CountedLine, CountStock, follow_count

DOCUMENTS = ("id", "kind", "location_id", "reference", "at", "version")
VARIANTS_IN_A_DOCUMENT = 1000  # so that no fact about one grows huge

# A fact of the past has the id of the document that it is the only fact of.
_TELL: LiteralString = """
    INSERT INTO kernel.facts
        (id, name, subject_id, version, at, actor_id, operation, is_historical, body)
    SELECT d.id, 'stock.stock_moved', d.id, 1, d.at, %(actor)s, %(operation)s, true,
           jsonb_build_object('kind', d.kind, 'location_id', d.location_id, 'variant_ids',
                              jsonb_agg(DISTINCT a.thing_id))
    FROM stock.documents d
    JOIN ledger.transfers t ON t.cause_id = d.id
    JOIN ledger.accounts a ON a.id IN (t.from_account_id, t.to_account_id) AND a.is_guarded
    WHERE d.id = ANY(%(documents)s)
    GROUP BY d.id ORDER BY d.at, d.id
"""

# As in ``reactions``: more of some variant lies there than is promised.
_LYING: LiteralString = """
    SELECT place_id AS location_id, array_agg(thing_id) AS variant_ids
    FROM ledger.balances
    WHERE place_id = ANY(%(locations)s) AND kind = 'on_hand' AND posted > held
    GROUP BY place_id ORDER BY place_id
"""


def copy_past_levels(tx: Tx, accounts: Iterable[bytes], balances: Iterable[bytes]) -> int:
    """Open the accounts of a history, each with what it comes to; see ``ledger.bulk``."""
    return copy_accounts(tx, accounts, balances)


def show_past_levels(tx: Tx, locations: Sequence[UUID]) -> None:
    """Let searches bound to these locations find what lies there.

    For levels that were copied: facts of the past tell of them, and nothing reacts to those.
    """
    for row in tx.all(_LYING, locations=list(locations)):
        mark_sold_at(tx, row.location_id, row.variant_ids)


def open_outside(tx: Tx, units: Iterable[str]) -> None:
    """Make sure that goods of these units have somewhere to come from and go to."""
    kinds = ("supplier", "sold", "lost", "found")
    outside = [outside_account(kind, unit) for unit in units for kind in kinds]
    ledger.open_accounts(tx, outside, guarded=False)


def copy_past_documents(
    tx: Tx, documents: Iterable[bytes], transfers: Iterable[bytes], *, ids: Sequence[UUID | str]
) -> int:
    """Take over documents with their transfers; one historical fact tells of each.

    documents   CSV of DOCUMENTS, at version 1, of at most VARIANTS_IN_A_DOCUMENT variants each
    transfers   CSV of ``ledger.bulk.TRANSFERS``, whose causes are the documents
    ids         of the documents
    """
    copied = copy_csv(tx, "stock.documents", DOCUMENTS, documents)
    copy_transfers(tx, transfers)
    tx.run(_TELL, documents=list(ids), actor=tx.actor.id, operation=tx.operation)
    return copied


def copy_past_sales(tx: Tx, transfers: Iterable[bytes]) -> int:
    """Take over what left with orders of the past; the orders' facts tell of it."""
    return copy_transfers(tx, transfers)


class PastCount(Struct, frozen=True):
    """So many pieces of a variant were found at a location (its code); without a time, now."""

    sku: str
    location: str
    on_hand: int
    counted_at: datetime | None = None


Effect = Literal["changed", "unchanged", "sku_unknown", "location_unknown", "out_of_time"]


class CountOutcome(Struct, frozen=True):
    """What one of many counts did.

    before   what the books said was there at the time of the count
    """

    effect: Effect
    before: int | None = None


_BOOKS: LiteralString = """
    SELECT n.place, n.at_place, l.id AS location_id, v.id AS variant_id, v.sku,
           coalesce(b.pieces, CASE WHEN b.accounts > 0 THEN 0 END) AS pieces,
           EXISTS (
               SELECT FROM stock.documents d
               JOIN stock.counts c ON c.document_id = d.id AND c.variant_id = v.id
               WHERE d.location_id = l.id AND d.kind = 'count'
                 AND (d.counted_at > n.at OR (d.counted_at = n.at AND c.counted = n.counted))
           ) AS is_known
    FROM unnest(%(places)s::text[], %(keys)s::text[], %(counted)s::bigint[],
                %(times)s::timestamptz[]) WITH ORDINALITY AS n (at_place, key, counted, at, place)
    LEFT JOIN stock.locations l ON l.code = n.at_place
    LEFT JOIN catalog.variants v ON v.sku_key = n.key
    LEFT JOIN LATERAL (
        SELECT sum(posted)::bigint AS pieces, count(*) AS accounts FROM ledger.balances
        WHERE place_id = l.id AND thing_id = v.id AND kind = 'on_hand'
    ) b ON true
    ORDER BY n.place
"""


def put_many_counts(tx: Tx, counts: Sequence[PastCount]) -> list[CountOutcome]:
    """Let the books follow any number of counts; one outcome for each, in their order.

    A count that was put before, that a later one has made out of date, or that agrees with the
    books of now, changes nothing.
    """
    books = tx.all(
        _BOOKS,
        places=[count.location for count in counts],
        keys=[sku_key(count.sku) for count in counts],
        counted=[count.on_hand for count in counts],
        times=[count.counted_at for count in counts],
    )
    groups: dict[tuple[UUID, datetime | None], dict[int, CountedLine]] = {}
    outcomes: list[CountOutcome] = []
    for place, (count, row) in enumerate(zip(counts, books, strict=True)):
        outcomes.append(_known_outcome(count, row, now=tx.now))
        if outcomes[-1].effect == "changed":
            lines = groups.setdefault((row.location_id, count.counted_at), {})
            lines[place] = CountedLine(sku=row.sku, on_hand=count.on_hand)
    for (location, at), lines in groups.items():
        ask = CountStock(location_id=location, lines=tuple(lines.values()), counted_at=at)
        followed = follow_count(tx, ask)
        for place in lines:
            variant = books[place].variant_id
            effect: Effect = "changed" if followed.deltas[variant] else "unchanged"
            outcomes[place] = CountOutcome(effect, followed.expected[variant])
    return outcomes


def _known_outcome(count: PastCount, row: Any, *, now: datetime) -> CountOutcome:
    """What can be said before counting; ``changed`` is to be counted."""
    if row.variant_id is None:
        return CountOutcome("sku_unknown")
    if row.location_id is None:
        return CountOutcome("location_unknown")
    if not now - OLDEST <= (count.counted_at or now) <= now:
        return CountOutcome("out_of_time")
    if row.is_known or (count.counted_at is None and row.pieces == count.on_hand):
        return CountOutcome("unchanged", row.pieces)
    return CountOutcome("changed")
