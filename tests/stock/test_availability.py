"""Asking what a channel may sell."""

from typing import Any
from uuid import UUID

import pytest
from litestar.testing import TestClient

from charsu.kernel import SYSTEM, Hub, NotFound
from charsu.language import LANGUAGES, translate
from charsu.stock import NotEnoughStock, Shortfall
from charsu.stock.errors import PlaceIncomplete
from charsu.stock.queries.availability import AskAvailability, availability
from charsu.web.app import create_app
from tests.shop import Shop

NOBODY = UUID("01940000-0000-7000-8000-00000000dead")


@pytest.fixture
def shop(hub: Hub) -> Shop:
    shop = Shop(hub)
    shop.has("mug", 2, at="north")
    return shop


def ask(shop: Shop, **more: Any) -> Any:
    given = {"channel_id": shop.channel(), "variant_ids": (shop.variants["mug"],), **more}
    return shop.hub.run(availability, AskAvailability(**given), actor=SYSTEM)


def test_nothing_left_and_no_such_thing_are_two_answers(shop: Shop) -> None:
    empty = shop.product("cup")
    assert [one.pieces for one in ask(shop, variant_ids=(empty,)).variants] == [0]
    with pytest.raises(NotFound) as refused:
        ask(shop, variant_ids=(empty, NOBODY))
    assert refused.value.data == {"kind": "variant", "name": str(NOBODY)}
    with pytest.raises(NotFound) as refused:
        ask(shop, channel_id=NOBODY)
    assert refused.value.data["kind"] == "channel"


@pytest.mark.parametrize("half", [{"latitude": 44.8}, {"longitude": 20.4}])
def test_half_a_place_is_refused(shop: Shop, half: dict[str, float]) -> None:
    with pytest.raises(PlaceIncomplete):
        ask(shop, **half)


def test_the_door_says_so_and_the_description_promises_it(shop: Shop) -> None:
    with TestClient(create_app(shop.hub)) as client:
        where = f"/v1/availability?channel_id={shop.channel()}&variant_ids="
        unknown = client.get(f"{where}{NOBODY}")
        half = client.get(f"{where}{shop.variants['mug']}&latitude=44.8")
        described = client.get("/openapi.json").json()["paths"]["/v1/availability"]["get"]

    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
    assert (half.status_code, half.json()["code"]) == (422, "place_incomplete")
    assert "not_found" in described["responses"]["404"]["description"]
    assert "place_incomplete" in described["responses"]["422"]["description"]


@pytest.mark.parametrize("lines", [1, 2])
@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_a_shortage_is_told_without_a_word_of_english(language: str, lines: int) -> None:
    short = [Shortfall(NOBODY, f"MUG-{number}", 3, number) for number in range(lines)]
    refusal = NotEnoughStock(short)
    said = translate(language)(refusal.template, **refusal.data)

    assert said != str(refusal)
    assert "MUG-0" in said
    assert not {"wanted", "left", "enough", "stock"} & set(said.replace(",", " ").split())
