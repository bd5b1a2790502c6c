"""What the business calls itself, and where its day begins."""

from msgspec import Struct

from charsu.kernel import Setting, Tx

NAME = Setting("business.name", str, "Charsu", "What the business is called on its pages.")
TIME_ZONE = Setting("business.time_zone", str, "UTC", "IANA zone in which its days begin.")
CURRENCY = Setting("business.currency", str, "EUR", "The currency that is shown first.")


class Business(Struct, frozen=True):
    """The business as its pages name it."""

    name: str
    time_zone: str
    currency: str


def business(tx: Tx) -> Business:
    """The business as it is set up now."""
    return Business(tx.setting(NAME), tx.setting(TIME_ZONE), tx.setting(CURRENCY))
