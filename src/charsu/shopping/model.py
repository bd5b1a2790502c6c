"""Words of carts, and the rules that need no database."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct, structs

from charsu.kernel import Actor, HubError
from charsu.kernel.ledger import Hold
from charsu.orders import Recipient
from charsu.shopping.errors import CartEmpty, ContactNeeded, DeliveryNeeded, RecipientNeeded
from charsu.stock import Place, Want

CartKind = Literal["ship", "pickup"]
CartState = Literal["open", "paying", "merged", "ordered", "abandoned"]
OwnerKind = Literal["guest", "customer"]
Quantity = Annotated[int, Meta(ge=1, le=10**9, description="Steps of the variant's unit")]
Country = Annotated[str, Meta(pattern="^[A-Z]{2}$")]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$")]
ASSIST = "shopping.assist"
LINES_MAX = 200
CODES_MAX = 10


class Line(Struct, frozen=True):
    """So much of a variant.

    seen_minor    the unit price that the customer knows
    location_id   where this line alone is picked up; None where it goes as the cart goes
    """

    id: UUID
    variant_id: UUID
    quantity: int
    seen_minor: int
    unit: str
    location_id: UUID | None = None


class Cart(Struct, frozen=True, kw_only=True):
    """A cart with its lines, in the order in which they were put into it."""

    id: UUID
    channel_id: UUID
    owner_kind: OwnerKind
    owner_id: UUID
    currency: str
    country: str
    kind: CartKind
    location_id: UUID | None
    delivery_method: str | None
    pickup_method: str | None = None
    codes: tuple[str, ...]
    state: CartState
    merged_into_id: UUID | None
    held_since: datetime | None
    hold_until: datetime | None
    revision: int
    destination: Place | None
    lines: tuple[Line, ...] = ()

    @property
    def customer_id(self) -> UUID | None:
        return self.owner_id if self.owner_kind == "customer" else None

    @property
    def locations(self) -> list[UUID] | None:
        """Where goods must come from that go as the cart goes; None leaves it to the sourcing."""
        return None if self.location_id is None else [self.location_id]

    @property
    def is_sent(self) -> bool:
        """Whether anything is sent; a cart with nothing in it may be."""
        picked_up = bool(self.lines) and all(line.location_id for line in self.lines)
        return self.kind == "ship" and not picked_up

    @property
    def picked_up(self) -> tuple[Line, ...]:
        """The lines that are picked up at a place of their own."""
        return tuple(line for line in self.lines if line.location_id is not None)

    @property
    def groups(self) -> tuple["Cart", ...]:
        """The cart as carts that come from one place each; itself where all goes one way."""
        places = sorted({line.location_id for line in self.lines if line.location_id})
        rest = tuple(line for line in self.lines if line.location_id is None)
        own = [structs.replace(self, lines=rest)] if rest or not places else []
        return (*own, *(self._at(place) for place in places))

    def _at(self, place: UUID) -> "Cart":
        there = tuple(line for line in self.lines if line.location_id == place)
        return structs.replace(self, location_id=place, lines=there)

    def line_of(self, variant_id: UUID) -> Line | None:
        """The line with this variant, if it is in the cart."""
        return next((line for line in self.lines if line.variant_id == variant_id), None)

    def is_held_at(self, now: datetime) -> bool:
        """Whether a hold was asked for and has not run out."""
        return self.hold_until is not None and self.hold_until > now


def may_touch(actor: Actor, owner_kind: OwnerKind, owner_id: UUID) -> bool:
    """Whether the cart is the actor's own, or she may help others with theirs.

    Guests and customers never help others, whatever patterns of permissions they were granted.
    """
    is_own = actor.kind == owner_kind and actor.id == owner_id
    return is_own or is_assistant(actor)


def is_assistant(actor: Actor) -> bool:
    """Whether the actor may see to the carts of others."""
    return actor.kind not in {"guest", "customer"} and actor.may(ASSIST)


def held_by_line(holds: Sequence[Hold]) -> dict[UUID, int]:
    """How many pieces are held for each line."""
    held: dict[UUID, int] = {}
    for hold in holds:
        held[hold.line_id] = held.get(hold.line_id, 0) + hold.open
    return held


def missing(lines: Sequence[Line], held: Mapping[UUID, int]) -> list[Want]:
    """What these lines want beyond what is held for them."""
    return [
        Want(line.id, line.variant_id, line.quantity - held.get(line.id, 0), line.unit)
        for line in lines
        if line.quantity > held.get(line.id, 0)
    ]


def excess(holds: Sequence[Hold], pieces: int) -> dict[UUID, int]:
    """Which pieces of one line's holds go back so that ``pieces`` stay; the newest go first."""
    surplus = sum(hold.open for hold in holds) - pieces
    going: dict[UUID, int] = {}
    for hold in sorted(holds, key=lambda hold: hold.id, reverse=True):
        part = min(surplus, hold.open)
        if part > 0:
            going[hold.id] = part
            surplus -= part
    return going


def merged_quantity(*, own: int, more: int, offered: int) -> int:
    """Two lines of one variant as one: added up, but for what the shop does not have.

    offered   what may still be promised, with what is held for either line already
    Never fewer than the customer had in her own cart, and never none: she sees what is sold out.
    """
    return max(own, min(own + more, max(1, offered)))


def unready(cart: Cart, recipient: Recipient | None) -> Iterator[HubError]:
    """What the customer has left open. Prices and stock are judged elsewhere."""
    if not cart.lines:
        yield CartEmpty()
    if cart.is_sent and cart.delivery_method is None:
        yield DeliveryNeeded()
    person = recipient or Recipient()
    if gaps := _gaps(person, is_sent=cart.is_sent):
        yield RecipientNeeded(gaps)
    if cart.owner_kind == "guest" and not (person.email or person.phone):
        yield ContactNeeded()


def _gaps(person: Recipient, *, is_sent: bool) -> tuple[str, ...]:
    needed = ("name", "street", "town") if is_sent else ("name",)
    return tuple(field for field in needed if not getattr(person, field).strip())
