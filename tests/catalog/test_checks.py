"""The catalog's checks find what is planted, and nothing where nothing is."""

import psycopg
import pytest
from psycopg.rows import namedtuple_row

from charsu.catalog import VariantDraft
from charsu.catalog.checks import CHECKS
from charsu.kernel.check import run_checks
from tests.catalog.shelf import Shelf, a_product

PLANTED = [
    ("active_products_are_found", "DELETE FROM catalog.search_entries", "product mug"),
    ("active_products_are_found", "UPDATE catalog.products SET status = 'draft'", "product mug"),
    (
        "active_products_are_found",
        "UPDATE catalog.products SET status = 'active' WHERE handle = 'old'",
        "product old",
    ),
    (
        "products_are_found_by_what_they_are",
        "UPDATE catalog.products SET brand = 'Sava' WHERE handle = 'mug'",
        "product mug",
    ),
    (
        "products_are_found_by_what_they_are",
        "UPDATE catalog.search_entries SET facets = '{}'",
        "product mug",
    ),
    (
        "products_are_found_by_what_they_are",
        "UPDATE catalog.search_entries SET facets = facets || '{option.size:XL}'",
        "product mug",
    ),
    (
        "products_are_found_by_what_they_are",
        "UPDATE catalog.categories SET path = '{attic,cups}' WHERE code = 'cups'",
        "product mug",
    ),
    (
        "categories_know_their_place",
        "UPDATE catalog.categories SET parent_id = NULL WHERE code = 'cups'",
        "category cups",
    ),
    (
        "categories_know_their_place",
        "UPDATE catalog.categories SET path = '{cups}' WHERE code = 'cups'",
        "category cups",
    ),
    (
        "categories_know_their_place",
        "UPDATE catalog.categories SET path = '{home,home}' WHERE code = 'home'",
        "category home",
    ),
    ("products_are_whole", "DELETE FROM catalog.product_texts", "product mug"),
    ("products_are_whole", "UPDATE catalog.variants SET is_archived = true", "product mug"),
    (
        "products_are_whole",
        "DELETE FROM catalog.product_texts t USING catalog.products p"
        " WHERE p.id = t.product_id AND p.handle = 'old'",
        "product old",
    ),
    (
        "changes_of_the_catalog_are_told",
        "UPDATE catalog.products SET version = version + 1",
        "product mug",
    ),
    (
        "changes_of_the_catalog_are_told",
        "DELETE FROM kernel.facts WHERE name = 'catalog.channel_put'",
        "channel web",
    ),
    (
        "changes_of_the_catalog_are_told",
        "UPDATE catalog.categories SET version = 3 WHERE code = 'home'",
        "category home",
    ),
    (
        "changes_of_the_catalog_are_told",
        "DELETE FROM kernel.facts WHERE name = 'catalog.product_introduced'",
        "product mug",
    ),
]


@pytest.fixture
def filled(shelf: Shelf) -> Shelf:
    """A small catalog with something of everything, changed now and then."""
    shelf.channel("web")
    shelf.category("home", "Home")
    shelf.category("cups", "Cups", parent="home")
    shelf.put(a_product("Blue mug", "mug", brand="Muscat", category="cups"))
    sizes = tuple(VariantDraft(sku=f"mug-{size}", options={"size": size}) for size in "SM")
    shelf.put(a_product("Blue mug", "mug", brand="Muscat", category="cups", variants=sizes))
    shelf.listing("mug", "web", is_published=False)
    shelf.put(a_product("Old mug", "old", status="archived"))
    shelf.category("cups", "Cups and mugs", parent="home")
    return shelf


def test_a_sound_catalog_is_clean(filled: Shelf, database: str) -> None:
    verdicts = judge(database)

    assert {name: found for name, found in verdicts.items() if found} == {}
    assert set(verdicts) == {check.name for check in CHECKS}


@pytest.mark.parametrize(("name", "plant", "row"), PLANTED)
def test_what_is_planted_is_found_and_named(
    filled: Shelf, database: str, name: str, plant: str, row: str
) -> None:
    with psycopg.connect(database) as connection:
        connection.execute(plant)

    assert row in judge(database)[name]


def judge(database: str) -> dict[str, list[str]]:
    with psycopg.connect(database, row_factory=namedtuple_row) as connection:
        verdicts = run_checks(connection, CHECKS)
    return {verdict.name: [finding.row for finding in verdict.findings] for verdict in verdicts}
