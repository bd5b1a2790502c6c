"""Where the house is put together: which packages there are, in the order in which they may build
on each other, and how a hub on all of them is opened."""

from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import structlog

from charsu.channels.ucp import sending as ucp_sending
from charsu.kernel import AnyOperation, Hub, operations_in, reactions_in
from charsu.kernel.check import Check
from charsu.kernel.log import Consumer, no_consumer_is_missing, open_epoch, register
from charsu.kernel.plugins import GROUP, Plugins, load_plugins
from charsu.kernel.processes import processes_in, run_due
from charsu.kernel.webhooks import Renderer, renderers_in
from charsu.kernel.webhooks.chores import sending
from charsu.kernel.work import Chore, chore, chores_in

_log = structlog.get_logger("charsu.plugins")

PACKAGES = (
    "charsu.kernel.ledger",
    "charsu.kernel.log",
    "charsu.kernel.access",
    "charsu.kernel.webhooks",
    "charsu.kernel.setup",
    "charsu.kernel.processes",
    "charsu.catalog",
    "charsu.pricing",
    "charsu.stock",
    "charsu.customers",
    "charsu.orders",
    "charsu.shopping",
    "charsu.identity",
    "charsu.insights",
    "charsu.imports",
    "charsu.channels.ucp",
)
"""Each may build on the ones before it."""


def rooms(name: str) -> Iterator[ModuleType]:
    """The rooms of this name in every package that has one."""
    for package in PACKAGES:
        if find_spec(package) and find_spec(f"{package}.{name}"):
            yield import_module(f"{package}.{name}")


_unready: dict[str, str] = {}
"""Plug-ins that the shop of this process was not brought up to, and why."""


def plugins() -> Plugins:
    """What strangers have added, without what the shop that was opened last is not ready for."""
    return _installed().without(_unready)


@cache
def _installed() -> Plugins:
    """What strangers have added on this machine; loaded once, after all that is ours."""
    if entry_points(group=GROUP):  # theirs are told from ours, so all of ours are known before
        list(rooms("tables"))
    return load_plugins(taken={one.name.partition(".")[0] for one in _own_operations()})


def operations() -> list[AnyOperation]:
    """Every verb and question of the house, then those of plug-ins."""
    return [*_own_operations(), *(one for plugin in plugins().loaded for one in plugin.operations)]


def _own_operations() -> Iterator[AnyOperation]:
    return operations_in([*rooms("operations"), *rooms("queries")])


def open_hub(conninfo: str, **options: Any) -> Hub:
    """A hub with every operation and reaction of the house, on a shop that is ready for it."""
    _leave_out_unready(conninfo)
    list(rooms("chores"))  # what only workers keep to can be decided in any process
    return Hub(conninfo, operations=operations(), consumers=consumers(), **options)


def consumers() -> list[Consumer]:
    """Everything that reacts to the log, then what reacts of plug-ins."""
    added = (consumer for plugin in plugins().loaded for consumer in plugin.consumers)
    return [*reactions_in(rooms("reactions")), *added]


def _leave_out_unready(conninfo: str) -> None:
    """Go on without plug-ins whose tables are not as they need them.

    The shop's own record decides, so that every process leaves out the same.
    """
    with_tables = [one for one in _installed().loaded if one.migrations or one.tables]
    if not with_tables:
        return
    from charsu.migrations import unready  # late: only for shops with such plug-ins

    found = unready(conninfo, with_tables)
    for name in found.keys() - _unready.keys():
        _log.error("plugin_left_out", plugin=name, reason=found[name])
    _unready.clear()
    _unready.update(found)


def checks() -> list[Check]:
    """Every sentence that must be true of a shop, package by package."""
    ours = [check for room in rooms("checks") for check in room.CHECKS]
    ours.append(no_consumer_is_missing(consumers()))
    return ours + [check for plugin in plugins().loaded for check in plugin.checks]


def chores() -> list[Chore]:
    """Everything that the worker looks after."""
    return [*chores_in(rooms("chores")), _processes()]


def _processes() -> Chore:
    """The chore that takes the steps of every process that is due."""
    kinds = {process.kind: process for process in processes_in(rooms("processes"))}

    @chore("kernel.run_processes", every_seconds=1)
    def run_processes(hub: Hub) -> int:
        return run_due(hub, kinds)

    return run_processes


def outgoing_chores(*, is_stopping: Callable[[], bool]) -> list[Chore]:
    """What waits for other systems, and so is not to keep the worker waiting."""
    return [
        sending(renderers(), is_stopping=is_stopping),
        ucp_sending(is_stopping=is_stopping),
    ]


def renderers() -> dict[str, Renderer]:
    """What receivers of webhooks are told, by the name of the fact."""
    found = renderers_in(rooms("renderers"))
    for plugin in plugins().loaded:
        found |= plugin.renderers
    return found


def prepare(conninfo: str) -> None:
    """Make an empty database a shop, or bring an older shop up to this release.

    A plug-in whose steps fail is left out, and named in the log; the shop goes on without it.
    """
    from charsu.migrations import upgrade  # late: most processes find their shop prepared

    list(rooms("tables"))
    upgrade(conninfo, plugins=_installed().loaded)
    with open_hub(conninfo, connections=1) as hub, hub.writing("kernel.prepare") as tx:
        open_epoch(tx)
        register(tx, hub.consumers.values())
