"""By when each step of a fulfillment must be done: time runs while the location is open."""

from datetime import datetime, timedelta
from uuid import UUID

from charsu.kernel import Setting, Tx
from charsu.stock import after_open_time, last_open_moment, opening_of

SHIP_HOURS = Setting("orders.ship_hours", int, 24, "Hours in which a parcel should leave.")
PICKUP_HOURS = Setting(
    "orders.pickup_hours", int, 2, "Opening hours in which a pick-up should be ready."
)
ACCEPT_MINUTES = Setting(
    "orders.accept_minutes",
    int,
    30,
    "Minutes, while it is open, in which a location should accept a pick-up.",
)
PICK_MINUTES = Setting(
    "orders.pick_minutes",
    int,
    60,
    "Minutes, while it is open, in which a location should lay out what it has accepted.",
)
COLLECT_DAYS = Setting(
    "orders.collect_days", int, 7, "Days in which a customer should collect what is laid out."
)
CHOICE_HOURS = Setting(
    "orders.choice_hours", int, 24, "Hours in which a customer may say what she wants instead."
)
PICKUP_REMINDER_HOURS = Setting(
    "orders.pickup_reminder_hours",
    int,
    24,
    "Hours before the end of a pick-up, at most half its time, when a customer is reminded of it;"
    " 0 for never.",
)
CHOICE_REMINDER_HOURS = Setting(
    "orders.choice_reminder_hours",
    int,
    4,
    "Hours before the end of a choice, at most half its time, when a customer is reminded of it;"
    " 0 for never.",
)
EXCEPTION_HOURS = Setting(
    "orders.exception_hours",
    int,
    4,
    "Hours in which somebody must see to an exception before the manager has to.",
)


def ready_by(tx: Tx, location: UUID) -> datetime:
    """When a pick-up asked for now should be laid out there."""
    return after_open_time(
        opening_of(tx, location), tx.now, timedelta(hours=tx.setting(PICKUP_HOURS))
    )


def accept_by(tx: Tx, location: UUID) -> datetime:
    """When a location should have accepted what it is asked now."""
    return after_open_time(
        opening_of(tx, location), tx.now, timedelta(minutes=tx.setting(ACCEPT_MINUTES))
    )


def pick_by(tx: Tx, location: UUID) -> datetime:
    """When a location should have laid out what it accepts now."""
    return after_open_time(
        opening_of(tx, location), tx.now, timedelta(minutes=tx.setting(PICK_MINUTES))
    )


def collect_by(tx: Tx, location: UUID) -> datetime:
    """Until when a customer may collect what is laid out now: the store is open to the last."""
    last = tx.now + timedelta(days=tx.setting(COLLECT_DAYS))
    return max(last_open_moment(opening_of(tx, location), last), tx.now)


def ship_by(tx: Tx) -> datetime:
    """When a parcel asked for now should leave."""
    return tx.now + timedelta(hours=tx.setting(SHIP_HOURS))
