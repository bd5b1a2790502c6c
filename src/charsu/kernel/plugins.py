"""Plug-ins: packages of strangers, furnished like our own and found through entry points.

A distribution that declares

    [project.entry-points."charsu.plugins"]
    gifts = "charsu_gifts"

adds the package ``charsu_gifts`` to the hub under the name ``gifts``. The hub looks into the same
rooms as in its own packages: ``tables``, ``operations``, ``queries``, ``reactions``, ``checks``,
``renderers`` and ``settings``, each a module that may be missing; what is small may stand in the
package itself. A folder ``migrations`` holds Alembic versions, which make and change its tables;
``locales`` the catalogs of its sentences.

Everything it adds bears its name: operations, reactions and settings ``gifts.…``, tables in the
schema ``gifts``, routes below ``/v1/plugins/gifts/``. So it cannot take the place of anything of
ours, nor of another plug-in. One that breaks this rule, or fails while it is loaded, is left out
whole, and named with the reason; the hub and the other plug-ins go on without it.
"""

import pkgutil
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import structlog
from msgspec import Struct

import charsu
from charsu.kernel.check import Check
from charsu.kernel.log import Consumer, reactions_in
from charsu.kernel.log.fact import NAMES as FACTS
from charsu.kernel.operations import AnyOperation, operations_in
from charsu.kernel.settings import SETTINGS, Setting
from charsu.kernel.webhooks import Renderer, renderers_in
from charsu.language import join_catalogs

if TYPE_CHECKING:
    from sqlalchemy import MetaData, Table

GROUP = "charsu.plugins"
ROOMS = ("settings", "tables", "operations", "queries", "reactions", "renderers", "checks")
_NAME = re.compile(r"(?!pg_)[a-z][a-z0-9_]{1,30}")
_log = structlog.get_logger("charsu.plugins")


class PluginRefused(Exception):
    """A plug-in breaks a rule that all plug-ins keep; the sentence is for whoever installed it."""


class Plugin(Struct, frozen=True, kw_only=True):
    """What one plug-in adds."""

    name: str
    distribution: str  # with its version: "charsu-gifts 1.2"
    operations: tuple[AnyOperation, ...]
    consumers: tuple[Consumer, ...]
    renderers: dict[str, Renderer]
    settings: tuple[Setting[Any], ...]
    checks: tuple[Check, ...]
    tables: "tuple[Table, ...]"
    migrations: Path | None
    locales: Path | None


class PluginFailed(Struct, frozen=True):
    """A plug-in that was left out, and why."""

    name: str
    distribution: str
    reason: str


class Plugins(Struct, frozen=True):
    """What was found on this machine."""

    loaded: tuple[Plugin, ...] = ()
    failed: tuple[PluginFailed, ...] = ()

    def without(self, reasons: Mapping[str, str]) -> "Plugins":
        """The same less the plug-ins named, which were left out for these reasons."""
        loaded, failed = list[Plugin](), list(self.failed)
        for plugin in self.loaded:
            if reason := reasons.get(plugin.name):
                failed.append(PluginFailed(plugin.name, plugin.distribution, reason))
            else:
                loaded.append(plugin)
        return Plugins(tuple(loaded), tuple(failed))


def load_plugins(
    *, taken: Collection[str] = (), found: Iterable[EntryPoint] | None = None
) -> Plugins:
    """Load every installed plug-in, or those ``found``, in order of their names.

    taken   names that a plug-in may not bear, besides those of our packages: the first words of
            our operations. Load ours first, so that all of it is known.
    """
    loaded: list[Plugin] = []
    failed: list[PluginFailed] = []
    names = {*taken, *(module.name for module in pkgutil.iter_modules(charsu.__path__)), "public"}
    points = entry_points(group=GROUP) if found is None else found
    for point in sorted(points, key=lambda each: (each.name, _distribution(each))):
        try:
            loaded.append(_load(point, names))
            names.add(point.name)
        except (Exception, SystemExit) as problem:
            failed.append(PluginFailed(point.name, _distribution(point), reason_for(problem)))
            _log.error("plugin_left_out", plugin=point.name, reason=failed[-1].reason)
    return Plugins(tuple(loaded), tuple(failed))


def _load(point: EntryPoint, names: Collection[str]) -> Plugin:
    """The plug-in, with nothing of it left behind if it is refused."""
    if not _NAME.fullmatch(point.name):
        raise PluginRefused(f"{point.name} is no name for a plug-in: use small letters, 2 to 31")
    if point.name in names:
        raise PluginRefused(f"the name {point.name} is taken")
    metadata = _metadata()
    tables, facts, settings = set(metadata.tables), set(FACTS), dict(SETTINGS)
    try:
        plugin = _collect(point)
        _check_names(plugin)
        _check_tables(plugin, metadata.tables.keys() - tables)
        _check_facts(point, FACTS.keys() - facts)
        _check_settings(plugin, settings)
        if plugin.locales:
            join_catalogs(plugin.locales)
    except BaseException:
        for key in metadata.tables.keys() - tables:
            metadata.remove(metadata.tables[key])
        for name in FACTS.keys() - facts:
            del FACTS[name]
        SETTINGS.clear()
        SETTINGS.update(settings)
        raise
    return plugin


def _collect(point: EntryPoint) -> Plugin:
    package = point.load()
    if not isinstance(package, ModuleType):
        raise PluginRefused(f"{point.value} is not a package")
    modules = [package, *_rooms(package)]
    return Plugin(
        name=point.name,
        distribution=_distribution(point),
        operations=tuple(each for each in operations_in(modules) if _is_in(package, each)),
        consumers=tuple(each for each in reactions_in(modules) if _is_in(package, each.handle)),
        renderers={
            name: each
            for name, each in renderers_in(modules).items()
            if _is_in(package, each.render)
        },
        settings=tuple(_settings(modules, point.name)),
        checks=tuple(check for module in modules for check in getattr(module, "CHECKS", ())),
        tables=tuple(table for table in _metadata().sorted_tables if table.schema == point.name),
        migrations=_folder(package, "migrations"),
        locales=_folder(package, "locales"),
    )


def _metadata() -> "MetaData":
    """Where tables are declared; late, since few processes need it."""
    from charsu.kernel.tables import metadata

    return metadata


def _rooms(package: ModuleType) -> Iterator[ModuleType]:
    if hasattr(package, "__path__"):
        for room in ROOMS:
            if find_spec(f"{package.__name__}.{room}"):
                yield import_module(f"{package.__name__}.{room}")


def _is_in(package: ModuleType, declared: AnyOperation | Callable[..., Any]) -> bool:
    """Whether it was declared there; what a module shows may be imported from us."""
    return f"{declared.__module__}.".startswith(f"{package.__name__}.")


def _settings(modules: Iterable[ModuleType], name: str) -> Iterator[Setting[Any]]:
    """Those that bear the plug-in's name; a setting does not say where it was declared."""
    shown = (value for module in modules for value in vars(module).values())
    settings = {each.name: each for each in shown if isinstance(each, Setting)}
    yield from (each for each in settings.values() if each.name.startswith(f"{name}."))


def _check_names(plugin: Plugin) -> None:
    names = [each.name for each in plugin.operations] + [each.name for each in plugin.consumers]
    for name in names:
        if not name.startswith(f"{plugin.name}."):
            raise PluginRefused(f"{name} must be named {plugin.name}.…")
    root = f"/v1/plugins/{plugin.name}/"
    for operation in plugin.operations:
        if operation.http_path is not None and not operation.http_path.startswith(root):
            raise PluginRefused(f"{operation.name} must have its route below {root}")


def _check_tables(plugin: Plugin, added: Iterable[str]) -> None:
    for key in added:
        if _metadata().tables[key].schema != plugin.name:
            raise PluginRefused(f"the table {key} must be in the schema {plugin.name}")


def _check_facts(point: EntryPoint, added: Iterable[str]) -> None:
    """Facts are named by the package that says them, which none of ours may be mistaken for."""
    for name in added:
        if not name.startswith(f"{point.module.split('.')[0]}."):
            raise PluginRefused(f"the fact {name} is declared outside of {point.module}")


def _check_settings(plugin: Plugin, before: Mapping[str, Setting[Any]]) -> None:
    """A setting is found by its name, so nobody else's may be declared anew."""
    for name, setting in SETTINGS.items():
        if before.get(name) is not setting and not name.startswith(f"{plugin.name}."):
            raise PluginRefused(f"the setting {name} must be named {plugin.name}.…")


def _folder(package: ModuleType, name: str) -> Path | None:
    folder = Path(package.__file__ or "").parent / name
    return folder if hasattr(package, "__path__") and folder.is_dir() else None


def _distribution(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else "unknown"


def reason_for(problem: BaseException) -> str:
    """Why a plug-in is left out, in a line."""
    return str(problem) if isinstance(problem, PluginRefused) else repr(problem)
