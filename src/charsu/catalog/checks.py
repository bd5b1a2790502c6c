"""What must be true of the catalog at any moment."""

from typing import LiteralString

from charsu.kernel.check import Check
from charsu.kernel.log import Subject, changes_are_told

_FOUND: LiteralString = """
    SELECT 'product ' || coalesce(p.handle, e.product_id::text) AS row,
           CASE WHEN e.product_id IS NULL THEN 'is active and cannot be found'
                ELSE 'is ' || p.status || ' and is found' END AS problem
    FROM catalog.products p
    FULL JOIN catalog.search_entries e ON e.product_id = p.id
    WHERE (p.status = 'active') IS DISTINCT FROM (e.product_id IS NOT NULL)
    ORDER BY 1
"""

_FACETS: LiteralString = """
    SELECT 'product ' || p.handle AS row,
           'is found by ' || array_to_string(e.facets, ', ') AS problem
    FROM catalog.search_entries e
    JOIN catalog.products p ON p.id = e.product_id
    LEFT JOIN catalog.categories c ON c.id = p.category_id
    CROSS JOIN LATERAL (
        SELECT array(
            SELECT 'brand:' || p.brand WHERE p.brand <> ''
            UNION SELECT 'type:' || p.product_type WHERE p.product_type <> ''
            UNION SELECT 'category:' || code FROM unnest(c.path) AS code
            UNION SELECT 'option.' || o.key || ':' || o.value
                  FROM catalog.variants v, jsonb_each_text(v.options) AS o
                  WHERE v.product_id = p.id AND NOT v.is_archived
        ) AS facets
    ) AS own
    WHERE NOT (e.facets @> own.facets AND e.facets <@ own.facets)
    ORDER BY 1
"""

_PATHS: LiteralString = """
    SELECT 'category ' || c.code AS row,
           'says it stands at ' || array_to_string(c.path, '/') AS problem
    FROM catalog.categories c LEFT JOIN catalog.categories p ON p.id = c.parent_id
    WHERE c.path <> coalesce(p.path, '{}') || c.code
    ORDER BY 1
"""

_WHOLE: LiteralString = """
    SELECT 'product ' || p.handle AS row,
           CASE WHEN t.product_id IS NULL THEN 'has no title' ELSE 'has nothing to sell' END
               AS problem
    FROM catalog.products p
    LEFT JOIN (SELECT DISTINCT product_id FROM catalog.product_texts) t ON t.product_id = p.id
    LEFT JOIN (SELECT DISTINCT product_id FROM catalog.variants WHERE NOT is_archived) v
           ON v.product_id = p.id
    WHERE t.product_id IS NULL OR v.product_id IS NULL
    ORDER BY 1
"""

SUBJECTS = (
    Subject(table="catalog.products", named="'product ' || handle"),
    Subject(table="catalog.categories", named="'category ' || code"),
    Subject(table="catalog.channels", named="'channel ' || code"),
)

CHECKS = (
    Check(
        "active_products_are_found",
        "Every active product has its entry in the search, and no other product has one.",
        "SELECT count(*) FROM catalog.products",
        _FOUND,
    ),
    Check(
        "products_are_found_by_what_they_are",
        "Every product is found by its own brand, type, categories and options.",
        "SELECT count(*) FROM catalog.search_entries",
        _FACETS,
    ),
    Check(
        "categories_know_their_place",
        "Every category's path is its parent's path and itself.",
        "SELECT count(*) FROM catalog.categories",
        _PATHS,
    ),
    Check(
        "products_are_whole",
        "Every product has a title and something to sell.",
        "SELECT count(*) FROM catalog.products",
        _WHOLE,
    ),
    changes_are_told(
        "changes_of_the_catalog_are_told",
        "Every change of a product with its variants, a category or a channel has its fact.",
        SUBJECTS,
    ),
)
