"""Which locations serve a basket: the choice alone, nothing is stored.

A replacement is any function of the same shape; it is handed in where goods are held.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations
from math import comb
from uuid import UUID

from charsu.stock import Available, Pick, Place, Want, distance_km

COMBINATIONS_MAX = 10_000  # as many sets of locations are looked at before the greedy way is taken

Distance = Callable[[UUID], float]


def fewest_then_nearest(
    places: Mapping[UUID, Place] | None = None, to: Place | None = None
) -> Callable[[Sequence[Want], Sequence[Available]], list[Pick] | None]:
    """The fewest locations that have everything; among those, the nearest on the average.

    places   where each location is
    to       where the customer is; without it all locations are equally far

    Exact for the number of locations while there are few combinations; beyond that the location
    that covers most is taken again and again.
    """

    def distance(location: UUID) -> float:
        if to is None or places is None or location not in places:
            return 0.0
        return distance_km(to, places[location])

    def choose(wants: Sequence[Want], available: Sequence[Available]) -> list[Pick] | None:
        stock = _by_location(available)
        need = _need(wants)
        chosen = _fewest(need, stock, distance)
        return None if chosen is None else _picks(wants, chosen, available)

    return choose


Stock = dict[UUID, dict[UUID, int]]  # location -> variant -> pieces


def _by_location(available: Sequence[Available]) -> Stock:
    stock: Stock = {}
    for entry in available:
        if entry.pieces > 0:
            shelf = stock.setdefault(entry.location_id, {})
            shelf[entry.variant_id] = shelf.get(entry.variant_id, 0) + entry.pieces
    return stock


def _need(wants: Sequence[Want]) -> dict[UUID, int]:
    need: dict[UUID, int] = {}
    for want in wants:
        need[want.variant_id] = need.get(want.variant_id, 0) + want.quantity
    return need


def _fewest(need: Mapping[UUID, int], stock: Stock, distance: Distance) -> list[UUID] | None:
    """The best set of locations, the nearest first; None where all together have too little."""
    if not _covers(need, stock, stock):
        return None
    near = sorted(stock, key=lambda location: (distance(location), location))
    looked = 0
    for size in range(1, len(near) + 1):
        looked += comb(len(near), size)
        if looked > COMBINATIONS_MAX:
            break
        fitting = [c for c in combinations(near, size) if _covers(need, c, stock)]
        if fitting:
            return list(min(fitting, key=lambda c: sum(map(distance, c))))
    return _greedy(need, stock, near)


def _covers(need: Mapping[UUID, int], locations: Iterable[UUID], stock: Stock) -> bool:
    there = [stock[location] for location in locations]
    return all(
        sum(shelf.get(variant, 0) for shelf in there) >= pieces for variant, pieces in need.items()
    )


def _greedy(need: Mapping[UUID, int], stock: Stock, near: Sequence[UUID]) -> list[UUID]:
    left, chosen = dict(need), list[UUID]()
    while any(left.values()):
        rest = [location for location in near if location not in chosen]
        best = max(rest, key=lambda location: _served(left, stock[location]))
        chosen.append(best)
        left = {
            variant: pieces - min(pieces, stock[best].get(variant, 0))
            for variant, pieces in left.items()
        }
    return chosen


def _served(left: Mapping[UUID, int], shelf: Mapping[UUID, int]) -> int:
    return sum(min(pieces, shelf.get(variant, 0)) for variant, pieces in left.items())


def _picks(
    wants: Sequence[Want], chosen: Sequence[UUID], available: Sequence[Available]
) -> list[Pick]:
    """Fill each want from the chosen locations in their order, the channel's own pool first."""
    rank = {location: number for number, location in enumerate(chosen)}
    shelves = sorted(
        (entry for entry in available if entry.location_id in rank and entry.pieces > 0),
        key=lambda entry: (rank[entry.location_id], not entry.is_own_pool),
    )
    left = {entry.account_id: entry.pieces for entry in shelves}
    picks = []
    for want in wants:
        missing = want.quantity
        for entry in shelves:
            part = min(missing, left[entry.account_id])
            if entry.variant_id == want.variant_id and part > 0:
                picks.append(Pick(want, entry, part))
                left[entry.account_id] -= part
                missing -= part
    return picks
