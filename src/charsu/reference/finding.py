"""Finding what the code declares, by loading all of it."""

import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any, TypeVar

import charsu
from charsu.assembly import operations
from charsu.kernel import AnyOperation, HubError, Setting
from charsu.kernel.log.fact import NAMES, Fact

LEFT_OUT = ("charsu.migrations.", "charsu.demo", "charsu.torture", "charsu.reference")
"""Steps that run when loaded, and what is no part of a running shop."""

Kind = TypeVar("Kind")


@cache
def modules() -> tuple[ModuleType, ...]:
    """Every module of a shop, loaded."""
    found = pkgutil.walk_packages(charsu.__path__, "charsu.")
    names = (one.name for one in found if not one.name.startswith(LEFT_OUT))
    return tuple(import_module(name) for name in names if not name.endswith("__main__"))


def our_operations() -> list[AnyOperation]:
    """Every operation of ours, in order of its name; what plug-ins add here is not described."""
    return [one for one in operations() if one.__module__.startswith("charsu.")]


def our_facts() -> dict[str, type[Fact]]:
    """Every fact of ours by its name."""
    modules()
    ours = {name: kind for name, kind in NAMES.items() if kind.__module__.startswith("charsu.")}
    return dict(sorted(ours.items()))


def our_errors() -> list[type[HubError]]:
    """Every kind of refusal of ours, in order of its code."""
    modules()
    ours = {kind for kind in _below(HubError) if kind.__module__.startswith("charsu.")}
    return sorted(ours, key=lambda kind: (kind.code, kind.__module__))


def our_settings() -> list[Setting[Any]]:
    """Every setting of ours, in order of its name."""
    found = {
        value.name: value
        for module in modules()
        for value in vars(module).values()
        if isinstance(value, Setting)
    }
    return [found[name] for name in sorted(found)]


def _below(kind: type[Kind]) -> Iterator[type[Kind]]:
    for inner in kind.__subclasses__():
        yield inner
        yield from _below(inner)
