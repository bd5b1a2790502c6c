"""The test carrier tells of its parcels as others do, so that a demo lives."""

from typing import LiteralString

from charsu.kernel import SYSTEM, Hub
from charsu.orders.carriers import TEST_CARRIER, way_of
from charsu.orders.operations.note_parcel import NoteParcel, note_parcel

BATCH = 100

_UNDER_WAY: LiteralString = """
    SELECT tracking_number, shipped_at, noted_at FROM orders.shipments
    WHERE carrier = 'test' AND starts_with(tracking_number, 'TEST')
      AND state NOT IN ('delivered', 'returned_to_sender', 'lost')
      AND shipped_at <= %(now)s ORDER BY coalesce(noted_at, shipped_at) LIMIT %(limit)s
"""


def play_test_carrier(hub: Hub) -> int:
    """Tell what became of the test carrier's parcels until now; how much there was to tell."""
    with hub.reading() as tx:
        if not tx.setting(TEST_CARRIER):
            return 0
        now, parcels = tx.now, tx.all(_UNDER_WAY, now=tx.now, limit=BATCH)
    due = [
        NoteParcel(carrier="test", tracking_number=one.tracking_number, event=event, at=at)
        for one in parcels
        for at, event in way_of(one.tracking_number, one.shipped_at)
        if at <= now and (one.noted_at is None or at > one.noted_at)
    ]
    for ask in due:
        key = f"test:{ask.tracking_number}:{ask.event}:{ask.at}"
        hub.run(note_parcel, ask, actor=SYSTEM, key=key)
    return len(due)
