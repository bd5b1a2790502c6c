"""What an order costs when many are stored already: database buffers touched, which no neighbour on
the machine can make worse."""

from typing import Any
from uuid import UUID

import psycopg

from bench.frame import Result, fresh_shops
from bench.stocked import Stocked, stock_shop
from charsu.assembly import open_hub
from charsu.kernel import SYSTEM, Hub
from charsu.orders import BuyLine, PlaceOrder, place_order

STORED = (10_000, 100_000, 500_000)
MEASURED = 200
GROWTH_MAX = 1.25  # the last may touch so many times the buffers of the first


def run() -> list[Result]:
    """Buffers per order at 10⁴, 10⁵ and 5·10⁵ stored orders."""
    with fresh_shops("growing") as (shop,):
        stocked = stock_shop(shop)
        with open_hub(shop, connections=1) as hub:
            _place(hub, stocked, 50)
            buffers = {}
            for stored in STORED:
                _fill(shop, stored)
                buffers[stored] = _buffers_per_order(hub, shop, stocked)
    first, last = buffers[STORED[0]], buffers[STORED[-1]]
    return [
        Result(
            name="growth, buffers per order",
            ratio=first / last,
            target=1 / GROWTH_MAX,
            met=last <= first * GROWTH_MAX,
            figures={f"{stored:,} stored": round(count) for stored, count in buffers.items()},
        )
    ]


def _place(hub: Hub, shop: Stocked, count: int) -> None:
    for number in range(count):
        variant = shop.variants[number % len(shop.variants)]
        ask = PlaceOrder(
            channel_id=shop.channel,
            country="RS",
            lines=(BuyLine(variant_id=variant, quantity=1),),
        )
        hub.run(place_order, ask, actor=SYSTEM)


def _buffers_per_order(hub: Hub, conninfo: str, shop: Stocked) -> float:
    _place(hub, shop, 20)
    before = _touched(hub, conninfo)
    _place(hub, shop, MEASURED)
    return (_touched(hub, conninfo) - before) / MEASURED


def _touched(hub: Hub, conninfo: str) -> int:
    """Buffers that the hub's connection has touched so far, as the server counts them."""
    with hub.pool.connection() as connection:
        connection.execute("SELECT pg_stat_force_next_flush()")
        connection.commit()
        connection.execute("SELECT 1")
        connection.commit()
        pid = connection.info.backend_pid
    with psycopg.connect(conninfo) as watcher:
        row: Any = watcher.execute(
            """
            SELECT sum(hits + reads + extends)::bigint FROM pg_stat_get_backend_io(%(pid)s)
            """,
            {"pid": pid},
        ).fetchone()
    return int(row[0])


# Rows as an order leaves them, ids made anew; the first stored order is the pattern.
_COPIES = (
    """
    CREATE TEMPORARY TABLE copies ON COMMIT DROP AS
    SELECT uuidv7() AS order_id, uuidv7() AS line_id, uuidv7() AS task_id, n
    FROM generate_series(1, %(missing)s) AS n
    """,
    """
    INSERT INTO orders.orders
        (id, channel_id, kind, state, payment_state, currency, tax_mode, country, subtotal_minor,
         discount_minor, delivery_minor, delivery_tax_minor, tax_minor, total_minor, placed_at,
         version)
    SELECT c.order_id, o.channel_id, o.kind, 'fulfilled', 'paid', o.currency, o.tax_mode, o.country,
           o.subtotal_minor, o.discount_minor, o.delivery_minor, o.delivery_tax_minor, o.tax_minor,
           o.total_minor, o.placed_at, 1
    FROM copies c CROSS JOIN (SELECT * FROM orders.orders WHERE id = %(pattern)s) o
    """,
    """
    INSERT INTO orders.order_lines
        (id, order_id, position, variant_id, sku, title, unit, quantity, unit_minor, subtotal_minor,
         discount_minor, tax_rate_ppm, tax_minor, total_minor, fulfilled)
    SELECT c.line_id, c.order_id, 1, l.variant_id, l.sku, l.title, l.unit, 1, l.unit_minor,
           l.subtotal_minor, l.discount_minor, l.tax_rate_ppm, l.tax_minor, l.total_minor, 1
    FROM copies c CROSS JOIN (SELECT * FROM orders.order_lines WHERE order_id = %(pattern)s) l
    """,
    """
    INSERT INTO orders.fulfillments (id, order_id, location_id, kind, state, due_by, version)
    SELECT c.task_id, c.order_id, f.location_id, f.kind, 'done', f.due_by, 1
    FROM copies c CROSS JOIN (SELECT * FROM orders.fulfillments WHERE order_id = %(pattern)s) f
    """,
    """
    INSERT INTO orders.fulfillment_lines (id, fulfillment_id, line_id, quantity, done)
    SELECT uuidv7(), task_id, line_id, 1, 1 FROM copies
    """,
    """
    INSERT INTO ledger.holds
        (id, account_id, to_account_id, amount, posted, state, owner_id, line_id, made_at)
    SELECT uuidv7(), h.account_id, h.to_account_id, 1, 1, 'posted', c.order_id, c.line_id, h.made_at
    FROM copies c CROSS JOIN (SELECT * FROM ledger.holds WHERE owner_id = %(pattern)s) h
    """,
    """
    INSERT INTO ledger.transfers
        (id, from_account_id, to_account_id, amount, reason, cause_id, actor_id, at)
    SELECT uuidv7(), h.account_id, h.to_account_id, 1, 'sold', c.order_id, gen_random_uuid(),
           h.made_at
    FROM copies c CROSS JOIN (SELECT * FROM ledger.holds WHERE owner_id = %(pattern)s) h
    """,
    """
    INSERT INTO kernel.effects (actor_id, operation, key, ask_digest, answer, at)
    SELECT e.actor_id, e.operation, c.order_id::text, e.ask_digest, e.answer, e.at
    FROM copies c CROSS JOIN (
        SELECT * FROM kernel.effects WHERE operation = 'orders.place' LIMIT 1
    ) e
    """,
    """
    INSERT INTO kernel.facts (id, name, subject_id, version, at, actor_id, operation, body)
    SELECT uuidv7(), f.name, c.order_id, 1, f.at, f.actor_id, f.operation, f.body
    FROM copies c CROSS JOIN (SELECT * FROM kernel.facts WHERE subject_id = %(pattern)s) f
    """,
)


def _fill(conninfo: str, stored: int) -> None:
    """Bring the shop to so many stored orders, and its statistics up to date."""
    with psycopg.connect(conninfo) as connection:
        row: Any = connection.execute(
            "SELECT count(*), min(id::text) FROM orders.orders"
        ).fetchone()
        values = {"missing": stored - row[0], "pattern": UUID(row[1])}
        for statement in _COPIES:
            connection.execute(statement, values)
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM (ANALYZE)")


if __name__ == "__main__":
    for result in run():
        print(result.line())
