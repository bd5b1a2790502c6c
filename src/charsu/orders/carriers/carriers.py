"""Who takes parcels for this shop."""

from charsu.kernel import Setting, Tx
from charsu.orders.carriers.carrier import Carrier
from charsu.orders.carriers.pretending import TestCarrier
from charsu.orders.errors import CarrierUnknown

CARRIERS: dict[str, Carrier] = {"test": TestCarrier()}
"""By name, as parcels keep it. Parcels of other carriers are sent with a number typed in."""

TEST_CARRIER = Setting(
    "orders.test_carrier",
    bool,
    False,
    "Parcels may be given to the test carrier, which takes them nowhere. For demos only.",
)


def check_offered(tx: Tx, name: str) -> None:
    """Raises CarrierUnknown where no label can be had from it here."""
    if name not in CARRIERS or (name == "test" and not tx.setting(TEST_CARRIER)):
        raise CarrierUnknown(name)
