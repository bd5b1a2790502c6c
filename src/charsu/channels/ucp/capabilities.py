"""What can be offered and agreed on: the names that all versions of the protocol have in common."""

CHECKOUT = "dev.ucp.shopping.checkout"
CART = "dev.ucp.shopping.cart"
ORDER = "dev.ucp.shopping.order"
FULFILLMENT = "dev.ucp.shopping.fulfillment"
DISCOUNT = "dev.ucp.shopping.discount"
CONSENT = "dev.ucp.shopping.buyer_consent"
SEARCH = "dev.ucp.shopping.catalog.search"
LOOKUP = "dev.ucp.shopping.catalog.lookup"

Active = dict[str, str]
"""Capabilities that both sides have, with the version of each."""

Parents = str | list[str] | None
"""What a capability extends, as a profile writes it."""


def extends(about: str, parents: Parents) -> bool:
    """Whether a capability with these parents adds to this one."""
    return about == parents or (isinstance(parents, list) and about in parents)
