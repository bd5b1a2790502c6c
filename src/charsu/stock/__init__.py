"""Stock: where goods are, what may be promised, and one number that is right everywhere."""

from charsu.stock.availability import available_to_promise, on_offer, pieces_by_variant
from charsu.stock.documents import Known, StockDocument, StockLine
from charsu.stock.errors import GoodsNotThere, HoldGone, NotEnoughStock, Shortfall
from charsu.stock.hours import (
    ALWAYS,
    Opening,
    after_open_time,
    is_working_day,
    last_open_moment,
    opening_of,
)
from charsu.stock.missing import take_off_sale
from charsu.stock.model import (
    Available,
    ClockTime,
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
from charsu.stock.operations.allocate import AllocateStock
from charsu.stock.operations.count import CountedLine, CountStock
from charsu.stock.operations.locations import PutLocation, ServeChannel, SetBuffer
from charsu.stock.operations.receive import ReceiveStock
from charsu.stock.operations.set_aside import SetAside
from charsu.stock.operations.write_off import WriteOffStock
from charsu.stock.promises import Choose, claim, hold, let_go, take_back, tell_expired
from charsu.stock.queries.serving import offers_pickup, pickup_places, places_of, serving_others
from charsu.stock.returned import Inspected, Returned, let_out_inspected, take_in_returned

__all__ = [
    "ALWAYS",
    "AllocateStock",
    "Available",
    "Choose",
    "ClockTime",
    "CountStock",
    "CountedLine",
    "GoodsNotThere",
    "HoldGone",
    "Inspected",
    "Known",
    "NotEnoughStock",
    "Opening",
    "Pick",
    "Place",
    "PutLocation",
    "ReceiveStock",
    "Returned",
    "ServeChannel",
    "SetAside",
    "SetBuffer",
    "Shortfall",
    "StockDocument",
    "StockLine",
    "Want",
    "WriteOffStock",
    "after_open_time",
    "allocate_to_channel",
    "available_to_promise",
    "claim",
    "count_stock",
    "distance_km",
    "hold",
    "is_working_day",
    "last_open_moment",
    "let_go",
    "let_out_inspected",
    "offers_pickup",
    "on_offer",
    "opening_of",
    "outside_account",
    "pickup_places",
    "pieces_by_variant",
    "places_of",
    "put_location",
    "receive_stock",
    "serve_channel",
    "serving_others",
    "set_aside",
    "set_buffer",
    "stock_account",
    "take_back",
    "take_in_returned",
    "take_off_sale",
    "tell_expired",
    "write_off_stock",
]
