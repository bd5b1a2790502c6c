"""Fields of a struct as text that can be typed."""

from enum import Enum
from pathlib import Path
from typing import Any

import msgspec
from msgspec import inspect

from charsu.cli.refusing import FileOfOption, NotOfKind, OptionIsNoJson
from charsu.cli.speaking import _
from charsu.language import mark_sentence

PLAIN = (
    inspect.StrType,
    inspect.IntType,
    inspect.FloatType,
    inspect.BoolType,
    inspect.UUIDType,
    inspect.DateType,
    inspect.DateTimeType,
    inspect.EnumType,
    inspect.LiteralType,
)
LISTS = (inspect.CollectionType, inspect.VarTupleType, inspect.ListType, inspect.SetType)


WORDS = {
    inspect.StrType: mark_sentence("text"),
    inspect.IntType: mark_sentence("whole number"),
    inspect.FloatType: mark_sentence("number"),
    inspect.BoolType: mark_sentence("true or false"),
    inspect.UUIDType: mark_sentence("id"),
    inspect.DateType: mark_sentence("day, as 2026-12-31"),
    inspect.DateTimeType: mark_sentence("instant, as 2026-12-31T18:00:00Z"),
}


class Kind(Enum):
    """How a field is typed."""

    TEXT = "one plain value"
    LIST = "plain values, one for each time the option is given"
    JSON = "anything else"


def kind_of(shape: inspect.Type) -> Kind:
    """How a value of this type is typed."""
    bare = _bare(shape)
    if isinstance(bare, PLAIN):
        return Kind.TEXT
    if isinstance(bare, LISTS) and isinstance(_bare(bare.item_type), PLAIN):
        return Kind.LIST
    return Kind.JSON


def meaning(shape: inspect.Type, *, is_required: bool) -> str:
    """What is to be typed, for the help text."""
    needed = "" if is_required else _(" (optional)")
    bare = _bare(shape)
    if kind_of(shape) is Kind.LIST and isinstance(bare, LISTS):
        return _("{what}; may be repeated", what=_word(_bare(bare.item_type))) + needed
    return f"{_word(bare)}{needed}"


def read(option: str, shape: inspect.Type, given: str | list[str], *, folder: Path) -> Any:
    """The value as JSON has it. Raises OptionInvalid."""
    if isinstance(given, list):
        item = _bare(_bare(shape).item_type)  # type: ignore[attr-defined]
        return [_plain(option, item, text) for text in given]
    if kind_of(shape) is Kind.TEXT:
        return _plain(option, _bare(shape), given)
    return _json(option, given, folder)


def _plain(option: str, shape: inspect.Type, text: str) -> Any:
    """Numbers and truth values are read; all else is text to JSON, too."""
    if not isinstance(shape, inspect.IntType | inspect.FloatType | inspect.BoolType):
        return text
    kinds = {inspect.IntType: int, inspect.FloatType: float, inspect.BoolType: bool}
    try:
        return msgspec.convert(text, kinds[type(shape)], strict=False)
    except msgspec.ValidationError:
        raise NotOfKind(option, text, WORDS[type(shape)]) from None


def _json(option: str, text: str, folder: Path) -> Any:
    try:
        raw = (folder / text[1:]).read_bytes() if text.startswith("@") else text.encode()
        return msgspec.json.decode(raw)
    except OSError as problem:
        raise FileOfOption(option, text[1:], str(problem.strerror)) from problem
    except msgspec.DecodeError as problem:
        raise OptionIsNoJson(option, str(problem)) from problem


def _bare(shape: inspect.Type) -> inspect.Type:
    """The type without its constraints and without None; a choice of several stays one."""
    while isinstance(shape, inspect.Metadata):
        shape = shape.type
    if isinstance(shape, inspect.UnionType):
        members = [one for one in shape.types if not isinstance(one, inspect.NoneType)]
        if len(members) == 1:
            return _bare(members[0])
    return shape


def _word(shape: inspect.Type) -> str:
    if isinstance(shape, inspect.LiteralType):
        return _(" or ").join(map(str, shape.values))
    if isinstance(shape, inspect.EnumType):
        return _(" or ").join(str(member.value) for member in shape.cls)
    return _(WORDS.get(type(shape)) or mark_sentence("JSON, or @FILE"))
