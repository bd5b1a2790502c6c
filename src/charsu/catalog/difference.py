"""What is different between a stored product and the same product as somebody wants it to be."""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from charsu.catalog.model import ProductDraft, sku_key


class Difference(Struct, frozen=True):
    """One field that would change; None stands for a field that is not there."""

    field: str  # a path: texts.en.title, variants.mug-red.gtin
    before: Any
    after: Any


def differences(before: ProductDraft | None, after: ProductDraft) -> tuple[Difference, ...]:
    """Every field in which the two differ, in the order of the fields; empty when equal."""
    if before == after:
        return ()
    old: dict[str, Any] = {} if before is None else dict(_fields(before))
    new = dict(_fields(after))
    return tuple(
        Difference(field, old.get(field), new.get(field))
        for field in {**old, **new}
        if old.get(field) != new.get(field)
    )


def _fields(draft: ProductDraft) -> Iterator[tuple[str, Any]]:
    plain = msgspec.to_builtins(draft)
    variants = plain.pop("variants")
    yield from _flat(plain, "")
    yield "variants", [sku_key(variant["sku"]) for variant in variants]
    for variant in variants:
        yield from _flat(variant, f"variants.{sku_key(variant['sku'])}.")


def _flat(value: dict[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, inner in value.items():
        if isinstance(inner, dict):
            yield from _flat(inner, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", inner
