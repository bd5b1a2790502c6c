"""Verbs of shopping, one to a file."""

from charsu.shopping.operations.abandon import abandon_cart
from charsu.shopping.operations.codes import add_code, remove_code
from charsu.shopping.operations.complete import complete_cart
from charsu.shopping.operations.hold import hold_cart, release_cart
from charsu.shopping.operations.lines import put_line, remove_line
from charsu.shopping.operations.merge import merge_carts
from charsu.shopping.operations.open_cart import open_cart
from charsu.shopping.operations.pay import pay_cart
from charsu.shopping.operations.replace import replace_cart, replace_unless_empty
from charsu.shopping.operations.see_prices import see_prices
from charsu.shopping.operations.set_delivery import set_delivery

__all__ = [
    "abandon_cart",
    "add_code",
    "complete_cart",
    "hold_cart",
    "merge_carts",
    "open_cart",
    "pay_cart",
    "put_line",
    "release_cart",
    "remove_code",
    "remove_line",
    "replace_cart",
    "replace_unless_empty",
    "see_prices",
    "set_delivery",
]
