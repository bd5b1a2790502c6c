"""What orders do in several steps with the outside in between."""

from charsu.orders.carriers import BOOK
from charsu.orders.charging import CHARGE
from charsu.orders.payments import CAPTURE, ORPHAN, REFUND, VOID
from charsu.orders.reconciling.reading import RECONCILE

__all__ = ["BOOK", "CAPTURE", "CHARGE", "ORPHAN", "RECONCILE", "REFUND", "VOID"]
