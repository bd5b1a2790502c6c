"""What orders do in several steps with the outside in between."""

from charsu.orders.charging import CHARGE
from charsu.orders.payments import CAPTURE, ORPHAN, REFUND, VOID

__all__ = ["CAPTURE", "CHARGE", "ORPHAN", "REFUND", "VOID"]
