"""Every operation as a command: `charsu stock receive --location-id … --lines '[…]'`.

The fields of what an operation asks for become options: plain values as text, lists of them by
repeating the option, everything else as JSON, which may stand in a file (`--lines @lines.json`).
"""

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import msgspec
import typer
from msgspec.inspect import Type, type_info

import charsu.web.api.limits  # noqa: F401 - what web processes keep to is decided here, too
from charsu.assembly import open_hub, operations, prepare
from charsu.cli.answers import show
from charsu.cli.fields import Kind, kind_of, meaning, read
from charsu.cli.options import AsJson, Data
from charsu.cli.refusing import OptionInvalid
from charsu.cli.shop import opened
from charsu.kernel import SYSTEM, AnyOperation
from charsu.web.api.errors import FieldInvalid
from charsu.web.api.shapes import check_known, check_plain, converted

Key = Annotated[
    str | None, typer.Option("--key", help="The same key again has the same effect once.")
]
_OURS = {"data", "json", "key"}


def group(package: str) -> dict[str, Any]:
    """The commands for the operations of one package or plug-in, by what is typed."""
    commands = typer.Typer()
    commands.callback()(lambda: None)  # a group also where there is one command only
    for operation in operations():
        first, _, verb = operation.name.partition(".")
        if first == package:
            told = inspect.cleandoc(operation.__doc__ or "")
            commands.command(verb.replace("_", "-"), help=told)(_command(operation))
    return dict(typer.main.get_group(commands).commands) if commands.registered_commands else {}


def _command(operation: AnyOperation) -> Callable[..., None]:
    fields = msgspec.structs.fields(operation.ask_type)
    hints = get_type_hints(operation.ask_type, include_extras=True)
    shapes = {field.encode_name: type_info(hints[field.name]) for field in fields}

    def command(**given: Any) -> None:
        data, json, key = given.pop("data"), given.pop("json"), given.pop("key", None)
        ask = _ask(operation, shapes, given)
        with opened(data) as server:
            prepare(server.dsn)
            with open_hub(server.dsn, connections=2) as hub:
                answer = hub.run(operation, ask, actor=SYSTEM, key=key)
        show(answer, json=json)

    command.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [*(_parameter(field, shapes[field.encode_name]) for field in fields), *_own(operation)]
    )
    return command


def _parameter(field: msgspec.structs.FieldInfo, shape: Type) -> inspect.Parameter:
    """An option for a field, which may be left out where the ask has a default."""
    option = typer.Option(
        f"--{field.encode_name.replace('_', '-')}",
        help=meaning(shape, is_required=field.required),
        show_default=False,
    )
    takes = list[str] if kind_of(shape) is Kind.LIST else str
    return inspect.Parameter(
        _name(field.encode_name),
        inspect.Parameter.KEYWORD_ONLY,
        default=... if field.required else None,
        annotation=Annotated[takes if field.required else takes | None, option],
    )


def _own(operation: AnyOperation) -> list[inspect.Parameter]:
    kept = {"data": (Data, None), "json": (AsJson, False)}
    if operation.writes:
        kept["key"] = (Key, None)
    return [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
        )
        for name, (annotation, default) in kept.items()
    ]


def _name(field: str) -> str:
    """The parameter's name; a field that is named like one of ours keeps its option."""
    return f"{field}_" if field in _OURS else field


def _ask(operation: AnyOperation, shapes: Mapping[str, Type], given: Mapping[str, Any]) -> Any:
    """The ask that the options make. Raises OptionInvalid, naming the option."""
    texts = {field: given[_name(field)] for field in shapes}
    values = {
        field: read(f"--{field.replace('_', '-')}", shapes[field], text, folder=Path.cwd())
        for field, text in texts.items()
        if text is not None and text != []
    }
    try:
        check_plain(values)
        check_known(operation.ask_type, values)
        return converted(values, operation.ask_type)
    except FieldInvalid as problem:
        option = str(problem.data["field"]).replace("_", "-")
        raise OptionInvalid(f"--{option}" if option else operation.name, str(problem)) from problem
