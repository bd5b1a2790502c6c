"""A carrier that takes nothing anywhere: for tests, for the demo, and for trying a shop out."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from charsu.kernel.processes import Outside
from charsu.kernel.webhooks.signing import is_signed
from charsu.orders.carriers.carrier import Booking, Label, News, ParcelEvent, Refused
from charsu.orders.errors import EventForged

NOWHERE = "Nowhere"
SILENCE = "Silence"
AWAY = "Away"
LIMBO = "Limbo"

SIGNED_WITH = "CHARSU_TEST_CARRIER_SECRET"
"""Where the environment names what proves its messages, as ``whsec_…``."""

_NUMBERS = {AWAY: "TESTBACK", LIMBO: "TESTLOST"}
_ARRIVES: tuple[tuple[int, ParcelEvent], ...] = (
    (1, "collected"),
    (4, "in_transit"),
    (20, "out_for_delivery"),
    (24, "delivered"),
)
_COMES_BACK: tuple[tuple[int, ParcelEvent], ...] = (
    *_ARRIVES[:3],
    (24, "failed_attempt"),
    (44, "out_for_delivery"),
    (48, "failed_attempt"),
    (72, "returned_to_sender"),
)
_IS_LOST: tuple[tuple[int, ParcelEvent], ...] = ((1, "collected"), (72, "lost"))
"""What becomes of a parcel, and after how many minutes: for others these are hours."""
_ZPL = """^XA
^FO40,40^A0N,40,40^FDTEST - DO NOT SEND^FS
^FO40,100^A0N,30,30^FD{name}^FS
^FO40,140^A0N,30,30^FD{street}^FS
^FO40,180^A0N,30,30^FD{postcode} {town} {country}^FS
^FO40,240^BCN,100,Y,N,N^FD{number}^FS
^XZ
"""


class TestCarrier:
    """Takes parcels to every town but Nowhere, and never answers about Silence. What goes to Away
    finds nobody at home and comes back; what goes to Limbo is lost.

    It remembers nothing: the same call has the same answer because that follows from what is asked.
    """

    __test__ = False  # the name is the trade's, it is no test case

    def book(self, ask: Booking) -> Label | Refused:
        """A label in the language of Zebra's printers."""
        if ask.to.town == SILENCE:
            raise Outside("the carrier does not answer")
        if ask.to.town == NOWHERE or not ask.to.street:
            return Refused("no such address")
        digest = hashlib.blake2b(ask.key.encode(), digest_size=6).hexdigest().upper()
        number = _NUMBERS.get(ask.to.town, "TEST") + digest
        to = {
            name: _plain(getattr(ask.to, name)) for name in ("name", "street", "postcode", "town")
        }
        return Label(
            tracking_number=number, document=_ZPL.format(number=number, country=ask.country, **to)
        )

    def read_events(
        self, headers: Mapping[str, str], body: bytes, *, now: datetime
    ) -> Sequence[News]:
        """A message signed as Standard Webhooks are, with what the environment names."""
        key = os.environ.get(SIGNED_WITH, "")
        if not key or not is_signed(headers, body, key=key, now=now):
            raise EventForged
        try:
            said = msgspec.json.decode(body, type=_Message)
        except msgspec.MsgspecError:
            return ()
        name = headers["webhook-id"]
        return tuple(
            News(
                event_id=f"{name}:{place}",
                tracking_number=one.tracking_number,
                event=one.event,
                at=one.at,
            )
            for place, one in enumerate(said.events)
        )


class _Event(Struct, frozen=True):
    tracking_number: Annotated[str, Meta(min_length=1, max_length=128)]
    event: ParcelEvent
    at: Annotated[datetime, Meta(tz=True)]


class _Message(Struct, frozen=True):
    events: Annotated[tuple[_Event, ...], Meta(max_length=200)]


def way_of(number: str, shipped_at: datetime) -> list[tuple[datetime, ParcelEvent]]:
    """What becomes of a parcel of this number, and when."""
    way = _ARRIVES
    if number.startswith(_NUMBERS[AWAY]):
        way = _COMES_BACK
    elif number.startswith(_NUMBERS[LIMBO]):
        way = _IS_LOST
    return [(shipped_at + timedelta(minutes=after), event) for after, event in way]


def _plain(text: str) -> str:
    """Text that is no command to the printer."""
    return text.replace("^", " ").replace("~", " ")
