"""Words of the shopping door that no version of the protocol owns."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import Actor, Grant
from charsu.orders import Recipient

SessionKind = Literal["cart", "checkout"]
SessionState = Literal["open", "paying", "escalated", "completed", "canceled"]
Method = Literal["ship", "pickup"]
Text = Annotated[str, Meta(max_length=200)]
Country = Annotated[str, Meta(pattern="^[A-Z]{2}$")]
ITEMS_MAX = 200
STORES_MAX = 20

_GRANTS = (Grant(frozenset({"ucp.shop", "shopping.assist"})),)


class Item(Struct, frozen=True, kw_only=True):
    """So much of something, by whichever of its names; ``line`` is what the platform calls it."""

    id: Annotated[str, Meta(min_length=1, max_length=200)]
    line: Text = ""
    quantity: Annotated[int, Meta(ge=1, le=10**9)]


class Person(Struct, frozen=True, kw_only=True):
    """Who buys, as far as the platform says."""

    first_name: Text = ""
    last_name: Text = ""
    email: Annotated[str, Meta(max_length=254)] = ""
    phone: Annotated[str, Meta(max_length=40)] = ""


class Address(Struct, frozen=True, kw_only=True):
    """Where the goods go, and who is there."""

    first_name: Text = ""
    last_name: Text = ""
    phone: Annotated[str, Meta(max_length=40)] = ""
    street: Text = ""
    extended: Text = ""
    town: Annotated[str, Meta(max_length=100)] = ""
    region: Annotated[str, Meta(max_length=100)] = ""
    postcode: Annotated[str, Meta(max_length=20)] = ""
    country: Text = ""


class Consent(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the buyer agrees to; None where she was not asked."""

    analytics: bool | None = None
    preferences: bool | None = None
    marketing: bool | None = None
    sale_of_data: bool | None = None

    def said(self, *, yes: bool) -> tuple[str, ...]:
        """The purposes that the buyer agreed to, or those that she declined."""
        return tuple(name for name in self.__struct_fields__ if getattr(self, name) is yes)


class PickUp(Struct, frozen=True, kw_only=True):
    """What the buyer wants to pick up in a store, by its id here, and in which way, by its code.

    lines   by the names of lines; none means all
    """

    location: Annotated[str, Meta(max_length=100)] | None = None
    option: Annotated[str, Meta(max_length=64)] | None = None
    lines: tuple[str, ...] = ()


class Wish(Struct, frozen=True, kw_only=True):
    """All that a platform wants a session to be.

    destination_id  what the platform calls the address
    method          pickup where nothing is said of sending
    option          the way of delivery of what is sent, by its code
    claims          what the buyer is said to be entitled to
    is_scattered    goods should be sent to several addresses, or picked up in several stores
    """

    items: tuple[Item, ...]
    codes: tuple[str, ...] = ()
    person: Person | None = None
    address: Address | None = None
    consent: Consent | None = None
    method: Method | None = None
    destination_id: Annotated[str, Meta(max_length=100)] | None = None
    option: Annotated[str, Meta(max_length=64)] | None = None
    pickup: PickUp | None = None
    country: Country | None = None
    claims: tuple[str, ...] = ()
    is_scattered: bool = False


class Instrument(Struct, frozen=True, kw_only=True):
    """What the buyer wants to pay with; the token stands for her card at the handler."""

    handler_id: str | None
    token: str
    holder: Person = Person()
    address: Address = Address()


class Said(Struct, frozen=True, kw_only=True):
    """Something to tell the platform: a sentence with its data, and what it is about."""

    code: str
    template: str
    data: dict[str, Any] = {}
    variant_id: UUID | None = None


class Outcome(Struct, frozen=True, kw_only=True):
    """How a change of a session came out.

    session_id   None where there was nothing to make it of
    is_new       whether this request made it
    payment_id   of the payment that was begun
    """

    session_id: UUID | None
    is_new: bool = False
    payment_id: UUID | None = None
    order_id: UUID | None = None
    said: tuple[Said, ...] = ()


class Line(Struct, frozen=True, kw_only=True):
    """Some of a variant, in minor units.

    quantity   in steps of the unit (UN/CEFACT Rec 20): the scale is the digits behind the point
    unit_minor what a whole unit costs
    """

    variant_id: UUID
    title: str
    image: str | None
    quantity: int
    unit_minor: int
    subtotal_minor: int
    unit: str
    scale: int


class Totals(Struct, frozen=True, kw_only=True):
    """What is to be paid; ``tax_minor`` is what comes on top of the other figures."""

    subtotal_minor: int = 0
    discount_minor: int = 0
    delivery_minor: int | None = None
    tax_minor: int = 0
    total_minor: int = 0


class Discount(Struct, frozen=True, kw_only=True):
    """What a code takes off."""

    code: str
    amount_minor: int


class Store(Struct, frozen=True, kw_only=True):
    """Where goods can be picked up, and how many of each variant lie there."""

    id: UUID
    name: str
    street: str
    town: str
    country: str
    pieces: Mapping[UUID, int]


class Choice(Struct, frozen=True, kw_only=True):
    """A way of delivery, and what it costs with these goods."""

    code: str
    titles: dict[str, str]
    kind: str
    amount_minor: int
    days_min: int
    days_max: int


class Order(Struct, frozen=True, kw_only=True):
    """The order that a session became."""

    id: UUID
    number: int


class Session(Struct, frozen=True, kw_only=True):
    """A cart or checkout of a platform, whole, at this moment.

    picked_up   what the buyer wants to pick up, where she has said so; of the rest nothing is known
                but ``method``
    location_id, pickup_option   where and how
    notes   what the last change could not do
    blocks  why it cannot be ordered as it is
    """

    id: UUID
    kind: SessionKind
    state: SessionState
    action_url: str | None = None
    currency: str
    country: str
    lines: tuple[Line, ...]
    totals: Totals
    person: Person
    address: Address
    consent: Consent
    method: Method
    destination_id: str | None
    picked_up: frozenset[UUID]
    location_id: UUID | None
    option: str | None
    pickup_option: str | None
    codes: tuple[str, ...]
    applied: tuple[Discount, ...] = ()
    choices: tuple[Choice, ...] = ()
    stores: tuple[Store, ...] = ()
    notes: tuple[Said, ...]
    blocks: tuple[Said, ...] = ()
    order: Order | None = None
    expires_at: datetime

    @property
    def lacks_store(self) -> bool:
        """Whether goods are to be picked up, and nobody has said where."""
        is_pickup = self.method == "pickup" or bool(self.picked_up)
        return is_pickup and self.location_id is None


LASTING = frozenset({"mixed_delivery", "store_unknown"})
"""What was said of the last change and is in the way until the next."""


def platform_id(url: str) -> UUID:
    """Who a platform is here: the same for the same profile address (UUIDv8, RFC 9562, 5.8)."""
    number = int.from_bytes(hashlib.sha256(f"ucp platform\0{url}".encode()).digest()[:16])
    number = number & ~(0xF << 76) | 0x8 << 76
    return UUID(int=number & ~(0x3 << 62) | 0x2 << 62)


def platform_actor(url: str, language: str = "en") -> Actor:
    """The platform as somebody who shops for others; only its own sessions are shown to it."""
    return Actor(platform_id(url), "key", _GRANTS, language)


def recipient(person: Person, address: Address) -> Recipient:
    """Who gets the goods, in the words of orders."""
    names = (address.first_name, address.last_name)
    if not any(names):
        names = (person.first_name, person.last_name)
    town = f"{address.town}, {address.region}" if address.region else address.town
    street = f"{address.street}, {address.extended}" if address.extended else address.street
    return Recipient(
        name=" ".join(filter(None, names))[:200],
        email=person.email,
        phone=person.phone or address.phone,
        street=street[:300],
        postcode=address.postcode,
        town=town[:120],
    )


def filled(one: Person, other: Person) -> Person:
    """The person with what the other knows and she left open."""
    return Person(
        **{name: getattr(one, name) or getattr(other, name) for name in one.__struct_fields__}
    )


def filled_address(one: Address, other: Address) -> Address:
    """The address; the other one where none was given."""
    return one if one.street or one.town else other
