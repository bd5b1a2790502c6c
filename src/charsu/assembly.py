"""Where the house is put together: which packages there are, in the order in which they may build
on each other, and how a hub on all of them is opened."""

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from charsu.kernel import Hub, operations_in, reactions_in
from charsu.kernel.check import Check
from charsu.kernel.log import open_epoch, register
from charsu.kernel.work import Chore, chores_in
from charsu.migrations import upgrade

PACKAGES = (
    "charsu.kernel.ledger",
    "charsu.kernel.log",
    "charsu.kernel.access",
    "charsu.kernel.webhooks",
    "charsu.catalog",
    "charsu.pricing",
    "charsu.stock",
    "charsu.customers",
    "charsu.orders",
    "charsu.shopping",
)
"""Each may build on the ones before it."""

def rooms(name: str) -> Iterator[ModuleType]:
    """The rooms of this name in every package that has one."""
    for package in PACKAGES:
        if find_spec(package) and find_spec(f"{package}.{name}"):
            yield import_module(f"{package}.{name}")


def open_hub(conninfo: str, **options: Any) -> Hub:
    """A hub with every operation and reaction of the house, on a shop that is ready for it."""
    list(rooms("tables"))
    return Hub(
        conninfo,
        operations=operations_in([*rooms("operations"), *rooms("queries")]),
        consumers=reactions_in(rooms("reactions")),
        **options,
    )


def checks() -> list[Check]:
    """Every sentence that must be true of a shop, package by package."""
    return [check for room in rooms("checks") for check in room.CHECKS]


def chores() -> list[Chore]:
    """Everything that the worker looks after."""
    return list(chores_in(rooms("chores")))


def prepare(conninfo: str) -> None:
    """Make an empty database a shop, or bring an older shop up to this release."""
    list(rooms("tables"))
    upgrade(conninfo)
    with open_hub(conninfo, connections=1) as hub, hub.writing("kernel.prepare") as tx:
        open_epoch(tx)
        register(tx, hub.consumers.values())
