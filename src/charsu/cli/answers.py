"""Answers of operations, for people or as JSON."""

from collections.abc import Iterator
from typing import Any

import msgspec

from charsu.cli.refusing import out


def show(answer: Any, *, json: bool) -> None:
    """Print the answer on standard output."""
    if json:
        out.print(msgspec.json.encode(answer).decode(), markup=False)
        return
    for line in lines(msgspec.to_builtins(answer, str_keys=True)):
        out.print(line, markup=False)


def lines(value: Any, depth: int = 0) -> Iterator[str]:
    """The value as an outline: a name or a dash, then what it holds, further in."""
    pairs = value.items() if isinstance(value, dict) else (("-", one) for one in value or ())
    if not isinstance(value, dict | list | tuple):
        yield _indented(depth, _text(value))
        return
    for name, inner in pairs:
        label = name if name == "-" else f"{name}:"
        if isinstance(inner, dict | list | tuple) and inner:
            yield _indented(depth, label)
            yield from lines(inner, depth + 1)
        else:
            yield _indented(depth, f"{label} {_text(inner)}")


def _indented(depth: int, text: str) -> str:
    return "  " * depth + text


def _text(value: Any) -> str:
    if value is None or value in ({}, []):
        return "–"
    return str(value).lower() if isinstance(value, bool) else str(value)
