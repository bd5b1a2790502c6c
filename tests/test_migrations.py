"""A shop made by an earlier release comes up to this one, orders in flight and all."""

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.dialects.postgresql.base import ischema_names

from charsu.assembly import rooms
from charsu.kernel import metadata
from charsu.kernel.log.tables import Xid8
from charsu.migrations import current, head, upgrade


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
