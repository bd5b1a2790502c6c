"""A carrier that takes nothing anywhere: for tests, for the demo, and for trying a shop out."""

import hashlib

from charsu.kernel.processes import Outside
from charsu.orders.carriers.carrier import Booking, Label, Refused

NOWHERE = "Nowhere"
SILENCE = "Silence"
_ZPL = """^XA
^FO40,40^A0N,40,40^FDTEST - DO NOT SEND^FS
^FO40,100^A0N,30,30^FD{name}^FS
^FO40,140^A0N,30,30^FD{street}^FS
^FO40,180^A0N,30,30^FD{postcode} {town} {country}^FS
^FO40,240^BCN,100,Y,N,N^FD{number}^FS
^XZ
"""


class TestCarrier:
    """Takes parcels to every town but Nowhere, and never answers about Silence.

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
        number = f"TEST{digest}"
        to = {
            name: _plain(getattr(ask.to, name)) for name in ("name", "street", "postcode", "town")
        }
        return Label(
            tracking_number=number, document=_ZPL.format(number=number, country=ask.country, **to)
        )


def _plain(text: str) -> str:
    """Text that is no command to the printer."""
    return text.replace("^", " ").replace("~", " ")
