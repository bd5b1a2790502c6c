"""What happened to an order."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from charsu.kernel import Tx, query
from charsu.orders.queries.read_order import places_of_order


class AskHistory(Struct, frozen=True, kw_only=True):
    """Of which order."""

    order_id: UUID


class HistoryEntry(Struct, frozen=True, kw_only=True):
    """One thing that happened to an order."""

    version: int
    name: str
    at: datetime
    actor_id: UUID
    body: dict[str, Any]


class History(Struct, frozen=True):
    """Everything that happened, in order."""

    items: tuple[HistoryEntry, ...]


@query(
    "orders.history",
    permission="orders.read",
    at=places_of_order,
    http="GET /v1/orders/{order_id}/history",
)
def order_history(tx: Tx, ask: AskHistory) -> History:
    """Everything that happened to an order, by whom and when, as the log has it; why, in words, as
    long as its customer is known."""
    rows = tx.all(
        """
        SELECT f.version, f.name, f.at, f.actor_id,
               CASE WHEN w.reason IS NULL THEN f.body
                    ELSE jsonb_set(f.body, '{reason}', to_jsonb(w.reason)) END AS body
        FROM kernel.facts f
        LEFT JOIN orders.words w ON (w.order_id, w.version) = (f.subject_id, f.version)
        WHERE f.subject_id = %(order)s ORDER BY f.version
        """,
        order=ask.order_id,
    )
    return History(tuple(HistoryEntry(**row._asdict()) for row in rows))
