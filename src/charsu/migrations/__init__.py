"""Bringing a shop's database up to this release, step by step.

Each step is a transaction of its own, so that a run which is killed half-way goes on where it was.
Two runs at once wait for each other.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

_LOCK = 0x6D696772617465  # "migrate"


def upgrade(conninfo: str, revision: str = "head") -> None:
    """Take every step up to ``revision`` that the shop has not taken yet."""
    with _connected(conninfo) as connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
        connection.execute(text("CREATE SCHEMA IF NOT EXISTS kernel"))
        connection.commit()
        command.upgrade(_config(connection), revision)


def current(conninfo: str) -> str | None:
    """The last step that the shop has taken; None before the first."""
    with _connected(conninfo) as connection:
        options = {"version_table_schema": "kernel"}
        return MigrationContext.configure(connection, opts=options).get_current_revision()


def head() -> str:
    """The last step of this release."""
    revision = ScriptDirectory(str(Path(__file__).parent)).get_current_head()
    assert revision is not None, "there is a first step"
    return revision


def run_sql(name: str) -> str:
    """The statements of a step that is written as plain SQL, beside it in ``versions``."""
    return (Path(__file__).parent / "versions" / f"{name}.sql").read_text(encoding="utf-8")


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@contextmanager
def _connected(conninfo: str) -> Iterator[Connection]:
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(conninfo), poolclass=NullPool
    )
    with engine.connect() as connection:
        yield connection
