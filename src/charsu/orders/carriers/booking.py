"""Getting a label: the parcel is committed before the carrier is asked, with no transaction open.

A parcel that is asked for and never answered is asked for again under the same key, so that a
crash at any point leaves one label.
"""

from typing import Any, LiteralString

from charsu.kernel import Hub, Tx
from charsu.kernel.processes import Process, Running, finish
from charsu.orders.carriers.carrier import Booking, Label, Refused
from charsu.orders.carriers.carriers import CARRIERS
from charsu.orders.carriers.labels import keep_label
from charsu.orders.facts import ParcelLabeled, ParcelRefused
from charsu.orders.loaded import load, tell
from charsu.orders.model import Recipient
from charsu.orders.words import logged

_PARCEL: LiteralString = """
    SELECT p.carrier, l.name AS location, o.number, o.country,
           (SELECT sum(value::bigint)::bigint FROM jsonb_each_text(p.lines)) AS pieces,
           coalesce(r.name, '') AS name, coalesce(r.email, '') AS email,
           coalesce(r.phone, '') AS phone, coalesce(r.street, '') AS street,
           coalesce(r.postcode, '') AS postcode, coalesce(r.town, '') AS town
    FROM orders.parcels p
    JOIN orders.fulfillments f ON f.id = p.fulfillment_id
    JOIN stock.locations l ON l.id = f.location_id
    JOIN orders.orders o ON o.id = f.order_id
    LEFT JOIN orders.recipients r ON r.order_id = o.id
    WHERE p.id = %(id)s
"""


def _book(hub: Hub, running: Running) -> None:
    row: Any = hub.read(lambda tx: tx.first(_PARCEL, id=running.id))
    ask = Booking(
        key=running.key,
        order_number=row.number,
        from_location=row.location,
        to=Recipient(
            name=row.name,
            email=row.email,
            phone=row.phone,
            street=row.street,
            postcode=row.postcode,
            town=row.town,
        ),
        country=row.country,
        pieces=row.pieces,
    )
    answer = CARRIERS[row.carrier].book(ask)
    with hub.writing("orders.parcel_answered") as tx:
        _store(tx, running, row.carrier, answer)


def _store(tx: Tx, running: Running, carrier: str, answer: Label | Refused) -> None:
    order = load(tx, running.subject_id)
    if not finish(tx, running, failed=isinstance(answer, Refused)):
        return
    is_made = isinstance(answer, Label)
    tx.run(
        """
        UPDATE orders.parcels
        SET state = %(state)s, tracking_number = %(tracking)s, reason = %(reason)s
        WHERE id = %(id)s AND state = 'asked'
        """,
        id=running.id,
        state="labeled" if is_made else "refused",
        tracking=answer.tracking_number if isinstance(answer, Label) else "",
        reason=answer.reason if isinstance(answer, Refused) else "",
    )
    if isinstance(answer, Label):
        keep_label(tx, running.id, order=order.id, document=answer.document)
        tell(tx, order, ParcelLabeled(parcel_id=running.id, carrier=carrier))
    else:
        refused = ParcelRefused(parcel_id=running.id, carrier=carrier, reason=logged(answer.reason))
        tell(tx, order, refused)


BOOK = Process("orders.book_parcel", {"book": _book})
