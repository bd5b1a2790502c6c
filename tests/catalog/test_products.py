"""Products are what was put, however often and by however many it was put."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from charsu.catalog import (
    ArchiveProduct,
    FindVariant,
    GtinTaken,
    ListProducts,
    Media,
    Option,
    OptionValue,
    ProductDraft,
    ProductInvalid,
    ProductText,
    SkuTaken,
    UnitKept,
    VariantDraft,
    archive_product,
    diff_products,
    find_variant,
    list_products,
    normal_gtin,
    put_many_products,
    sellable_variants,
    variant_ids_by_sku,
)
from charsu.catalog.model import ProductStatus, normal
from charsu.kernel import SYSTEM, NotFound
from tests.catalog.shelf import Shelf, a_product

EAN, OTHER_EAN, WRONG = "4006381333931", "9780201379624", "4006381333932"


def dress(*sizes: str, **more: object) -> ProductDraft:
    variants = tuple(VariantDraft(sku=f"DRESS-{size}", options={"size": size}) for size in sizes)
    return a_product("Summer dress", handle="dress", variants=variants, **more)


def test_a_product_is_read_as_it_was_put(shelf: Shelf) -> None:
    shelf.category("dresses", "Dresses")
    put = dress(
        "S",
        "M",
        category="dresses",
        brand="Čaršija",
        options=(
            Option(
                name="size",
                values=(OptionValue(value="M"), OptionValue(value="S", labels={"pl": "Mały"})),
            ),
        ),
        attributes={"fabric": ["linen", "cotton"], "washable": True, "length_cm": 92},
        media=(Media(url="/media/dress.webp", alt={"az": "Don"}, sku="dress-s"),),
        texts={
            "en": ProductText(title="Summer dress", description="Light."),
            "sr-Cyrl": ProductText(title="Летња хаљина", subtitle="Чаршија"),
        },
    )

    shelf.put(put)

    assert shelf.read("dress").product == normal(put)


def test_putting_again_changes_nothing_and_says_nothing(shelf: Shelf) -> None:
    first = shelf.put(dress("S", "M"))

    again = shelf.put(dress("S", "M"))

    assert (first.effect, again.effect) == ("created", "unchanged")
    assert again.variant_ids == first.variant_ids
    assert shelf.read("dress").version == 1
    assert facts_of(shelf, "dress") == ["catalog.product_introduced"]


def test_a_dry_run_shows_what_the_real_run_does(shelf: Shelf) -> None:
    shelf.put(dress("S", "M"))
    wanted = dress("M", "L", brand="Čaršija")

    with shelf.hub.reading() as tx:
        dry = diff_products(tx, [wanted]).outcomes[0]
    real = shelf.put(wanted)

    fields = [difference.field for difference in real.differences]
    assert dry.differences == real.differences
    assert dry.effect == real.effect == "changed"
    assert {"brand", "variants", "variants.dress-l.sku", "variants.dress-s.sku"} <= set(fields)
    assert facts_of(shelf, "dress") == ["catalog.product_introduced", "catalog.product_revised"]


def test_a_variant_that_comes_back_is_the_one_that_left(shelf: Shelf) -> None:
    small, medium = shelf.put(dress("S", "M")).variant_ids

    shelf.put(dress("M"))
    with shelf.hub.reading() as tx:
        meanwhile = sellable_variants(tx, [small, medium])
    back = shelf.put(dress("S", "M")).variant_ids

    assert not meanwhile[small].is_sellable
    assert meanwhile[medium].is_sellable
    assert back == (small, medium)


def test_skus_that_differ_only_in_case_are_one(shelf: Shelf) -> None:
    shelf.put(a_product("Mug", "MUG-1"))

    with pytest.raises(SkuTaken) as refused:
        shelf.put(a_product("Another mug", "mug-1", handle="other"))

    assert refused.value.data["holder"] == "mug-1"
    with shelf.hub.reading() as tx:
        assert variant_ids_by_sku(tx, ["mUg-1"]) == {"mUg-1": shelf.read("mug-1").variants[0].id}


def test_a_scan_finds_one_thing(shelf: Shelf) -> None:
    mug = a_product("Mug", handle="mug", variants=(VariantDraft(sku="mug", gtin=EAN),))
    found = shelf.put(mug).variant_ids[0]

    with pytest.raises(GtinTaken):
        shelf.put(a_product("Cup", handle="cup", variants=(VariantDraft(sku="cup", gtin=EAN),)))

    for code in (EAN, f"0{EAN}", "4006381 333931", "MUG"):
        ask = FindVariant(code=code)
        assert shelf.hub.run(find_variant, ask, actor=SYSTEM).variant_id == found
    with pytest.raises(NotFound):
        shelf.hub.run(find_variant, FindVariant(code=OTHER_EAN), actor=SYSTEM)


def test_two_variants_may_exchange_their_gtins(shelf: Shelf) -> None:
    def pair(first: str, second: str) -> ProductDraft:
        red = VariantDraft(sku="red", gtin=first, options={"color": "red"})
        blue = VariantDraft(sku="blue", gtin=second, options={"color": "blue"})
        return a_product("Cup", handle="cup", variants=(red, blue))

    shelf.put(pair(EAN, OTHER_EAN))
    shelf.put(pair(OTHER_EAN, EAN))

    assert [v.gtin for v in shelf.read("cup").product.variants] == [f"0{OTHER_EAN}", f"0{EAN}"]


@pytest.mark.parametrize(
    ("draft", "field", "code"),
    [
        (a_product("Mug", "mug", "MUG"), "sku", "sku_repeated"),
        (
            a_product("Mug", variants=(VariantDraft(sku="m", gtin="4006381333932"),)),
            "gtin",
            "gtin_invalid",
        ),
        (
            a_product(
                "Mug",
                variants=(
                    VariantDraft(sku="m", options={"size": "S"}),
                    VariantDraft(sku="n", options={"size": "S"}),
                ),
            ),
            "options",
            "same_choice",
        ),
        (
            a_product(
                "Mug",
                variants=(VariantDraft(sku="m", options={"size": "S"}), VariantDraft(sku="n")),
            ),
            "options",
            "options_incomplete",
        ),
        (a_product("Mug\0"), "texts", "unprintable"),
        (a_product("Mug", media=(Media(url="/x", sku="other"),)), "media", "media_sku_unknown"),
    ],
)
def test_a_product_that_contradicts_itself_is_refused(
    shelf: Shelf, draft: ProductDraft, field: str, code: str
) -> None:
    draft = msgspec.structs.replace(draft, handle="mug")

    with pytest.raises(ProductInvalid) as refused:
        shelf.put(draft)

    assert (field, code) in {(p.field, p.code) for p in refused.value.problems}
    with pytest.raises(NotFound):
        shelf.read("mug")


@pytest.mark.parametrize("status", ["draft", "active", "archived"])
@pytest.mark.parametrize(
    ("field", "other"),
    [
        ("unit", {"unit": "H87"}),
        ("quantity_scale", {"quantity_scale": 2}),
        ("unit", {"unit": "H87", "quantity_scale": 0}),
    ],
)
def test_a_product_keeps_the_steps_that_others_count(
    shelf: Shelf, status: ProductStatus, field: str, other: dict[str, Any]
) -> None:
    cheese = a_product("Cheese", unit="KGM", quantity_scale=3, status=status)
    shelf.put(cheese)
    wanted = msgspec.structs.replace(cheese, brand="Zlatar", **other)

    with pytest.raises(UnitKept) as refused:
        shelf.put(wanted)
    with shelf.hub.reading() as tx:
        (dry,) = diff_products(tx, [wanted]).outcomes

    assert refused.value.data == {"handle": "cheese", "unit": "KGM", "scale": "3"}
    assert [(p.field, p.code) for p in dry.problems] == [(field, "unit_kept")]
    assert shelf.read("cheese").product == normal(cheese)
    assert shelf.put(cheese).effect == "unchanged"
    assert shelf.put(msgspec.structs.replace(cheese, brand="Zlatar")).effect == "changed"


def test_of_two_who_make_a_product_in_other_steps_at_once_one_is_refused(shelf: Shelf) -> None:
    units = ("KGM", "GRM", "LTR", "H87")

    def put(unit: str) -> str:
        try:
            return shelf.put(a_product("Cheese", unit=unit)).effect
        except UnitKept:
            return "refused"

    with ThreadPoolExecutor(len(units)) as pool:
        effects = sorted(pool.map(put, units))

    assert effects == ["created", "refused", "refused", "refused"]


def test_of_many_the_good_ones_go_in_and_the_others_are_reported(shelf: Shelf) -> None:
    drafts = [
        a_product("Mug", "mug"),
        a_product("Mug again", "mug-2", handle="mug"),
        a_product("Cup", "CUP"),
        a_product("Cup of the same SKU", "cup", handle="other-cup"),
        a_product("Lost", "lost", category="nowhere"),
        a_product("Plate", "plate"),
        a_product("Cheese", "cheese", unit="KGM", quantity_scale=3),
        a_product("Ham", "ham"),
    ]
    shelf.put(a_product("Ham", "ham", unit="KGM", quantity_scale=3))
    shelf.put(a_product("Cheese", "cheese", unit="KGM", quantity_scale=3))

    with shelf.hub.writing("test.import") as tx:
        report = put_many_products(tx, drafts)

    effects = [outcome.effect for outcome in report.outcomes]
    codes = [p.code for outcome in report.outcomes for p in outcome.problems]
    assert effects == [
        *("created", "refused", "created", "refused", "refused", "created"),
        *("unchanged", "refused"),
    ]
    assert codes == ["handle_repeated", "sku_taken", "category_unknown", "unit_kept"]
    assert listed(shelf) == ["cheese", "cup", "ham", "mug", "plate"]


def test_many_who_put_the_same_new_products_at_once_create_each_once(shelf: Shelf) -> None:
    drafts = [a_product(f"Thing {number}", f"thing-{number}") for number in range(40)]

    def put_all(turn: int) -> list[str]:
        with shelf.hub.writing("test.import") as tx:
            mixed = drafts[turn * 5 :] + drafts[: turn * 5]
            return [outcome.effect for outcome in put_many_products(tx, mixed).outcomes]

    with ThreadPoolExecutor(6) as pool:
        effects = [effect for all_ in pool.map(put_all, range(6)) for effect in all_]

    assert effects.count("created") == 40
    assert effects.count("unchanged") == 5 * 40
    assert len(listed(shelf)) == 40


def test_an_archived_product_is_off_every_list_and_returns_as_itself(shelf: Shelf) -> None:
    before = shelf.put(a_product("Mug", "mug"))

    gone = shelf.hub.run(archive_product, ArchiveProduct(handle="mug"), actor=SYSTEM)
    again = shelf.hub.run(archive_product, ArchiveProduct(handle="mug"), actor=SYSTEM)
    found_meanwhile = shelf.titles("mug")
    after = shelf.put(a_product("Mug", "mug"))

    assert (gone.is_changed, again.is_changed) == (True, False)
    assert found_meanwhile == []
    assert after.effect == "changed"
    assert after.variant_ids == before.variant_ids
    assert shelf.titles("mug") == ["Mug"]


def test_pages_hold_every_product_once(shelf: Shelf) -> None:
    for number in range(7):
        shelf.put(a_product(f"Mug {number}", f"mug-{number}"))

    seen, after = [], None
    while True:
        ask = ListProducts(limit=3, after=after)
        page = shelf.hub.run(list_products, ask, actor=SYSTEM)
        seen += [row.handle for row in page.items]
        if (after := page.next) is None:
            break

    assert seen == [f"mug-{number}" for number in range(7)]


@pytest.mark.parametrize("gtin", ["96385074", "036000291452", EAN, "10614141000415"])
def test_every_length_of_gtin_becomes_fourteen_digits(gtin: str) -> None:
    assert normal_gtin(gtin) == gtin.zfill(14)
    wrong = gtin[:-1] + str((int(gtin[-1]) + 1) % 10)
    assert normal_gtin(wrong) is None


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=30)


@st.composite
def drafts(draw: st.DrawFn) -> ProductDraft:
    sizes = draw(st.lists(TEXT, min_size=1, max_size=4, unique=True))
    variants = tuple(
        VariantDraft(
            sku=f"sku-{number}",
            options={"size": size},
            mpn=draw(st.none() | TEXT),
            weight_grams=draw(st.none() | st.integers(0, 10**8)),
        )
        for number, size in enumerate(sizes)
    )
    return ProductDraft(
        handle="thing",
        status=draw(st.sampled_from(("draft", "active", "archived"))),
        texts={
            language: ProductText(title=draw(TEXT), description=draw(TEXT))
            for language in draw(st.sets(st.sampled_from(("en", "sr-Cyrl", "az")), min_size=1))
        },
        brand=draw(st.none() | TEXT),
        attributes=draw(st.dictionaries(TEXT, TEXT | st.booleans() | st.integers(-9, 9))),
        variants=variants,
    )


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(draft=drafts())
def test_whatever_is_put_over_whatever_was_there_is_what_is_there(
    shelf: Shelf, draft: ProductDraft
) -> None:
    with shelf.hub.reading() as tx:
        promised = diff_products(tx, [draft]).outcomes[0]

    done = shelf.put(draft)

    assert shelf.read("thing").product == normal(draft)
    assert done.differences == promised.differences
    assert shelf.put(draft).effect == "unchanged"
    assert shelf.search(limit=1).total == (draft.status == "active")


def facts_of(shelf: Shelf, handle: str) -> list[str]:
    with shelf.hub.reading() as tx:
        rows = tx.all(
            "SELECT name FROM kernel.facts WHERE subject_id = %(id)s ORDER BY version",
            id=shelf.read(handle).id,
        )
    return [row.name for row in rows]


def listed(shelf: Shelf) -> list[str]:
    page = shelf.hub.run(list_products, ListProducts(), actor=SYSTEM)
    return [row.handle for row in page.items]
