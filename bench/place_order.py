"""Orders per second in the engine, beside the same eight statements written by hand.

Both leave the same rows behind; that is checked, ids and times aside. The statements by hand go
straight to the point: no operation, no permission, no structs, no choice of locations.
"""

import json
import random
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg

from bench.frame import Buyers, Result, compared, fresh_shops, in_turn
from bench.stocked import Stocked, stock_shop
from charsu.assembly import open_hub
from charsu.kernel import SYSTEM
from charsu.orders import BuyLine, PlaceOrder, place_order

TARGET = 0.6
PAIRS = 5
SECONDS = 1.0


def run() -> list[Result]:
    """1, 4 and 16 buyers, with 1 and 5 lines."""
    return [result for lines in (1, 5) for result in _cells(lines)]


def _cells(lines: int) -> list[Result]:
    with fresh_shops("ours", "hand") as (ours, hand):
        stocked = (stock_shop(ours), stock_shop(hand))
        return [_cell((ours, hand), stocked, buyers, lines) for buyers in (1, 4, 16)]


def _cell(
    shops: tuple[str, str], stocked: tuple[Stocked, Stocked], buyers: int, lines: int
) -> Result:
    first = Buyers(buyers, through_the_hub, shops[0], stocked[0], lines)
    second = Buyers(buyers, by_hand, shops[1], stocked[1], lines)
    rates = in_turn(first, second, pairs=PAIRS, seconds=SECONDS)
    first.close()
    second.close()
    assert rows(shops[0]) == rows(shops[1]), "both leave the same rows behind"
    name = f"place_order, {buyers} buyers, {lines} lines"
    return compared(name, *rates, target=TARGET, unit="orders/s")


@contextmanager
def through_the_hub(
    number: int, conninfo: str, shop: Stocked, lines: int
) -> Iterator[Callable[[], None]]:
    """Buys as anybody does."""
    chance = random.Random(number)
    with open_hub(conninfo, connections=1) as hub:

        def once() -> None:
            ask = PlaceOrder(
                channel_id=shop.channel,
                country="RS",
                lines=tuple(
                    BuyLine(variant_id=variant, quantity=1)
                    for variant in chance.sample(shop.variants, lines)
                ),
            )
            hub.run(place_order, ask, actor=SYSTEM)

        yield once


@contextmanager
def by_hand(number: int, conninfo: str, shop: Stocked, lines: int) -> Iterator[Callable[[], None]]:
    """Buys with plain statements."""
    chance = random.Random(number)
    with psycopg.connect(conninfo, prepare_threshold=2) as connection:
        connection.execute("SET jit = off")
        connection.commit()
        yield lambda: buy(connection, shop, chance.sample(shop.variants, lines))


def buy(
    connection: psycopg.Connection[Any],
    shop: Stocked,
    variants: list[uuid.UUID],
    *,
    actor: uuid.UUID = SYSTEM.id,
) -> tuple[uuid.UUID, int, int]:
    """Buy one piece of each: the order, its number and its total."""
    key, order = str(new_id()), new_id()
    lines = [new_id() for _ in variants]
    connection.execute(LOCK, {"lock": hash(key), "actor": actor, "key": key}).fetchone()
    assert connection.execute(CHANNEL, {"id": shop.channel}).fetchone()
    goods = _by_variant(connection, GOODS, shop, variants)
    prices = _by_variant(connection, PRICES, shop, variants)
    _take(connection, shop, variants, lines, order=order)
    totals = [prices[variant][1] for variant in variants]
    number = _insert(
        connection,
        {
            "order": order,
            "channel": shop.channel,
            "location": shop.location,
            "line_ids": lines,
            "variants": variants,
            "skus": [goods[variant][1] for variant in variants],
            "titles": [goods[variant][2] for variant in variants],
            "totals": totals,
            "taxes": [_tax(prices[variant]) for variant in variants],
        },
    )
    _tell(connection, shop, order, sum(totals), lines=len(lines), actor=actor, key=key)
    connection.commit()
    return order, number, sum(totals)


Row = tuple[Any, ...]


def _by_variant(
    connection: psycopg.Connection[Any],
    statement: LiteralString,
    shop: Stocked,
    variants: list[uuid.UUID],
) -> dict[uuid.UUID, Row]:
    rows = connection.execute(statement, {"ids": variants, "channel": shop.channel})
    return {row[0]: row for row in rows.fetchall()}


def _take(
    connection: psycopg.Connection[Any],
    shop: Stocked,
    variants: list[uuid.UUID],
    lines: list[uuid.UUID],
    *,
    order: uuid.UUID,
) -> None:
    """Hold one piece of each for its line, where there is one."""
    stock = _by_variant(connection, STOCK, shop, variants)
    taken = connection.execute(
        TAKE,
        {
            "accounts": [stock[variant][1] for variant in variants if stock[variant][2] >= 1],
            "ids": [new_id() for _ in variants],
            "lines": lines,
            "owner": order,
        },
    ).fetchone()
    assert taken == (len(variants),)


def _tax(price: Row) -> int:
    """What of the price is tax of 20 %, in minor units; half up."""
    return int((2 * price[1] * price[2] + 1_200_000) // 2_400_000)


def _insert(connection: psycopg.Connection[Any], order: dict[str, Any]) -> int:
    """Store the order with its lines and its one fulfillment; the order's number."""
    sums = {"total": sum(order["totals"]), "tax": sum(order["taxes"])}
    ids = {"task": new_id(), "parts": [new_id() for _ in order["line_ids"]]}
    row: Any = connection.execute(INSERT, {**order, **sums, **ids}).fetchone()
    return int(row[0])


def _tell(
    connection: psycopg.Connection[Any],
    shop: Stocked,
    order: uuid.UUID,
    total: int,
    *,
    lines: int,
    actor: uuid.UUID,
    key: str,
) -> None:
    """Store the effect and the fact."""
    body = {
        "channel_id": str(shop.channel),
        "kind": "ship",
        "customer_id": None,
        "location_ids": [str(shop.location)],
        "currency": "EUR",
        "total_minor": total,
        "lines": lines,
    }
    effect = {"actor": actor, "key": key, "digest": uuid.uuid4().bytes}
    answer = json.dumps({"order_id": str(order), "total_minor": total})
    fact = {"fact": new_id(), "order": order, "body": json.dumps(body)}
    connection.execute(TELL, {**effect, **fact, "answer": answer})


def new_id() -> uuid.UUID:
    """Sorts by time, like the hub's."""
    high = int(time.time() * 1000) << 16 | 0x7000 | random.getrandbits(12)
    return uuid.UUID(int=high << 64 | 2 << 62 | random.getrandbits(62))


LOCK = """
    SELECT clock_timestamp(), pg_try_advisory_xact_lock(%(lock)s),
           (SELECT answer FROM kernel.effects
            WHERE actor_id = %(actor)s AND operation = 'orders.place' AND key = %(key)s)
"""
CHANNEL = "SELECT currency, language FROM catalog.channels WHERE id = %(id)s"
GOODS = """
    SELECT v.id, v.sku, t.title FROM catalog.variants v
    JOIN catalog.products p ON p.id = v.product_id AND p.status = 'active'
    JOIN catalog.product_texts t ON t.product_id = p.id AND t.language = 'en'
    LEFT JOIN catalog.listings l ON l.product_id = p.id AND l.channel_id = %(channel)s
    WHERE v.id = ANY(%(ids)s) AND NOT v.is_archived AND coalesce(l.is_published, true)
"""
PRICES = """
    SELECT DISTINCT ON (r.variant_id) r.variant_id, r.amount_minor, t.rate_ppm
    FROM pricing.price_lists l
    JOIN pricing.prices r ON r.list_id = l.id AND r.valid_from <= clock_timestamp()
    JOIN pricing.tax_rates t ON t.country = 'RS' AND t.tax_class = 'standard'
    WHERE l.channel_id = %(channel)s AND l.currency = 'EUR' AND r.variant_id = ANY(%(ids)s)
    ORDER BY r.variant_id, r.valid_from DESC
"""
STOCK = """
    SELECT b.thing_id, b.account_id, b.posted - b.held FROM ledger.balances b
    JOIN stock.channel_locations c ON c.location_id = b.place_id AND c.channel_id = %(channel)s
    WHERE b.thing_id = ANY(%(ids)s) AND b.kind = 'on_hand' AND b.pool_id IS NULL
"""
TAKE = """
    WITH locked AS MATERIALIZED (
        SELECT account_id FROM ledger.balances
        WHERE account_id = ANY(%(accounts)s) AND posted - held >= 1
        ORDER BY account_id FOR UPDATE
    ), taken AS (
        UPDATE ledger.balances b SET held = held + 1 FROM locked l
        WHERE b.account_id = l.account_id AND b.posted - b.held >= 1
    ), kept AS (
        INSERT INTO ledger.holds
            (id, account_id, to_account_id, amount, owner_id, line_id, made_at)
        SELECT h.id, h.account_id, (SELECT id FROM ledger.accounts WHERE kind = 'sold' LIMIT 1), 1,
               %(owner)s, h.line_id, clock_timestamp()
        FROM unnest(%(ids)s::uuid[], %(accounts)s::uuid[], %(lines)s::uuid[])
             AS h (id, account_id, line_id)
    )
    SELECT count(*) FROM locked
"""
INSERT = """
    WITH placed AS (
        INSERT INTO orders.orders
            (id, channel_id, kind, state, payment_state, currency, tax_mode, country,
             subtotal_minor, discount_minor, delivery_minor, delivery_tax_minor, tax_minor,
             total_minor, placed_at, version)
        VALUES (%(order)s, %(channel)s, 'ship', 'open', 'pending', 'EUR', 'included', 'RS',
                %(total)s, 0, 0, 0, %(tax)s, %(total)s, clock_timestamp(), 1)
        RETURNING number
    ), bought AS (
        INSERT INTO orders.order_lines
            (id, order_id, position, variant_id, sku, title, unit, quantity, unit_minor,
             subtotal_minor, discount_minor, tax_rate_ppm, tax_minor, total_minor)
        SELECT id, %(order)s, position, variant_id, sku, title, 'H87', 1, total, total, 0, 200000,
               tax, total
        FROM unnest(%(line_ids)s::uuid[], %(variants)s::uuid[], %(skus)s::text[],
                    %(titles)s::text[], %(totals)s::bigint[], %(taxes)s::bigint[])
             WITH ORDINALITY AS l (id, variant_id, sku, title, total, tax, position)
    ), asked AS (
        INSERT INTO orders.fulfillments (id, order_id, location_id, kind, state, due_by, version)
        VALUES (%(task)s, %(order)s, %(location)s, 'ship', 'waiting',
                clock_timestamp() + interval '24 hours', 1)
    ), parts AS (
        INSERT INTO orders.fulfillment_lines (id, fulfillment_id, line_id, quantity)
        SELECT id, %(task)s, line_id, 1
        FROM unnest(%(parts)s::uuid[], %(line_ids)s::uuid[]) AS p (id, line_id)
    )
    SELECT number FROM placed
"""
TELL = """
    WITH effect AS (
        INSERT INTO kernel.effects (actor_id, operation, key, ask_digest, answer, at)
        VALUES (%(actor)s, 'orders.place', %(key)s, %(digest)s, %(answer)s, clock_timestamp())
    )
    INSERT INTO kernel.facts (id, name, subject_id, version, at, actor_id, operation, body)
    VALUES (%(fact)s, 'orders.order_placed', %(order)s, 1, clock_timestamp(), %(actor)s,
            'orders.place', %(body)s::jsonb)
"""

# What each order leaves behind, ids and times aside: the kinds of rows, and how many per order.
ROWS = {
    "orders": """
        SELECT DISTINCT kind, state, payment_state, currency, tax_mode, country, discount_minor,
               delivery_minor, version, total_minor = subtotal_minor AS sums
        FROM orders.orders""",
    "lines": """
        SELECT DISTINCT unit, quantity, unit_minor, subtotal_minor, discount_minor, tax_rate_ppm,
               tax_minor, total_minor, fulfilled FROM orders.order_lines""",
    "fulfillments": "SELECT DISTINCT kind, state, version FROM orders.fulfillments",
    "parts": "SELECT DISTINCT quantity, done, canceled FROM orders.fulfillment_lines",
    "holds": "SELECT DISTINCT amount, posted, released, state, expires_at FROM ledger.holds",
    "facts": """
        SELECT DISTINCT name, version, operation, is_historical,
               array(SELECT jsonb_object_keys(body) ORDER BY 1) AS keys
        FROM kernel.facts WHERE operation = 'orders.place'""",
    "per order": """
        SELECT round(count(*) / (SELECT count(*) FROM orders.orders)::numeric, 6) FROM (
            SELECT FROM orders.order_lines UNION ALL SELECT FROM orders.fulfillments
            UNION ALL SELECT FROM orders.fulfillment_lines UNION ALL SELECT FROM ledger.holds
            UNION ALL SELECT FROM kernel.effects WHERE operation = 'orders.place'
            UNION ALL SELECT FROM kernel.facts WHERE operation = 'orders.place') r""",
    "held is live": """
        SELECT (SELECT sum(held) FROM ledger.balances) = (SELECT sum(amount) FROM ledger.holds)""",
}


def rows(conninfo: str) -> dict[str, list[tuple[Any, ...]]]:
    """The kinds of rows that a shop's orders have left behind."""
    with psycopg.connect(conninfo) as connection:
        return {
            name: sorted(connection.execute(statement).fetchall(), key=str)
            for name, statement in ROWS.items()
        }


if __name__ == "__main__":
    for result in run():
        print(result.line())
