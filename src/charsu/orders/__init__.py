"""Orders: one life cycle for every channel, from the promise to the last refund."""

from charsu.orders.card_numbers import refuse_card_numbers
from charsu.orders.carriers import CARRIERS
from charsu.orders.delivery import (
    Delivery,
    PutDeliveryMethod,
    Rate,
    Zone,
    deliveries,
    delivery_for,
    put_delivery_method,
    with_deliveries,
)
from charsu.orders.erasing import OpenBusiness, Unfinished, forget_people, unfinished
from charsu.orders.errors import (
    AddressNeeded,
    AlreadyPaid,
    CardNumberShown,
    CarrierUnknown,
    CodeElsewhere,
    CodeLocked,
    DeliveryUnknown,
    DifferenceMoved,
    EventForged,
    ExternalOrderTaken,
    LineElsewhere,
    LocationNeeded,
    NoPickupHere,
    NotForSale,
    NotOffered,
    PaymentDeclined,
    PaymentReferenceTaken,
    PriceMoved,
    ProofNeeded,
    ProviderUnknown,
    RefundTooLarge,
    TooMany,
    WrongStep,
)
from charsu.orders.exceptions import order_of_exception
from charsu.orders.goods import Channel, Goods, channel_named, channel_of, goods_of
from charsu.orders.model import Country, Ids, Placed, Quantity, Recipient
from charsu.orders.operations import (
    accept,
    cancel_order,
    check_pickup_code,
    choose,
    exchange_goods,
    hand_over,
    inspect_return,
    make_ready,
    note_parcel,
    pay_order,
    pick,
    place_order,
    put_back,
    refund_order,
    reject,
    reroute,
    return_goods,
    ship_parcel,
)
from charsu.orders.operations.accept import AcceptFulfillment, RejectFulfillment
from charsu.orders.operations.cancel import CancelOrder
from charsu.orders.operations.choose import Address, ChooseInstead, Chosen
from charsu.orders.operations.exchange import DifferencePaid, ExchangeGoods
from charsu.orders.operations.hand_over import CheckPickupCode, HandOver, MakeReady, Pieces
from charsu.orders.operations.inspect_return import InspectedLine, InspectReturn
from charsu.orders.operations.note_parcel import NoteParcel
from charsu.orders.operations.pay import PayOrder
from charsu.orders.operations.pick import PickFulfillment
from charsu.orders.operations.place import BuyLine, PlaceOrder, with_delivery
from charsu.orders.operations.put_back import PutBack
from charsu.orders.operations.refund import RefundOrder
from charsu.orders.operations.reroute import Reroute
from charsu.orders.operations.return_goods import ReturnGoods, ReturnLine
from charsu.orders.operations.ship import ShipParcel
from charsu.orders.operations.terminals import note_terminal_payment, put_terminal
from charsu.orders.operations.terminals.note import NoteTerminalPayment
from charsu.orders.operations.terminals.put import TEST_TERMINAL, PutTerminal
from charsu.orders.placing import Draft, Promised, store_order
from charsu.orders.promising import Promise, promise_for
from charsu.orders.queries.choices import OpenChoice, choices_of
from charsu.orders.queries.orphans import count_orphans
from charsu.orders.queries.read_order import AskOrder, OrderView, read_order
from charsu.orders.sourcing import fewest_then_nearest
from charsu.orders.summing_up import OrderSummary, summary_of

__all__ = [
    "CARRIERS",
    "TEST_TERMINAL",
    "AcceptFulfillment",
    "Address",
    "AddressNeeded",
    "AlreadyPaid",
    "AskOrder",
    "BuyLine",
    "CancelOrder",
    "CardNumberShown",
    "CarrierUnknown",
    "Channel",
    "CheckPickupCode",
    "ChooseInstead",
    "Chosen",
    "CodeElsewhere",
    "CodeLocked",
    "Country",
    "Delivery",
    "DeliveryUnknown",
    "DifferenceMoved",
    "DifferencePaid",
    "Draft",
    "EventForged",
    "ExchangeGoods",
    "ExternalOrderTaken",
    "Goods",
    "HandOver",
    "Ids",
    "InspectReturn",
    "InspectedLine",
    "LineElsewhere",
    "LocationNeeded",
    "MakeReady",
    "NoPickupHere",
    "NotForSale",
    "NotOffered",
    "NoteParcel",
    "NoteTerminalPayment",
    "OpenBusiness",
    "OpenChoice",
    "OrderSummary",
    "OrderView",
    "PayOrder",
    "PaymentDeclined",
    "PaymentReferenceTaken",
    "PickFulfillment",
    "Pieces",
    "PlaceOrder",
    "Placed",
    "PriceMoved",
    "Promise",
    "Promised",
    "ProofNeeded",
    "ProviderUnknown",
    "PutBack",
    "PutDeliveryMethod",
    "PutTerminal",
    "Quantity",
    "Rate",
    "Recipient",
    "RefundOrder",
    "RefundTooLarge",
    "RejectFulfillment",
    "Reroute",
    "ReturnGoods",
    "ReturnLine",
    "ShipParcel",
    "TooMany",
    "Unfinished",
    "WrongStep",
    "Zone",
    "accept",
    "cancel_order",
    "channel_named",
    "channel_of",
    "check_pickup_code",
    "choices_of",
    "choose",
    "count_orphans",
    "deliveries",
    "delivery_for",
    "exchange_goods",
    "fewest_then_nearest",
    "forget_people",
    "goods_of",
    "hand_over",
    "inspect_return",
    "make_ready",
    "note_parcel",
    "note_terminal_payment",
    "order_of_exception",
    "pay_order",
    "pick",
    "place_order",
    "promise_for",
    "put_back",
    "put_delivery_method",
    "put_terminal",
    "read_order",
    "refund_order",
    "refuse_card_numbers",
    "reject",
    "reroute",
    "return_goods",
    "ship_parcel",
    "store_order",
    "summary_of",
    "unfinished",
    "with_deliveries",
    "with_delivery",
]
