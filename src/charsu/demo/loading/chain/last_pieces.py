"""What sells out: goods of which a store had a few when the chain opened and has none today.

They are goods that nobody buys online here, so that the counter of their store takes the last ones.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from random import Random

from msgspec import Struct

from charsu.demo.chain import products, shop, stock, variants
from charsu.demo.loading.chain.plan import (
    ORDERS_A_DAY,
    WEEKS,
    PlannedOrder,
    moment_in,
    sold_online,
)

EVERY = 2  # of the empty shelves that may have sold out, this one had; the others never had any
PIECES = (2, 9)
LAST_DAYS_AGO = (1, 20)
FIRST_DAYS_BEFORE = (1, 6)
NUMBERS_FROM = WEEKS * 7 * ORDERS_A_DAY  # after those of the planned orders


class LastPieces(Struct, frozen=True):
    """Pieces of a variant that a store began with."""

    sku: str
    location: str
    pieces: int


@cache
def last_pieces() -> tuple[LastPieces, ...]:
    """What sells out, and how many there were."""
    by_piece = {
        variant.sku
        for product in products()
        if product.sold == "everywhere" and product.quantity_scale == 0
        for variant in variants(product)
    }
    stores = {place.code for place in shop().locations if place.kind == "store"}
    empty = [
        level
        for level in stock()
        if not level.on_hand and level.location in stores and level.sku in by_piece - sold_online()
    ]
    return tuple(
        LastPieces(one.sku, one.location, Random(f"last/{one.sku}").randint(*PIECES))
        for one in empty[::EVERY]
    )


def last_orders(now: datetime) -> Iterator[PlannedOrder]:
    """Two orders for each, at the counter: some of the pieces, and some days later the rest."""
    for at, last in enumerate(last_pieces()):
        chance = Random(f"last orders/{last.sku}/{last.location}")
        some = chance.randrange(1, last.pieces)
        days = chance.randint(*LAST_DAYS_AGO)
        earlier = days + chance.randint(*FIRST_DAYS_BEFORE)
        number = NUMBERS_FROM + 2 * at
        yield _order(number, last, some, days_ago=earlier, now=now, chance=chance)
        rest = last.pieces - some
        yield _order(number + 1, last, rest, days_ago=days, now=now, chance=chance)


def _order(
    number: int, last: LastPieces, pieces: int, *, days_ago: int, now: datetime, chance: Random
) -> PlannedOrder:
    store = next(place for place in shop().locations if place.code == last.location)
    return PlannedOrder(
        number=number,
        at=moment_in(days_ago, now, store, chance),
        channel=f"stores-{store.country.lower()}",
        kind="counter",
        location=store.code,
        country=store.country,
        customer=None,
        lines=((last.sku, pieces),),
        codes=(),
        delivery=None,
        method=chance.choice(("cash", "card")),
        fate="kept",
    )
