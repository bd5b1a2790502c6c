"""What a version of the protocol is to the door: a name, and functions from and to its words."""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from charsu.channels.ucp.capabilities import Active
from charsu.channels.ucp.model import Instrument, Wish
from charsu.channels.ucp.profiles import Capabilities
from charsu.channels.ucp.queries.find_goods import FindGoods, SearchGoods

Body = dict[str, Any]
Write = Callable[..., Body]


class SessionAsk(Struct, frozen=True):
    """A cart or checkout as it is asked for.

    cart_id   of the cart that a new checkout goes on with
    language  that the buyer speaks; None where the platform does not say
    near      the store that the buyer thinks of, by its name; a hint for this answer only
    """

    wish: Wish
    cart_id: str | None = None
    language: str | None = None
    near: str | None = None


class ProductAsk(Struct, frozen=True):
    """Which product, and what of it was chosen: labels by the names of options."""

    goods: FindGoods
    chosen: dict[str, str] = {}
    preferences: tuple[str, ...] = ()


class Version(Struct, frozen=True, kw_only=True):
    """One version of the protocol.

    offered     our capabilities, as they are matched with a platform's
    document    the profile of a shop: (address, public keys, handlers)
    envelope    the ``ucp`` member of an answer: (about, active, status=)
    schemas     by tool: what its request can have, of which a JSON Schema is made
    keeps_what_it_refuses   a change that cannot be made whole leaves the checkout as it was
    The readers take a body and raise RequestInvalid; the writers take our view of a thing, the
    active capabilities and, where people read it, who speaks.
    """

    name: str
    offered: Capabilities
    document: Write
    envelope: Write
    schemas: Mapping[str, Any]
    keeps_what_it_refuses: bool = False
    read_session: Callable[[bytes, Active], SessionAsk]
    read_instrument: Callable[[bytes], Instrument | None]
    read_search: Callable[[bytes], SearchGoods]
    read_lookup: Callable[[bytes], FindGoods]
    read_product: Callable[[bytes], ProductAsk]
    write_session: Write
    write_order: Write
    write_found: Write
    write_looked_up: Write
    write_product: Callable[..., Body | None]
