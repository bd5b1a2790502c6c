"""The year's products and categories as the catalog takes them."""

from collections.abc import Iterator

import polars as pl

from charsu.catalog import ProductDraft, ProductText, PutCategory, VariantDraft


def product_drafts(products: pl.DataFrame) -> Iterator[ProductDraft]:
    """One product with one variant for each row; those missing from the source are archived."""
    for row in products.iter_rows(named=True):
        size = row["package_size"]
        yield ProductDraft(
            handle=row["sku"],
            texts={"en": ProductText(title=row["title"])},
            variants=(VariantDraft(sku=row["sku"]),),
            status="archived" if row["is_missing"] else "active",
            brand=row["brand"],
            category=row["category_code"],
            unit=row["unit"],
            quantity_scale=row["scale"],
            attributes={"package_size": size} if size else {},
        )


def category_drafts(categories: pl.DataFrame) -> Iterator[PutCategory]:
    """Every category, parents first."""
    for code, parent, name in categories.iter_rows():
        yield PutCategory(code=code, titles={"en": name}, parent=parent)
