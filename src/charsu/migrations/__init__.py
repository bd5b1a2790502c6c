"""Bringing a shop's database up to this release, step by step.

Each step is a transaction of its own, so that a run which is killed half-way goes on where it was.
Two runs at once wait for each other. Plug-ins have steps too: each has a line of its own, with its
own version table in its own schema, and is taken after ours under the same lock.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import structlog
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from msgspec import Struct
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateSchema

from charsu.kernel.plugins import Plugin, reason_for

_HERE = Path(__file__).parent
_LOCK = 0x6D696772617465  # "migrate"
_log = structlog.get_logger("charsu.migrations")


class Line(Struct, frozen=True):
    """Steps that follow each other, and the schema that keeps which of them were taken."""

    schema: str
    versions: Path


_OURS = Line("kernel", _HERE / "versions")


def upgrade(conninfo: str, revision: str = "head", *, plugins: Iterable[Plugin] = ()) -> None:
    """Take every step up to ``revision`` that the shop has not taken yet, then those of plug-ins.

    Raises what one of our own steps raises. A plug-in's step that fails is undone and told to the
    log; the steps before it and everybody else's stay, and ``unready`` names the plug-in.
    """
    with _connected(conninfo) as connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
        _take(connection, _OURS, revision)
        for plugin in plugins:
            if plugin.migrations:
                _try(connection, Line(plugin.name, plugin.migrations))


def current(conninfo: str) -> str | None:
    """The last step that the shop has taken; None before the first."""
    with _connected(conninfo) as connection:
        return _current(connection, _OURS)


def head() -> str:
    """The last step of this release."""
    revision = _scripts(_OURS).get_current_head()
    assert revision is not None, "there is a first step"
    return revision


def unready(conninfo: str, plugins: Iterable[Plugin]) -> dict[str, str]:
    """The plug-ins that the shop has not taken all steps of, or whose tables it lacks, and why."""
    with _connected(conninfo) as connection:
        found = {plugin.name: _missing_in(connection, plugin) for plugin in plugins}
    return {name: reason for name, reason in found.items() if reason}


def run_sql(name: str) -> str:
    """The statements of a step that is written as plain SQL, beside it in ``versions``."""
    return (_OURS.versions / f"{name}.sql").read_text(encoding="utf-8")


def _try(connection: Connection, line: Line) -> None:
    """Take a plug-in's steps as far as they go. Raises where the connection broke."""
    try:
        _take(connection, line, "head")
    except (Exception, SystemExit) as problem:
        if connection.invalidated:
            raise
        connection.rollback()
        _log.error("plugin_step_failed", plugin=line.schema, exc_info=problem)


def _take(connection: Connection, line: Line, revision: str) -> None:
    connection.execute(CreateSchema(line.schema, if_not_exists=True))
    connection.commit()
    config = _config(line)
    config.attributes.update(connection=connection, schema=line.schema)
    command.upgrade(config, revision)


def _missing_in(connection: Connection, plugin: Plugin) -> str:
    if plugin.migrations:
        line = Line(plugin.name, plugin.migrations)
        try:
            last = _scripts(line).get_current_head()
        except (Exception, SystemExit) as problem:  # the steps are a stranger's code
            return f"its migrations cannot be read: {reason_for(problem)}"
        if (taken := _current(connection, line)) != last:
            return f"its migrations are at {taken}, not at {last}"
    there = text("SELECT to_regclass(:table) IS NOT NULL")
    for table in plugin.tables:
        if not connection.execute(there, {"table": str(table)}).scalar():
            return f"there is no table {table}; a step of its migrations has to make it"
    return ""


def _current(connection: Connection, line: Line) -> str | None:
    options = {"version_table_schema": line.schema}
    return MigrationContext.configure(connection, opts=options).get_current_revision()


def _scripts(line: Line) -> ScriptDirectory:
    return ScriptDirectory.from_config(_config(line))


def _config(line: Line) -> Config:
    config = Config()
    config.set_main_option("script_location", _escaped(_HERE))
    config.set_main_option("path_separator", "newline")  # so that a path may hold anything else
    config.set_main_option("version_locations", _escaped(line.versions))
    return config


def _escaped(path: Path) -> str:
    return str(path).replace("%", "%%")


@contextmanager
def _connected(conninfo: str) -> Iterator[Connection]:
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(conninfo), poolclass=NullPool
    )
    with engine.connect() as connection:
        yield connection
