"""The tree of categories."""

from typing import LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.catalog.model import Language
from charsu.kernel import Tx, query

_ALL: LiteralString = """
    SELECT id, code, path, position, titles FROM catalog.categories
    ORDER BY cardinality(path), position, code
"""


class ListCategories(Struct, frozen=True, kw_only=True):
    """All of them."""


class Category(Struct, frozen=True):
    """One category; ``path`` holds the codes from the root down to it."""

    id: UUID
    code: str
    path: tuple[str, ...]
    position: int
    titles: dict[Language, str]


class Categories(Struct, frozen=True):
    """All categories, each after the one above it."""

    items: tuple[Category, ...]


@query("catalog.list_categories", permission="catalog.read", http="GET /v1/categories")
def list_categories(tx: Tx, _ask: ListCategories) -> Categories:
    """The whole tree of categories, each after the one above it."""
    return Categories(
        tuple(
            Category(row.id, row.code, tuple(row.path), row.position, row.titles)
            for row in tx.all(_ALL)
        )
    )
