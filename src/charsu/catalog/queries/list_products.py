"""Products page by page, for staff and for systems that copy them."""

from typing import Annotated, LiteralString
from uuid import UUID

from msgspec import Meta, Struct

from charsu.catalog.model import Code, Language, ProductStatus, languages_for
from charsu.kernel import Mark, PageUnknown, Tx, cut, query, read_mark

_PAGE: LiteralString = """
    SELECT p.id, p.handle, p.status, p.brand, c.code AS category, p.version, t.title,
           (SELECT count(*) FROM catalog.variants AS v
            WHERE v.product_id = p.id AND NOT v.is_archived) AS variants
    FROM catalog.products AS p
    LEFT JOIN catalog.categories AS c ON c.id = p.category_id
    CROSS JOIN LATERAL (
        SELECT title FROM catalog.product_texts AS t WHERE t.product_id = p.id
        ORDER BY array_position(%(languages)s::text[], t.language), t.language LIMIT 1
    ) AS t
    WHERE p.handle > coalesce(%(last)s, '')
      AND (%(status)s::text IS NULL OR p.status = %(status)s)
      AND (%(category)s::text IS NULL OR %(category)s = ANY(c.path))
    ORDER BY p.handle LIMIT %(limit)s
"""


class ListProducts(Struct, frozen=True, kw_only=True):
    """Which products; ``category`` takes those of all categories below it as well."""

    status: ProductStatus | None = None
    category: Code | None = None
    language: Language = "en"
    limit: Annotated[int, Meta(ge=1, le=200)] = 50
    after: Mark | None = None


class ProductRow(Struct, frozen=True):
    """A product in a list."""

    id: UUID
    handle: str
    title: str
    status: ProductStatus
    brand: str | None
    category: str | None
    variants: int
    version: int


class ProductPage(Struct, frozen=True):
    """Some products in the order of their handles; ``next`` asks for those after."""

    items: tuple[ProductRow, ...]
    next: str | None


@query(
    "catalog.list_products",
    permission="catalog.read",
    http="GET /v1/products",
    raises=(PageUnknown,),
)
def list_products(tx: Tx, ask: ListProducts) -> ProductPage:
    """Products in the order of their handles; pages stay right while products come and go."""
    (last,) = read_mark(ask.after, str)
    rows = tx.all(
        _PAGE,
        last=last,
        status=ask.status,
        category=ask.category,
        languages=languages_for(ask.language),
        limit=ask.limit + 1,
    )
    shown, more = cut(rows, ask.limit, "handle")
    items = tuple(
        ProductRow(
            id=row.id,
            handle=row.handle,
            title=row.title,
            status=row.status,
            brand=row.brand,
            category=row.category,
            variants=row.variants,
            version=row.version,
        )
        for row in shown
    )
    return ProductPage(items, more)
