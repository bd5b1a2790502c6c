"""A shop made by an earlier release comes up to this one, orders in flight and all."""

import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.dialects.postgresql.base import ischema_names

from charsu.assembly import checks, open_hub, prepare, rooms
from charsu.kernel import SYSTEM, metadata
from charsu.kernel.check import run_checks
from charsu.kernel.server import restore
from charsu.kernel.tables import Xid8
from charsu.migrations import current, head, upgrade
from charsu.orders import RefundOrder, ShipParcel, read_order, refund_order, ship_parcel
from charsu.orders.queries.list_orders import AskOrders, list_orders
from charsu.orders.queries.read_order import AskOrder


def test_the_steps_make_what_the_tables_say(database: str) -> None:
    list(rooms("tables"))
    ischema_names["xid8"] = Xid8
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(database))
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "include_name": lambda name, kind, _: kind != "schema" or name in ours(),
                "compare_type": True,
            },
        )
        differences = [d for d in compare_metadata(context, metadata) if not is_version_table(d)]
    engine.dispose()
    assert differences == []


EARLIER = Path(__file__).parent / "data" / "shop_0001.dump"


@pytest.fixture
def earlier(server: str, database: str) -> str:
    """A shop that the first release made, with an order waiting and one half shipped."""
    with psycopg.connect(database, autocommit=True) as connection:
        schemas = connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_|^information_schema$|^public$'"
        ).fetchall()
        for (schema,) in schemas:
            connection.execute(
                psycopg.sql.SQL("DROP SCHEMA {} CASCADE").format(psycopg.sql.Identifier(schema))
            )
    restore(database, EARLIER, replace=True)
    assert current(database) == "0001"
    return database


def test_a_shop_of_an_earlier_release_comes_up_with_its_orders_in_flight(earlier: str) -> None:
    prepare(earlier)

    assert current(earlier) == head()
    with psycopg.connect(earlier) as connection:
        assert [v for v in run_checks(connection, checks()) if not v.is_clean] == []
    with open_hub(earlier, connections=2) as hub:
        halfway = hub.run(list_orders, AskOrders(state="partly_fulfilled"), actor=SYSTEM).items
        order = hub.run(read_order, AskOrder(order_id=halfway[0].id), actor=SYSTEM)
        parcel = ShipParcel(fulfillment_id=order.fulfillments[0].id, carrier="post")
        assert hub.run(ship_parcel, parcel, actor=SYSTEM).order_state == "fulfilled"


PAST_ORDER = """
    WITH past AS (
        UPDATE orders.orders
        SET is_historical = true, state = 'fulfilled', payment_state = 'partly_refunded',
            captured_minor = total_minor, refunded_minor = 1, version = version + 1
        WHERE state = 'open' AND captured_minor = 0 AND total_minor > 1
          AND id = (SELECT id FROM orders.orders WHERE state = 'open' ORDER BY id LIMIT 1)
        RETURNING id, version
    ), lines AS (
        UPDATE orders.order_lines l SET fulfilled = quantity, returned = 1 - least(1, position - 1)
        FROM past WHERE l.order_id = past.id RETURNING l.id, l.position
    ), back AS (
        INSERT INTO orders.returns (id, order_id, location_id, reason, at)
        SELECT uuidv7(), past.id, (SELECT id FROM stock.locations LIMIT 1), 'history', now()
        FROM past RETURNING id, order_id
    ), told AS (
        INSERT INTO kernel.facts
            (id, name, subject_id, version, at, actor_id, operation, is_historical, body)
        SELECT uuidv7(), 'orders.goods_returned', past.id, past.version, now(),
               '00000000-0000-0000-0000-000000000000', 'test', true,
               jsonb_build_object('return_id', back.id)
        FROM past, back
    )
    INSERT INTO orders.return_lines (return_id, line_id, quantity, condition, refund_minor)
    SELECT back.id, lines.id, 1, 'quarantine', 1 FROM back, lines WHERE lines.position = 1
    RETURNING (SELECT id FROM past)
"""
LET_GO = """
    WITH gone AS (
        UPDATE ledger.holds SET state = 'released', released = amount - posted
        WHERE owner_id = %(order)s AND state = 'live' RETURNING account_id, released
    ), less AS (
        UPDATE ledger.balances b SET held = held - g.amount
        FROM (SELECT account_id, sum(released) AS amount FROM gone GROUP BY account_id) g
        WHERE b.account_id = g.account_id
    ), parts AS (
        DELETE FROM orders.fulfillment_lines p USING orders.fulfillments f
        WHERE f.id = p.fulfillment_id AND f.order_id = %(order)s
    )
    DELETE FROM orders.fulfillments WHERE order_id = %(order)s
"""


def test_what_was_paid_before_an_earlier_release_can_be_given_back_after_it(earlier: str) -> None:
    with psycopg.connect(earlier) as connection:
        row = connection.execute(PAST_ORDER).fetchone()
        assert row is not None
        connection.execute(LET_GO, {"order": row[0]})

    prepare(earlier)

    with open_hub(earlier, connections=2) as hub:
        order = hub.run(read_order, AskOrder(order_id=row[0]), actor=SYSTEM)
        ask = RefundOrder(order_id=order.id, reason="late", goods_minor=order.total_minor - 1)
        hub.run(refund_order, ask, actor=SYSTEM)
    with psycopg.connect(earlier) as connection:
        verdicts = run_checks(connection, checks())
    assert [(v.name, v.findings) for v in verdicts if not v.is_clean] == []


def test_an_upgrade_that_is_killed_half_way_goes_on_where_it_was(earlier: str) -> None:
    with psycopg.connect(earlier) as watcher:
        watcher.execute("LOCK TABLE kernel.alembic_version IN SHARE MODE")  # the step's last row
        upgrading = subprocess.Popen(
            [sys.executable, "-c", f"from charsu.migrations import upgrade; upgrade({earlier!r})"]
        )
        wait_until_blocked(earlier)
        upgrading.kill()
        upgrading.wait()
        watcher.rollback()
    with psycopg.connect(earlier) as connection:
        row = connection.execute("SELECT to_regclass('kernel.processes')").fetchone()
    assert row == (None,)
    assert current(earlier) == "0001"

    upgrade(earlier)

    assert current(earlier) == head()


def wait_until_blocked(conninfo: str) -> None:
    """Until some connection waits for a lock that is not given."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            waiting = connection.execute(
                "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
                " WHERE NOT l.granted AND d.datname = current_database()"
            ).fetchone()
            if waiting and waiting[0]:
                return
    raise AssertionError("nobody waits")


def test_an_upgrade_twice_changes_nothing(database: str) -> None:
    assert current(database) == head()
    upgrade(database)
    assert current(database) == head()


def ours() -> set[str]:
    return {table.schema or "public" for table in metadata.tables.values()}


def is_version_table(difference: object) -> bool:
    return "alembic_version" in str(difference)


@pytest.mark.parametrize("schema", ["kernel", "ledger", "catalog", "pricing", "stock", "orders"])
def test_each_package_keeps_its_tables_in_its_own_schema(database: str, schema: str) -> None:
    with psycopg.connect(database) as connection:
        row = connection.execute(
            "SELECT count(*) FROM information_schema.tables WHERE table_schema = %s", [schema]
        ).fetchone()
    assert row is not None
    assert row[0] > 0
