"""Every command, its arguments and its options."""

from collections.abc import Iterator
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin

import typer

from charsu.cli.commands import GROUPS, app
from charsu.reference.finding import our_operations
from charsu.reference.markdown import code, page, table, told

WORDS = {str: "text", int: "whole number", Path: "path"}

ABOUT = """\
`charsu` is installed as `.venv/bin/charsu` by `make`. Every command works on the shop of
`--data DIR` (or of `CHARSU_DATA`), running or not, and on the server of `DATABASE_URL` where
that is set. `-h` explains any of them. A refusal prints its [code](errors.md) and its sentence
and ends with status 1; a mistyped option with 2."""

FROM_OPERATIONS = """\
Each [operation](operations.md) is a command of its package. Its fields are options: plain
values as text, lists of them by repeating the option, everything else as JSON, also from a file
(`--lines @lines.json`). A change takes `--key`, and all take `--data` and `--json`. Commands
act as the system, which may do everything: whoever holds the folder or the database holds the
shop."""


def commands_page() -> str:
    """The commands of their own, then those that operations make."""
    root: Any = typer.main.get_command(app)
    own = [_section(path, command) for path, command in _leaves(root)]
    return page("Commands", ABOUT, *own, "## Operations", FROM_OPERATIONS, _operations())


def _leaves(group: Any, path: tuple[str, ...] = ("charsu",)) -> Iterator[tuple[str, Any]]:
    """Commands declared as such, with what is typed for them; not those of operations."""
    for name, command in sorted(group.commands.items()):
        if hasattr(command, "commands"):
            yield from _leaves(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


def _section(path: str, command: Any) -> str:
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option"]
    typed = " ".join([path, *(_argument(one) for one in arguments)])
    rows = [
        [", ".join(map(code, one.opts)), _values(one), _default(one), one.help or ""]
        for one in options
    ]
    parts = [f"## {path}", f"```sh\n{typed}\n```", told(command.help), _arguments(arguments)]
    return "\n\n".join(filter(None, [*parts, table(["option", "takes", "default", "what"], rows)]))


def _argument(argument: Any) -> str:
    name = str(argument.name).upper()
    return name if argument.required else f"[{name}…]"


def _arguments(arguments: list[Any]) -> str:
    rows = [[code(str(one.name).upper()), _values(one), one.help or ""] for one in arguments]
    return table(["argument", "takes", "what"], rows)


def _values(parameter: Any) -> str:
    """What is typed for it: one of some words, or a value of this type."""
    annotation: Any = parameter.type_descriptor.annotation
    members = [one for one in get_args(annotation) if one is not NoneType]
    if get_origin(annotation) is Literal:
        return " or ".join(code(one) for one in members)
    if getattr(parameter, "is_flag", False):
        return "–"
    kinds = members or [annotation]
    return WORDS[get_args(kinds[0])[0] if get_origin(kinds[0]) is list else kinds[0]]


def _default(option: Any) -> str:
    if option.required:
        return "**required**"
    plain = isinstance(option.default, str | int) and option.default not in (False, "")
    return code(option.default) if plain else "–"


def _operations() -> str:
    rows = [
        [
            code(f"charsu {package} {verb.replace('_', '-')}"),
            f"[{code(one.name)}](operations/{package}.md#{one.name.replace('.', '')})",
        ]
        for one in our_operations()
        for package, _, verb in [one.name.partition(".")]
        if package in GROUPS
    ]
    return table(["command", "operation"], rows)
