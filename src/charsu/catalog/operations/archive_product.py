"""Taking a product off sale for good."""

from typing import LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.catalog.facts import ProductArchived
from charsu.catalog.model import Handle
from charsu.catalog.search.index import forget_entries
from charsu.kernel import WHOLE_BUSINESS, NotFound, Tx, append, operation

_PRODUCT: LiteralString = """
    SELECT id, status FROM catalog.products WHERE handle = %(handle)s FOR UPDATE
"""

_ARCHIVE: LiteralString = """
    UPDATE catalog.products SET status = 'archived', version = version + 1, changed_at = %(now)s
    WHERE id = %(id)s RETURNING version
"""


class ArchiveProduct(Struct, frozen=True, kw_only=True):
    """Which product is no longer sold."""

    handle: Handle


class Archived(Struct, frozen=True):
    """Whether it was sold until now."""

    product_id: UUID
    is_changed: bool


@operation(
    "catalog.archive_product",
    permission="catalog.edit",
    at=WHOLE_BUSINESS,
    http="POST /v1/products/{handle}/archive",
    raises=(NotFound,),
)
def archive_product(tx: Tx, ask: ArchiveProduct) -> Archived:
    """Take a product off sale everywhere; orders, stock and its history keep it.

    Putting it again as active brings it back with the same ids.
    """
    product = tx.first(_PRODUCT, handle=ask.handle)
    if product is None:
        raise NotFound("product", ask.handle)
    if product.status == "archived":
        return Archived(product.id, is_changed=False)
    version = tx.value(_ARCHIVE, id=product.id, now=tx.now)
    append(tx, ProductArchived(), subject=product.id, version=version)
    forget_entries(tx, [product.id])
    return Archived(product.id, is_changed=True)
