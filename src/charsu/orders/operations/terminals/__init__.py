"""What is done with card terminals in stores, one verb to a file."""

from charsu.orders.operations.terminals.cancel import cancel_terminal_payment
from charsu.orders.operations.terminals.close import close_terminal
from charsu.orders.operations.terminals.note import note_terminal_payment
from charsu.orders.operations.terminals.put import put_terminal
from charsu.orders.operations.terminals.resolve import resolve_terminal_payment
from charsu.orders.operations.terminals.start import start_terminal_payment

__all__ = [
    "cancel_terminal_payment",
    "close_terminal",
    "note_terminal_payment",
    "put_terminal",
    "resolve_terminal_payment",
    "start_terminal_payment",
]
