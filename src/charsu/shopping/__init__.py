"""Shopping: carts that follow their owner, hold goods for a while, and become orders."""

from charsu.shopping.changed import CartChanged
from charsu.shopping.erasing import forget_carts
from charsu.shopping.errors import (
    CartClosed,
    CartEmpty,
    CartFull,
    ContactNeeded,
    DeliveryNeeded,
    NothingToPay,
    OwnerNeeded,
    RecipientNeeded,
    TooManyCodes,
)
from charsu.shopping.model import Cart
from charsu.shopping.operations import (
    abandon_cart,
    add_code,
    complete_cart,
    hold_cart,
    merge_carts,
    open_cart,
    pay_cart,
    put_line,
    release_cart,
    remove_code,
    remove_line,
    replace_cart,
    replace_unless_empty,
    see_prices,
    set_delivery,
)
from charsu.shopping.operations.abandon import AbandonCart
from charsu.shopping.operations.codes import AddCode, RemoveCode
from charsu.shopping.operations.complete import CartCompleted, CompleteCart
from charsu.shopping.operations.hold import HoldCart, ReleaseCart
from charsu.shopping.operations.lines import PutLine, RemoveLine
from charsu.shopping.operations.merge import MergeCarts, join_carts
from charsu.shopping.operations.open_cart import CartOpen, OpenCart, open_for
from charsu.shopping.operations.pay import PayCart
from charsu.shopping.operations.replace import CartIs, ReplaceCart, Undone, Wanted
from charsu.shopping.operations.see_prices import SeePrices
from charsu.shopping.operations.set_delivery import SetDelivery
from charsu.shopping.paying import Begun, begun_here, pay_for, pay_now
from charsu.shopping.queries.payment import AskPayment, PaymentStanding, read_payment, standing_of
from charsu.shopping.queries.read_cart import AskCart, Block, CartTotals, CartView, read_cart
from charsu.shopping.queries.read_recipient import read_cart_recipient
from charsu.shopping.stored import find as find_cart
from charsu.shopping.stored import lock as lock_cart

__all__ = [
    "AbandonCart",
    "AddCode",
    "AskCart",
    "AskPayment",
    "Begun",
    "Block",
    "Cart",
    "CartChanged",
    "CartClosed",
    "CartCompleted",
    "CartEmpty",
    "CartFull",
    "CartIs",
    "CartOpen",
    "CartTotals",
    "CartView",
    "CompleteCart",
    "ContactNeeded",
    "DeliveryNeeded",
    "HoldCart",
    "MergeCarts",
    "NothingToPay",
    "OpenCart",
    "OwnerNeeded",
    "PayCart",
    "PaymentStanding",
    "PutLine",
    "RecipientNeeded",
    "ReleaseCart",
    "RemoveCode",
    "RemoveLine",
    "ReplaceCart",
    "SeePrices",
    "SetDelivery",
    "TooManyCodes",
    "Undone",
    "Wanted",
    "abandon_cart",
    "add_code",
    "begun_here",
    "complete_cart",
    "find_cart",
    "forget_carts",
    "hold_cart",
    "join_carts",
    "lock_cart",
    "merge_carts",
    "open_cart",
    "open_for",
    "pay_cart",
    "pay_for",
    "pay_now",
    "put_line",
    "read_cart",
    "read_cart_recipient",
    "read_payment",
    "release_cart",
    "remove_code",
    "remove_line",
    "replace_cart",
    "replace_unless_empty",
    "see_prices",
    "set_delivery",
    "standing_of",
]
