"""How many answers a second to "how many may this channel sell, and where?".

Beside the same three statements by hand, in a read-only transaction, with the answer put together
from plain rows: no permission, no structs, no opening hours. Both give the same pieces.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg

from bench.frame import Buyers, Result, compared, fresh_shops, in_turn
from bench.stocked import Stocked, stock_shop
from charsu.assembly import open_hub
from charsu.kernel import SYSTEM, Hub
from charsu.stock.queries.availability import AskAvailability, availability

TARGET = 0.6
PAIRS = 5
SECONDS = 1.0
ASKED = 5  # variants in one question, as a page of results asks
COMPARED = 50

Answer = dict[UUID, dict[UUID, int]]
"""Pieces by variant and location."""


def run() -> list[Result]:
    """1 and 8 clients."""
    with fresh_shops("shop") as (shop,):
        stocked = stock_shop(shop)
        _check_same(shop, stocked)
        return [_cell(shop, stocked, clients) for clients in (1, 8)]


def _cell(conninfo: str, shop: Stocked, clients: int) -> Result:
    first = Buyers(clients, through_the_hub, conninfo, shop)
    second = Buyers(clients, by_hand, conninfo, shop)
    rates = in_turn(first, second, pairs=PAIRS, seconds=SECONDS)
    first.close()
    second.close()
    return compared(f"availability, {clients} clients", *rates, target=TARGET, unit="answers/s")


def _check_same(conninfo: str, shop: Stocked) -> None:
    chance = random.Random(COMPARED)
    with open_hub(conninfo, connections=1) as hub, _connection(conninfo) as connection:
        for _ in range(COMPARED):
            variants = chance.sample(shop.variants, ASKED)
            ours = _ask(hub, shop, variants)
            assert ours == _read(connection, shop, variants), "both give the same answer"
            assert len(ours) == ASKED


@contextmanager
def through_the_hub(number: int, conninfo: str, shop: Stocked) -> Iterator[Callable[[], None]]:
    """Asks as anybody does."""
    chance = random.Random(number)
    with open_hub(conninfo, connections=1) as hub:
        yield lambda: _check(_ask(hub, shop, chance.sample(shop.variants, ASKED)))


def _ask(hub: Hub, shop: Stocked, variants: list[UUID]) -> Answer:
    ask = AskAvailability(channel_id=shop.channel, variant_ids=tuple(variants))
    answer = hub.run(availability, ask, actor=SYSTEM)
    return {
        one.variant_id: {at.location_id: at.pieces for at in one.locations}
        for one in answer.variants
    }


@contextmanager
def by_hand(number: int, conninfo: str, shop: Stocked) -> Iterator[Callable[[], None]]:
    """Asks with plain statements."""
    chance = random.Random(number)
    with _connection(conninfo) as connection:
        yield lambda: _check(_read(connection, shop, chance.sample(shop.variants, ASKED)))


def _check(answer: Answer) -> None:
    assert len(answer) == ASKED


@contextmanager
def _connection(conninfo: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(conninfo, prepare_threshold=2) as connection:
        connection.execute("SET jit = off")
        connection.commit()
        connection.read_only = True
        yield connection


def _read(connection: psycopg.Connection[Any], shop: Stocked, variants: list[UUID]) -> Answer:
    connection.execute(CLOCK).fetchone()
    found = connection.execute(STOCK, {"ids": variants, "channel": shop.channel}).fetchall()
    connection.execute(PLACES, {"ids": list({place for _, place, _ in found})}).fetchall()
    connection.rollback()
    answer: Answer = {}
    for variant, place, pieces in found:
        answer.setdefault(variant, {})[place] = pieces
    return answer


CLOCK = "SELECT clock_timestamp(), (SELECT jsonb_object_agg(name, value) FROM kernel.settings)"
STOCK = """
    SELECT b.thing_id, b.place_id,
           sum(greatest(0, b.posted - b.held - coalesce(f.pieces, 0)))::bigint
    FROM ledger.balances b
    JOIN stock.channel_locations c ON c.location_id = b.place_id AND c.channel_id = %(channel)s
    JOIN stock.locations l ON l.id = b.place_id AND l.is_open
    LEFT JOIN LATERAL (
        SELECT pieces FROM stock.buffers f
        WHERE f.channel_id = %(channel)s AND f.location_id = b.place_id
          AND (f.variant_id = b.thing_id OR f.variant_id IS NULL)
        ORDER BY f.variant_id NULLS LAST LIMIT 1
    ) f ON b.pool_id IS NULL
    WHERE b.thing_id = ANY(%(ids)s) AND b.kind = 'on_hand'
      AND (b.pool_id IS NULL OR b.pool_id = %(channel)s)
    GROUP BY b.thing_id, b.place_id
"""
PLACES = """
    SELECT id, name, town, latitude, longitude, time_zone, hours, offers_pickup
    FROM stock.locations WHERE id = ANY(%(ids)s)
"""


if __name__ == "__main__":
    for result in run():
        print(result.line())
