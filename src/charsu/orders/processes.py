"""What orders do in several steps with the outside in between."""

from charsu.orders.charging import CHARGE, ChargeOrder

__all__ = ["CHARGE", "ChargeOrder"]
