"""What each channel sells, and under which words."""

import pytest

from charsu.catalog import (
    CategoryCycle,
    CategoryUnknown,
    ListCategories,
    ListingText,
    list_categories,
    listed_in,
)
from charsu.kernel import SYSTEM, NotFound
from tests.catalog.shelf import Shelf, a_product


def test_a_channel_that_sells_everything_sells_all_but_what_is_unlisted(shelf: Shelf) -> None:
    web = shelf.channel("web")
    mug = shelf.put(a_product("Blue mug", "mug")).variant_ids[0]
    cup = shelf.put(a_product("Blue cup", "cup")).variant_ids[0]

    shelf.listing("cup", "web", is_published=False)

    assert shelf.titles("blue", channel="web") == ["Blue mug"]
    with shelf.hub.reading() as tx:
        assert listed_in(tx, web, [mug, cup]) == {mug}


def test_a_channel_that_sells_what_is_listed_sells_nothing_else(shelf: Shelf) -> None:
    market = shelf.channel("market", assortment="listed")
    mug = shelf.put(a_product("Blue mug", "mug")).variant_ids[0]
    cup = shelf.put(a_product("Blue cup", "cup")).variant_ids[0]

    shelf.listing("cup", "market", is_published=True)

    assert shelf.titles("blue", channel="market") == ["Blue cup"]
    assert set(shelf.titles("blue")) == {"Blue mug", "Blue cup"}
    with shelf.hub.reading() as tx:
        assert listed_in(tx, market, [mug, cup]) == {cup}


def test_a_channel_may_call_a_product_by_words_of_its_own(shelf: Shelf) -> None:
    shelf.channel("web")
    shelf.channel("market")
    shelf.put(a_product("Blue mug", "mug"))

    text = ListingText(title="Čaršija ceramic beaker")
    changed = shelf.listing("mug", "market", is_published=True, en=text)
    again = shelf.listing("mug", "market", is_published=True, en=text)

    assert (changed, again) == (True, False)
    assert shelf.titles("beaker", channel="market") == ["Čaršija ceramic beaker"]
    assert shelf.titles("mug", channel="web") == ["Blue mug"]
    assert shelf.read("mug").product.texts["en"].title == "Blue mug"


def test_listings_stay_when_the_product_is_put_again(shelf: Shelf) -> None:
    shelf.channel("web")
    shelf.put(a_product("Blue mug", "mug"))
    shelf.listing("mug", "web", is_published=False)

    shelf.put(a_product("Green mug", "mug"))

    assert shelf.titles("green", channel="web") == []
    assert [one.is_published for one in shelf.read("mug").listings] == [False]


def test_unknown_products_and_channels_are_named(shelf: Shelf) -> None:
    with pytest.raises(NotFound, match="product mug"):
        shelf.listing("mug", "web", is_published=True)
    shelf.put(a_product("Blue mug", "mug"))
    with pytest.raises(NotFound, match="channel web"):
        shelf.listing("mug", "web", is_published=True)
    with pytest.raises(NotFound, match="channel web"):
        shelf.search("mug", channel="web")


def test_a_moved_category_takes_along_what_is_below(shelf: Shelf) -> None:
    shelf.category("fashion", "Fashion")
    shelf.category("home", "Home")
    shelf.category("linen", "Linen", parent="fashion")
    shelf.category("towels", "Towels", parent="linen")
    shelf.put(a_product("Waffle", "waffle", category="towels"))

    moved = shelf.category("linen", "Linen", parent="home")

    paths = {one.code: one.path for one in categories(shelf)}
    assert moved
    assert paths["towels"] == ("home", "linen", "towels")
    assert shelf.titles("", where=("category:home",)) == ["Waffle"]
    assert shelf.titles("", where=("category:fashion",)) == []
    assert shelf.titles("home waffle") == ["Waffle"]


def test_a_renamed_category_is_found_by_its_new_name(shelf: Shelf) -> None:
    shelf.category("pots", "Pots")
    shelf.put(a_product("Old Faithful", "faithful", category="pots"))

    assert shelf.category("pots", "Cookware")
    assert not shelf.category("pots", "Cookware")

    assert shelf.titles("cookware") == ["Old Faithful"]


def test_no_category_stands_below_itself(shelf: Shelf) -> None:
    shelf.category("a", "A")
    shelf.category("b", "B", parent="a")

    with pytest.raises(CategoryCycle):
        shelf.category("a", "A", parent="b")
    with pytest.raises(CategoryUnknown):
        shelf.category("c", "C", parent="nowhere")


def categories(shelf: Shelf) -> tuple:
    return shelf.hub.run(list_categories, ListCategories(), actor=SYSTEM).items
