"""Every English sentence that a person may read, found in the code that says it.

Pages and commands mark theirs with ``_`` and its relatives. Refusals, the reasons of an import,
checks and the help of commands are sentences by what they are, and are found without a mark.
"""

import ast
import inspect
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, TypeGuard, get_args, get_origin, get_type_hints

import typer
from babel.messages.extract import extract_from_dir

import charsu
from charsu.assembly import checks
from charsu.cli.commands import GROUPS, app
from charsu.cli.operations import Key
from charsu.cli.speaking import OF_THE_LIBRARY
from charsu.kernel import HubError
from charsu.kernel.intake import problems
from charsu.kernel.intake.report import SHEET_HEADER
from charsu.kernel.intake.unpack import FOREIGN
from charsu.language import CODED, WORDED, spoken

Sentences = set[str | tuple[str, str]]
"""Sentences; a pair where there is one form for one and another for many."""

ROOT = Path(charsu.__file__).parent
UNSPOKEN = ("migrations/", "reference/", "torture/")
"""Steps of the database, and what only the authors of the hub run."""
MARKS = ("_", "mark_sentence", "sentences")
SLOTS = ("template", *WORDED)


@cache
def sentences() -> frozenset[str | tuple[str, str]]:
    """All of them."""
    return frozenset(_in_templates() | _in_modules() | _in_commands() | _elsewhere())


def _in_templates() -> Sentences:
    """What the pages' templates say."""
    keywords = {"_": None, "plural": (1, 2)}
    found = extract_from_dir(
        ROOT / "web", method_map=[("**/templates/**.html", "jinja2")], keywords=keywords
    )
    return {message for _, _, message, _, _ in found if message}  # type: ignore[misc]


def _in_commands() -> Sentences:
    """The help of commands and their options; what describes operations is reference."""
    of_operations = get_args(Key)[1].help
    own = _helps(typer.main.get_command(app))
    return {*GROUPS.values(), *OF_THE_LIBRARY, of_operations, *own}


def _helps(command: Any) -> Iterator[str]:
    yield from filter(None, (command.help, *(one.help for one in command.params)))
    for inner in getattr(command, "commands", {}).values():
        yield from _helps(inner)


def _elsewhere() -> Sentences:
    """Sentences that stand in tables."""
    ours = {check.sentence for check in checks()}
    reasons = [one for one in vars(problems).values() if isinstance(one, problems.Reason)]
    told = {text for one in reasons for text in (one.message, one.mend)}
    return {*ours, *told, *SHEET_HEADER, *FOREIGN.values()}


def _in_modules() -> Sentences:
    files = (path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py"))
    return set().union(*(_in_module(one) for one in files if not one.startswith(UNSPOKEN)))


def _in_module(path: str) -> Sentences:
    """What a module marks, what its refusals say, and the reasons that it makes."""
    if path.endswith("__main__.py"):
        return set()
    name = "charsu." + path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
    module = import_module(name.removesuffix("."))
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    found = {one for call in calls for one in _said(call, module)}
    return found.union(*(_by_class(node, module) for node in ast.walk(tree)))


def _said(call: ast.Call, module: ModuleType) -> Iterator[str | tuple[str, str]]:
    """What one call says, besides ``super().__init__``."""
    name = call.func.id if isinstance(call.func, ast.Name) else _attribute(call.func)
    if name in MARKS and call.args:
        yield from _texts(call.args[0], module)
    elif name == "plural" and len(call.args) > 1:
        yield from zip(_texts(call.args[0], module), _texts(call.args[1], module), strict=True)
    elif name == "Reason":
        yield from (text for one in call.args[1:] for text in _texts(one, module))
    elif _is_refusal(kind := getattr(module, name or "-", None)):
        yield from _slots(call, kind, module)


def _by_class(node: ast.AST, module: ModuleType) -> Sentences:
    """What the classes of refusals hand to the class that they come from."""
    kind = getattr(module, node.name, None) if isinstance(node, ast.ClassDef) else None
    if not _is_refusal(kind) or kind is HubError:
        return set()
    made = (one for one in ast.walk(node) if isinstance(one, ast.Call))
    begun = (one for one in made if _attribute(one.func) == "__init__")
    return {*_words(kind), *(text for call in begun for text in _begun(call, kind, module))}


def _words(kind: type[HubError]) -> Iterator[str]:
    """The words that a refusal may put into its sentence, where its signature tells them."""
    for name, hint in get_type_hints(kind.__init__).items():
        if name in CODED:
            yield from map(spoken, _literals(hint))


def _literals(hint: Any) -> Iterator[str]:
    if get_origin(hint) is Literal:
        yield from get_args(hint)
        return
    for one in get_args(hint):
        yield from _literals(one)


def _begun(call: ast.Call, kind: type[HubError], module: ModuleType) -> Iterator[str]:
    """``super().__init__(…)``, or ``Invalid.__init__(self, …)``."""
    named = call.func.value if isinstance(call.func, ast.Attribute) else None
    if isinstance(named, ast.Name):
        whole = ast.Call(call.func, call.args[1:], call.keywords)
        yield from _slots(whole, getattr(module, named.id), module)
    else:
        yield from _slots(call, kind.__mro__[1], module)


def _slots(call: ast.Call, kind: type[HubError], module: ModuleType) -> Iterator[str]:
    """Texts that go into the slots of sentences and of our own words."""
    names = list(inspect.signature(kind).parameters)
    given = [*zip(names, call.args, strict=False), *((one.arg, one.value) for one in call.keywords)]
    for name, value in given:
        if name in SLOTS:
            texts = _texts(value, module)
            yield from map(spoken, texts) if name in CODED else texts


def _texts(node: ast.expr, module: ModuleType) -> Iterator[str]:
    """The texts that an expression may be: a literal, one of two, or a constant of the module."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (*_texts(node.body, module), *_texts(node.orelse, module))
    elif isinstance(node, ast.Name) and isinstance(text := getattr(module, node.id, None), str):
        yield text


def _attribute(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else ""


def _is_refusal(kind: Any) -> TypeGuard[type[HubError]]:
    return isinstance(kind, type) and issubclass(kind, HubError)
