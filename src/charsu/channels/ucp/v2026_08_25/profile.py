"""What we offer in this version."""

from charsu.channels.ucp.capabilities import (
    CART,
    CHECKOUT,
    CONSENT,
    DISCOUNT,
    FULFILLMENT,
    LOOKUP,
    ORDER,
    SEARCH,
)
from charsu.channels.ucp.declaring import Declaring
from charsu.channels.ucp.v2026_08_25 import VERSION

DECLARED = Declaring(
    version=VERSION,
    parents={
        CHECKOUT: None,
        CART: None,
        ORDER: None,
        FULFILLMENT: [CHECKOUT, SEARCH, LOOKUP],
        DISCOUNT: [CHECKOUT, CART],
        CONSENT: [CART, CHECKOUT],
        SEARCH: None,
        LOOKUP: None,
    },
    pages={
        "": "overview",
        CHECKOUT: "shopping/checkout",
        CART: "shopping/cart",
        ORDER: "shopping/order",
        SEARCH: "shopping/catalog/search",
        LOOKUP: "shopping/catalog/lookup",
        CONSENT: "buyer-consent",
    },
    config={FULFILLMENT: {"method_combinations": [["shipping", "pickup"]]}},
    keys="keys",
)
