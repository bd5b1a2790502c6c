"""Who bought what where in the chain's last weeks: drawn once, the same each time.

What an order holds depends on its number alone. When its steps happen depends on the present, and
what lies in the future has simply not happened yet: so some orders still wait, some parcels are on
their way, and tomorrow's demo looks like today's.
"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from functools import cache
from random import Random
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from charsu.demo.chain import Product, products, shop, stock, variants
from charsu.demo.chain.model import Customer, Location

WEEKS = 4
ORDERS_A_DAY = 8
FULL_SHELF = 3  # pieces; of what there is less a random order takes none
CHANNELS = ("counter", "counter", "counter", "counter", "counter", "counter", "web", "web", "app",
            "marketplace")  # fmt: skip

Fate = Literal["kept", "canceled", "returned"]


class PlannedOrder(Struct, frozen=True, kw_only=True):
    """One order as it will be placed, and what becomes of it.

    lines      (SKU, pieces)
    location   code; where it is sold or picked up, None where it is sent
    """

    number: int
    at: datetime
    channel: str
    kind: Literal["ship", "pickup", "counter"]
    location: str | None
    country: str
    customer: Customer | None
    lines: tuple[tuple[str, int], ...]
    codes: tuple[str, ...]
    delivery: str | None
    method: Literal["cash", "card"]
    fate: Fate


def planned_orders(now: datetime) -> Iterator[PlannedOrder]:
    """Every order up to ``now`` (aware), oldest first; those of one day not in order of time."""
    for number in range(WEEKS * 7 * ORDERS_A_DAY):
        order = _order(number, now)
        if order.at < now - timedelta(minutes=15):
            yield order


def _order(number: int, now: datetime) -> PlannedOrder:
    chance = Random(f"čaršija/{number}")
    channel = chance.choice(CHANNELS)
    store = chance.choice(_stores())
    customer = chance.choice(shop().customers)
    kind: Literal["ship", "pickup", "counter"] = "counter"
    if channel != "counter":
        kind = "pickup" if channel != "marketplace" and chance.random() < 0.3 else "ship"
    if kind == "pickup":
        store = _store_in(customer.country)
    place = store if kind != "ship" else None
    return PlannedOrder(
        number=number,
        at=moment_in(_days_ago(number), now, place or store, chance),
        channel=f"stores-{store.country.lower()}" if channel == "counter" else channel,
        kind=kind,
        location=place.code if place else None,
        country=store.country if channel == "counter" else customer.country,
        customer=customer if channel != "counter" or chance.random() < 0.3 else None,
        lines=tuple(_lines(place, channel, chance)),
        codes=_codes(channel, chance),
        delivery=_delivery(kind, customer),
        method=chance.choice(("cash", "card")) if channel == "counter" else "card",
        fate=chance.choices(("kept", "canceled", "returned"), (88, 4, 8))[0],
    )


@cache
def _stores() -> tuple[Location, ...]:
    return tuple(place for place in shop().locations if place.kind == "store")


def _store_in(country: str) -> Location:
    return next(store for store in _stores() if store.country == country)


def _days_ago(number: int) -> int:
    return WEEKS * 7 - 1 - number // ORDERS_A_DAY


def moment_in(days_ago: int, now: datetime, place: Location, chance: Random) -> datetime:
    """A time of that day between ten and eight in the evening, on the clock of the place."""
    zone = ZoneInfo(place.time_zone)
    day = now.astimezone(zone).date() - timedelta(days=days_ago)
    seconds = chance.randrange(10 * 3600)
    return datetime.combine(day, time(10), zone) + timedelta(seconds=seconds)


def _lines(place: Location | None, channel: str, chance: Random) -> Iterator[tuple[str, int]]:
    code = place.code if place else "simanovci"
    bar = channel == "counter" and bool(place and place.has_coffee_bar)
    if bar and chance.random() < 0.5:
        goods, most = _on_shelf(code, is_coffee=True), 2
    else:
        goods, most = _on_shelf(code, is_coffee=False), 1
    for sku in chance.sample(goods, chance.choice((1, 1, 2, 2, 3))):
        yield sku, chance.randint(1, most)


@cache
def _on_shelf(location: str, *, is_coffee: bool) -> tuple[str, ...]:
    """What there is enough of at a location, by SKU; sold by the piece."""
    kinds = {v.sku: product for product in products() for v in variants(product)}
    return tuple(
        level.sku
        for level in stock()
        if level.location == location
        and level.on_hand >= FULL_SHELF
        and _is_piece(kinds[level.sku])
        and (kinds[level.sku].sold == "in_store") == is_coffee
        and (location != "simanovci" or _is_listed(kinds[level.sku]))
    )


def sold_online() -> frozenset[str]:
    """The SKUs that orders which are sent may hold; a store may be where they come from."""
    return frozenset(_on_shelf("simanovci", is_coffee=False))


def _is_piece(product: Product) -> bool:
    return product.quantity_scale == 0


def _is_listed(product: Product) -> bool:
    """Whether every channel that sends from the warehouse shows it."""
    return product.category in shop().marketplace_categories


def _codes(channel: str, chance: Random) -> tuple[str, ...]:
    if chance.random() > 0.12:
        return ()
    return ("KAFA20",) if channel == "counter" else (chance.choice(("LUNA15", "DOMA5")),)


def _delivery(kind: str, customer: Customer) -> str | None:
    if kind == "counter":
        return None
    return "pickup" if kind == "pickup" else f"courier-{customer.country.lower()}"
