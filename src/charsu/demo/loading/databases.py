"""A second shop beside the first: another database of the same server."""

from typing import LiteralString

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

_OURS: LiteralString = """
    SELECT schemaname, tablename FROM pg_tables
    WHERE schemaname <> 'information_schema' AND schemaname NOT LIKE 'pg\\_%'
"""
_EXISTS: LiteralString = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = %s)"


def beside(conninfo: str, suffix: str) -> str:
    """The connection string of the database named like this one with ``_suffix`` added."""
    with psycopg.connect(conninfo) as connection:
        name = connection.info.dbname
    return make_conninfo(conninfo, dbname=f"{name}_{suffix}")


def exists(conninfo: str) -> bool:
    """Whether the server has this database."""
    with psycopg.connect(make_conninfo(conninfo, dbname="postgres")) as connection:
        row = connection.execute(_EXISTS, [_name(conninfo)]).fetchone()
    return bool(row and row[0])


def create(conninfo: str) -> None:
    """Make the database, empty. Raises psycopg.errors.InsufficientPrivilege."""
    _command("CREATE DATABASE {}", conninfo)


def drop(conninfo: str) -> None:
    """Throw the database away with everything in it."""
    _command("DROP DATABASE {} WITH (FORCE)", conninfo)


def analyze(conninfo: str) -> None:
    """Let the planner see what has been loaded. The server's own tables are not ours to read."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        for schema, table in connection.execute(_OURS).fetchall():
            name = sql.Identifier(schema, table)
            connection.execute(sql.SQL("ANALYZE {}").format(name))


def _command(command: LiteralString, conninfo: str) -> None:
    maintenance = make_conninfo(conninfo, dbname="postgres")
    with psycopg.connect(maintenance, autocommit=True) as connection:
        connection.execute(sql.SQL(command).format(sql.Identifier(_name(conninfo))))


def _name(conninfo: str) -> str:
    return str(conninfo_to_dict(conninfo)["dbname"])
