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
from charsu.channels.ucp.v2026_04_08 import VERSION

DECLARED = Declaring(
    version=VERSION,
    parents={
        CHECKOUT: None,
        CART: None,
        ORDER: None,
        FULFILLMENT: CHECKOUT,
        DISCOUNT: [CHECKOUT, CART],
        CONSENT: CHECKOUT,
        SEARCH: None,
        LOOKUP: None,
    },
    pages={
        "": "overview",
        SEARCH: "catalog/search",
        LOOKUP: "catalog/lookup",
        CONSENT: "buyer-consent",
    },
    config={
        FULFILLMENT: {
            "allows_multi_destination": {"shipping": False, "pickup": False},
            "allows_method_combinations": [["shipping", "pickup"]],
        }
    },
    keys="signing_keys",
)

OFFERED = DECLARED.offered
declared, envelope = DECLARED.handlers, DECLARED.envelope
