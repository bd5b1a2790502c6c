"""Making, renaming and moving categories."""

from typing import Annotated, Any, LiteralString
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from charsu.catalog.errors import CategoryCycle, CategoryUnknown
from charsu.catalog.facts import CategoryPut
from charsu.catalog.model import Code, Language, Name
from charsu.catalog.search.reindex import reindex
from charsu.kernel import WHOLE_BUSINESS, Tx, append, operation

_LOCK: LiteralString = """
    SELECT id, parent_id, path, position, titles, version FROM catalog.categories
    WHERE code = %(code)s FOR UPDATE
"""

# One mover at a time: two moves that are harmless alone could close a circle together.
_ONE_MOVER: LiteralString = "SELECT pg_advisory_xact_lock(hashtext('catalog.categories'))"

_PARENT: LiteralString = "SELECT id, path FROM catalog.categories WHERE code = %(code)s"

_INSERT: LiteralString = """
    INSERT INTO catalog.categories (id, code, parent_id, path, position, titles, version)
    VALUES (%(id)s, %(code)s, %(parent)s, %(path)s, %(position)s, %(titles)s::jsonb, 1)
    RETURNING id, version
"""

_UPDATE: LiteralString = """
    UPDATE catalog.categories
    SET parent_id = %(parent)s, position = %(position)s, titles = %(titles)s::jsonb,
        version = version + 1
    WHERE id = %(id)s RETURNING id, version
"""

_MOVE: LiteralString = """
    UPDATE catalog.categories
    SET path = %(path)s::text[] || path[array_position(path, %(code)s) + 1 : ]
    WHERE %(code)s = ANY(path)
"""

_PRODUCTS_BELOW: LiteralString = """
    SELECT p.id FROM catalog.products AS p JOIN catalog.categories AS c ON c.id = p.category_id
    WHERE %(code)s = ANY(c.path)
"""


class PutCategory(Struct, frozen=True, kw_only=True):
    """A category as it should be; ``parent`` is the code of the one above it."""

    code: Code
    titles: Annotated[dict[Language, Name], Meta(min_length=1)]
    parent: Code | None = None
    position: Annotated[int, Meta(ge=0, le=1_000_000)] = 0  # among its neighbours


class CategoryStored(Struct, frozen=True):
    """The category's id, and whether anything is different from before."""

    category_id: UUID
    is_changed: bool


@operation(
    "catalog.put_category",
    permission="catalog.edit",
    at=WHOLE_BUSINESS,
    http="PUT /v1/categories/{code}",
    raises=(CategoryUnknown, CategoryCycle),
)
def put_category(tx: Tx, ask: PutCategory) -> CategoryStored:
    """Make a category, or rename or move it with everything below."""
    tx.run(_ONE_MOVER)
    before = tx.first(_LOCK, code=ask.code)
    parent = _parent(tx, ask)
    path = [*(parent.path if parent else ()), ask.code]
    if before is not None and _same(before, ask, path):
        return CategoryStored(before.id, is_changed=False)
    row = tx.first(
        _INSERT if before is None else _UPDATE,
        id=tx.new_id() if before is None else before.id,
        code=ask.code,
        parent=parent and parent.id,
        path=path,
        position=ask.position,
        titles=msgspec.json.encode(ask.titles).decode(),
    )
    assert row is not None
    append(tx, CategoryPut(path=tuple(path)), subject=row.id, version=row.version)
    if before is not None and (before.path, before.titles) != (path, ask.titles):
        _carry_below(tx, ask.code, path)
    return CategoryStored(row.id, is_changed=True)


def _parent(tx: Tx, ask: PutCategory) -> Any | None:
    if ask.parent is None:
        return None
    parent = tx.first(_PARENT, code=ask.parent)
    if parent is None:
        raise CategoryUnknown(ask.parent)
    if ask.code in parent.path:
        raise CategoryCycle(ask.code, ask.parent)
    return parent


def _same(before: Any, ask: PutCategory, path: list[str]) -> bool:
    now = (before.path, before.position, before.titles)
    return bool(now == (path, ask.position, ask.titles))


def _carry_below(tx: Tx, code: str, path: list[str]) -> None:
    """Take along what stands below: the paths of categories, the entries of products."""
    tx.run(_MOVE, code=code, path=path)
    reindex(tx, [row.id for row in tx.all(_PRODUCTS_BELOW, code=code)])
