"""Labels of parcels: they name the customer, so they are kept for as long as they may be printed.

A label lives with whom its order is for: where that is erased, the database takes it along.
"""

from datetime import timedelta
from typing import LiteralString
from uuid import UUID

from charsu.kernel import Setting, Tx

LABEL_DAYS = Setting(
    "orders.label_days",
    int,
    14,
    "Days after which a parcel's label is forgotten, if its carrier never says that it has it.",
)
BATCH = 500

# Whoever erases a customer while the carrier is asked leaves nothing to keep the label with.
_KEEP: LiteralString = """
    INSERT INTO orders.labels (parcel_id, order_id, document, made_at)
    SELECT %(parcel)s, r.order_id, %(document)s, %(now)s
    FROM orders.recipients r WHERE r.order_id = %(order)s AND %(document)s <> ''
    FOR KEY SHARE OF r
"""

_FORGET_OLD: LiteralString = """
    DELETE FROM orders.labels WHERE parcel_id IN (
        SELECT parcel_id FROM orders.labels WHERE made_at <= %(before)s
        ORDER BY made_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
"""


def keep_label(tx: Tx, parcel: UUID, *, order: UUID, document: str) -> None:
    """Keep what a carrier made, unless whom it names was erased meanwhile."""
    tx.run(_KEEP, parcel=parcel, order=order, document=document, now=tx.now)


def forget_label(tx: Tx, parcel: UUID) -> None:
    """Nobody needs the address any more."""
    tx.run("DELETE FROM orders.labels WHERE parcel_id = %(parcel)s", parcel=parcel)


def forget_labels(tx: Tx) -> int:
    """Forget labels that are older than the shop says; how many there were."""
    before = tx.now - timedelta(days=tx.setting(LABEL_DAYS))
    return tx.run(_FORGET_OLD, before=before, limit=BATCH)
