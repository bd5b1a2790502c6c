"""Databases that live as long as a test."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, NamedTuple, TypeVar

import psycopg

from charsu.assembly import open_hub
from charsu.kernel import Hub

T = TypeVar("T")

_numbers = itertools.count(1)


class Begun(NamedTuple, Generic[T]):
    """A database to copy from, and what it was begun with."""

    name: str
    state: T


@contextmanager
def copied(server: str, original: str) -> Iterator[str]:
    """The name of a database that is like the other, for as long as this lasts.

    Its files are copied: a third faster here than through the write-ahead log.
    """
    name = f"shop_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {original} STRATEGY file_copy")
        yield name
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def begun(server: str, original: str, begin: Callable[[Hub], T]) -> Iterator[Begun[T]]:
    """A copy in which this has been done, for tests that all begin so."""
    with copied(server, original) as name:
        with open_hub(in_database(server, name)) as hub:
            state = begin(hub)
        yield Begun(name, state)


def in_database(server: str, name: str) -> str:
    """The connection string of a database of this server."""
    return psycopg.conninfo.make_conninfo(server, dbname=name)
