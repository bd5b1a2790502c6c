"""Verbs of stock, one to a file."""

from charsu.stock.operations.allocate import allocate_to_channel
from charsu.stock.operations.count import count_stock
from charsu.stock.operations.locations import put_location, serve_channel, set_buffer
from charsu.stock.operations.receive import receive_stock
from charsu.stock.operations.set_aside import set_aside
from charsu.stock.operations.write_off import write_off_stock

__all__ = [
    "allocate_to_channel",
    "count_stock",
    "put_location",
    "receive_stock",
    "serve_channel",
    "set_aside",
    "set_buffer",
    "write_off_stock",
]
