"""Types and their constraints in a few words, from their JSON schema."""

from collections.abc import Iterator
from typing import Any

import msgspec

from charsu.reference.markdown import code, table, told
from charsu.web.api.reference_views import type_of

Json = dict[str, Any]
PREFIX = "#/components/schemas/"
_LIMITS = {
    "minimum": "≥ {}",
    "exclusiveMinimum": "> {}",
    "maximum": "≤ {}",
    "exclusiveMaximum": "< {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {}",
    "maxItems": "at most {}",
    "maxProperties": "at most {}",
    "pattern": "`{}`",
}


class Shapes:
    """The shapes that some types are made of."""

    def __init__(self, *kinds: Any) -> None:
        unique = list(dict.fromkeys(kinds))
        schemas, self.named = msgspec.json.schema_components(unique, ref_template=PREFIX + "{name}")
        self._of = dict(zip(unique, schemas, strict=True))

    def type_of(self, kind: Any) -> str:
        """The type in a few words."""
        return type_of(self._of[kind])

    def fields_of(self, kind: Any) -> str:
        """The fields of a struct as a table; nothing where it has none."""
        name = self._name(self._of[kind])
        return fields_table(self.named[name]) if name else ""

    def told_by(self, kind: Any) -> str:
        """What a struct says of itself."""
        name = self._name(self._of[kind])
        return told(self.named[name].get("description")) if name else ""

    def name_of(self, kind: Any) -> str | None:
        """The name of a struct; None for a plain type."""
        return self._name(self._of[kind])

    @staticmethod
    def _name(schema: Json) -> str | None:
        reference = str(schema.get("$ref", ""))
        return reference.removeprefix(PREFIX) or None


def fields_table(schema: Json) -> str:
    """The fields of one shape."""
    required = schema.get("required", ())
    rows = [
        [code(name), type_of(field), _limits(field), _default(field, name in required)]
        for name, field in schema.get("properties", {}).items()
    ]
    return table(["field", "type", "limits", "without it"], rows)


def _limits(field: Json) -> str:
    return ", ".join(dict.fromkeys(_limits_in(field)))


def _limits_in(field: Json) -> Iterator[str]:
    for name, words in _LIMITS.items():
        if name in field:
            yield words.format(field[name])
    for inner in (*field.get("anyOf", ()), *filter(None, [field.get("items")])):
        if isinstance(inner, dict):
            yield from _limits_in(inner)


def _default(field: Json, is_required: bool) -> str:
    if is_required:
        return "**required**"
    value = field.get("default")
    return "–" if value in (None, [], {}, "") else code(msgspec.json.encode(value).decode())
