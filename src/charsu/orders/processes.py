"""What orders do in several steps with the outside in between."""

from charsu.orders.carriers import BOOK
from charsu.orders.charging import CHARGE
from charsu.orders.payments import CAPTURE, ORPHAN, REFUND, VOID
from charsu.orders.reconciling.reading import RECONCILE
from charsu.orders.terminals.closing import CLOSE
from charsu.orders.terminals.paying import TERMINAL

__all__ = [
    "BOOK",
    "CAPTURE",
    "CHARGE",
    "CLOSE",
    "ORPHAN",
    "RECONCILE",
    "REFUND",
    "TERMINAL",
    "VOID",
]
