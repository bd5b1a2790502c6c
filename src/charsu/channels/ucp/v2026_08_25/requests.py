"""What a platform sends in this version, turned into our words."""

from typing import Annotated

from msgspec import Meta, Struct, structs

from charsu.channels.ucp.capabilities import Active
from charsu.channels.ucp.queries.find_goods import FindGoods, SearchGoods
from charsu.channels.ucp.v2026_04_08 import requests as earlier
from charsu.channels.ucp.v2026_08_25.consent import Said
from charsu.channels.ucp.v2026_08_25.consent import read as consent_in
from charsu.channels.ucp.versions import ProductAsk, SessionAsk

PURPOSES_MAX = 50
Name = Annotated[str, Meta(max_length=100)]


class _Where(Struct):
    location: Name | None = None


class _Context(earlier.Context):
    location: Name | None = None


class _Buyer(earlier.BuyerRequest):
    consent: Annotated[dict[str, Said], Meta(max_length=PURPOSES_MAX)] | None = None  # type: ignore[assignment]


class SessionRequest(earlier.SessionRequest, kw_only=True):
    """A cart or a checkout as a platform wants it."""

    buyer: _Buyer | None = None
    context: _Context | None = None


def session(body: bytes, active: Active) -> SessionAsk:
    """A cart or checkout as it is asked for."""
    request = earlier.read(body, SessionRequest)
    said = request.buyer.consent if request.buyer else None
    given = None if said is None else consent_in(said)
    near = request.context.location if request.context else None
    return structs.replace(earlier.asked(request, active, consent=given), near=near)


class _Filters(Struct):
    fulfills_to: _Where | None = None
    methods: Annotated[list[Name], Meta(max_length=20)] = []


class _Placed(Struct):
    context: _Where | None = None
    filters: _Filters | None = None

    @property
    def hint(self) -> str | None:
        """The store that the buyer thinks of; what is to be fulfilled there goes first."""
        wanted = self.filters.fulfills_to if self.filters else None
        where = wanted or self.context
        return where.location if where else None

    @property
    def ways(self) -> tuple[str, ...]:
        """Only goods that can be had so; where they go is a way, too."""
        ways = tuple(self.filters.methods) if self.filters else ()
        has_place = self.filters is not None and self.filters.fulfills_to is not None
        return ways or (("pickup",) if has_place and self.hint else ())


def search(body: bytes) -> SearchGoods:
    """What somebody looks for. Raises RequestInvalid where nothing is looked for."""
    placed = earlier.read(body, _Placed)
    is_filter = bool(placed.ways)
    found = earlier.search(body, has_filter=is_filter)
    return structs.replace(found, near=placed.hint, ways=placed.ways)


def lookup(body: bytes) -> FindGoods:
    """Which goods. Raises RequestTooLarge."""
    placed = earlier.read(body, _Placed)
    return structs.replace(earlier.lookup(body), near=placed.hint, ways=placed.ways)


def product(body: bytes) -> ProductAsk:
    """Which product, and what of it was chosen."""
    placed, asked = earlier.read(body, _Placed), earlier.product(body)
    goods = structs.replace(asked.goods, near=placed.hint)
    return structs.replace(asked, goods=goods)


_SESSION_TOOLS = ("create_cart", "update_cart", "create_checkout", "update_checkout")
SCHEMAS = earlier.SCHEMAS | dict.fromkeys(_SESSION_TOOLS, SessionRequest)
"""The request of each tool that has one."""
