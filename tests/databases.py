"""Databases that live as long as a test."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

_numbers = itertools.count(1)


@contextmanager
def copied(server: str, original: str) -> Iterator[str]:
    """The name of a database that is like the other, for as long as this lasts."""
    name = f"shop_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {original} STRATEGY wal_log")
        yield name
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def in_database(server: str, name: str) -> str:
    """The connection string of a database of this server."""
    return psycopg.conninfo.make_conninfo(server, dbname=name)
