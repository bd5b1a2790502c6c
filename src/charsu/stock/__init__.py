"""Stock: where goods are, what may be promised, and one number that is right everywhere."""

from charsu.stock.availability import available_to_promise, pieces_by_variant
from charsu.stock.errors import GoodsNotThere, HoldGone, NotEnoughStock, Shortfall
from charsu.stock.model import (
    Available,
    Pick,
    Place,
    Want,
    distance_km,
    outside_account,
    stock_account,
)
from charsu.stock.operations import (
    allocate_to_channel,
    count_stock,
    put_location,
    receive_stock,
    serve_channel,
    set_aside,
    set_buffer,
    write_off_stock,
)
from charsu.stock.promises import Choose, hold, let_go, take_back, tell_expired

__all__ = [
    "Available",
    "Choose",
    "GoodsNotThere",
    "HoldGone",
    "NotEnoughStock",
    "Pick",
    "Place",
    "Shortfall",
    "Want",
    "allocate_to_channel",
    "available_to_promise",
    "count_stock",
    "distance_km",
    "hold",
    "let_go",
    "outside_account",
    "pieces_by_variant",
    "put_location",
    "receive_stock",
    "serve_channel",
    "set_aside",
    "set_buffer",
    "stock_account",
    "take_back",
    "tell_expired",
    "write_off_stock",
]
