"""What has run out, and what is missed of it."""

import pytest

from charsu.catalog import (
    Option,
    OptionValue,
    ProductDraft,
    ProductText,
    PutProduct,
    VariantDraft,
    languages_for,
    put_product,
)
from charsu.insights import SoldOuts, sold_out
from charsu.kernel import SYSTEM, Hub
from charsu.stock import CountedLine, CountStock, count_stock
from tests.shop import Shop


@pytest.fixture
def shop(hub: Hub) -> Shop:
    """Two mugs in a store."""
    shop = Shop(hub)
    shop.has("mug", 2, at="north")
    shop.costs("mug", 1200)
    return shop


def gone(shop: Shop, language: str = "en") -> SoldOuts:
    with shop.hub.reading() as tx:
        return sold_out(tx, languages=languages_for(language))


def counts(shop: Shop, sku: str, pieces: int) -> None:
    line = CountedLine(sku=sku, on_hand=pieces)
    ask = CountStock(location_id=shop.locations["north"], lines=(line,))
    shop.hub.run(count_stock, ask, actor=SYSTEM)


def test_what_was_never_there_has_not_run_out(shop: Shop) -> None:
    shop.product("cup")
    counts(shop, "cup", 0)
    assert (gone(shop).count, gone(shop).kept, gone(shop).items) == (0, 1, ())


def test_what_was_sold_to_the_last_piece_is_missed_by_what_was_sold(shop: Shop) -> None:
    shop.ships(shop.order(shop.buys(mug=2)))
    found = gone(shop)
    assert (found.count, found.kept) == (1, 1)
    assert [(one.sku, one.sold_before) for one in found.items] == [("mug", 2)]
    assert found.items[0].since is not None


def test_what_is_promised_to_the_last_piece_cannot_be_sold_either(shop: Shop) -> None:
    shop.buys(mug=2)
    found = gone(shop)
    assert (found.count, found.items[0].sold_before, found.items[0].since) == (1, 0, None)


def test_a_choice_is_told_in_the_order_of_the_product_and_in_words(shop: Shop) -> None:
    color = OptionValue(value="sage", labels={"en": "Sage", "sr-Cyrl": "Жалфија"})
    draft = ProductDraft(
        handle="cardigan",
        texts={"en": ProductText(title="Cardigan"), "sr-Cyrl": ProductText(title="Кардиган")},
        options=(
            Option(name="color", values=(color,)),
            Option(name="size", values=(OptionValue(value="XL"),)),
        ),
        variants=(VariantDraft(sku="car", options={"size": "XL", "color": "sage"}),),
    )
    shop.hub.run(put_product, PutProduct(product=draft), actor=SYSTEM)
    counts(shop, "car", 1)
    counts(shop, "car", 0)

    def told(language: str) -> tuple[str, ...]:
        return next((one.title, *one.choice) for one in gone(shop, language).items)

    assert told("sr-Cyrl") == ("Кардиган", "Жалфија", "XL")
    assert told("sr-Latn") == ("Кардиган", "Жалфија", "XL")  # the other script rather than English
    assert told("pl") == ("Cardigan", "Sage", "XL")
