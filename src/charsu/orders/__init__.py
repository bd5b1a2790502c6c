"""Orders: one life cycle for every channel, from the promise to the last refund."""

from charsu.orders.delivery import (
    Delivery,
    PutDeliveryMethod,
    Rate,
    deliveries,
    delivery_for,
    put_delivery_method,
    with_deliveries,
)
from charsu.orders.errors import (
    AlreadyPaid,
    DeliveryUnknown,
    ExternalOrderTaken,
    LocationNeeded,
    NoPickupHere,
    NotForSale,
    PaymentDeclined,
    PaymentReferenceTaken,
    PriceMoved,
    ProviderUnknown,
    RefundTooLarge,
    TooMany,
    WrongStep,
)
from charsu.orders.goods import Channel, Goods, channel_of, goods_of
from charsu.orders.model import Country, Ids, Quantity, Recipient
from charsu.orders.operations import (
    cancel_order,
    hand_over,
    make_ready,
    pay_order,
    place_order,
    refund_order,
    reroute,
    return_goods,
    ship_parcel,
)
from charsu.orders.operations.cancel import CancelOrder
from charsu.orders.operations.hand_over import HandOver, MakeReady, Pieces
from charsu.orders.operations.pay import PayOrder
from charsu.orders.operations.place import BuyLine, PlaceOrder, with_delivery
from charsu.orders.operations.refund import RefundOrder
from charsu.orders.operations.reroute import Reroute
from charsu.orders.operations.return_goods import ReturnGoods, ReturnLine
from charsu.orders.operations.ship import ShipParcel
from charsu.orders.placing import Draft, Placed, Promised, store_order
from charsu.orders.queries.read_order import AskOrder, OrderView, read_order
from charsu.orders.sourcing import fewest_then_nearest

__all__ = [
    "AlreadyPaid",
    "AskOrder",
    "BuyLine",
    "CancelOrder",
    "Channel",
    "Country",
    "Delivery",
    "DeliveryUnknown",
    "Draft",
    "ExternalOrderTaken",
    "Goods",
    "HandOver",
    "Ids",
    "LocationNeeded",
    "MakeReady",
    "NoPickupHere",
    "NotForSale",
    "OrderView",
    "PayOrder",
    "PaymentDeclined",
    "PaymentReferenceTaken",
    "Pieces",
    "PlaceOrder",
    "Placed",
    "PriceMoved",
    "Promised",
    "ProviderUnknown",
    "PutDeliveryMethod",
    "Quantity",
    "Rate",
    "Recipient",
    "RefundOrder",
    "RefundTooLarge",
    "Reroute",
    "ReturnGoods",
    "ReturnLine",
    "ShipParcel",
    "TooMany",
    "WrongStep",
    "cancel_order",
    "channel_of",
    "deliveries",
    "delivery_for",
    "fewest_then_nearest",
    "goods_of",
    "hand_over",
    "make_ready",
    "pay_order",
    "place_order",
    "put_delivery_method",
    "read_order",
    "refund_order",
    "reroute",
    "return_goods",
    "ship_parcel",
    "store_order",
    "with_deliveries",
    "with_delivery",
]
