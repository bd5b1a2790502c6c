"""How far a parcel is, whatever the order in which its carrier's messages come."""

from datetime import datetime
from typing import Literal

from charsu.orders.carriers.carrier import ParcelEvent

ShipmentState = Literal["shipped"] | ParcelEvent

_STAGES: dict[ShipmentState, int] = {
    "shipped": 0,
    "collected": 1,
    "in_transit": 1,
    "out_for_delivery": 1,
    "failed_attempt": 1,
    "lost": 2,
    "delivered": 3,
    "returned_to_sender": 3,
}
"""A later stage counts whenever it is told: a lost parcel may yet be delivered."""
_STEPS: tuple[ShipmentState, ...] = tuple(_STAGES)
_REPEATED: frozenset[ShipmentState] = frozenset({"failed_attempt"})
"""What may happen once more with nothing in between."""


def is_news(
    said: ParcelEvent, at: datetime, *, state: ShipmentState, state_at: datetime | None
) -> bool:
    """Whether a parcel stands otherwise now that its carrier says this.

    Within a stage the later moment counts, at the same moment what comes later on the way.

    at, state_at   when that was, as the carrier says; none: nothing was said yet
    """
    if _STAGES[said] != _STAGES[state]:
        return _STAGES[said] > _STAGES[state]
    if state_at is None:
        return True
    if said == state:
        return said in _REPEATED and at > state_at
    return (at, _STEPS.index(said)) > (state_at, _STEPS.index(state))
