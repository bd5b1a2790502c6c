"""Who is let in, and who is told what."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from charsu.channels.ucp import CHANNEL, PLATFORMS, SIGNED, TestModeReachable, check_host
from charsu.channels.ucp.signing import key_from, sign_request
from charsu.channels.ucp.trial import SWITCH
from tests.conformance.market import Market
from tests.conformance.platform import AGENT, introduce, profile, serving

from .shopper import PAID, Platform

OURS = key_from(b"a secret of the platform, 32 long")


def test_a_shop_without_a_channel_for_it_keeps_the_door_closed(
    market: Market, opened: Callable[[], Platform]
) -> None:
    market.set(CHANNEL, "")
    platform = opened()

    assert platform.client.get("/.well-known/ucp").status_code == 404
    assert platform.asks("POST", "/carts", platform.body("mug")).status_code == 404


def test_in_production_nobody_pays_with_words_and_no_hook_is_there(
    opened: Callable[[], Platform],
) -> None:
    platform = opened()
    checkout = platform.wants("mug")

    done = platform.asks("POST", f"/checkout-sessions/{checkout['id']}/complete", PAID).json()

    assert done["status"] != "completed" and done["ucp"]["payment_handlers"] == {}
    for path in ("idempotency/outage", "orders/ord_1/adjust", "simulate-shipping/ord_1"):
        assert platform.asks("POST", f"/testing/{path}", {}).status_code == 404
        assert platform.client.post(f"/testing/{path}").status_code == 404


def test_the_test_mode_is_for_this_machine_only(monkeypatch: pytest.MonkeyPatch) -> None:
    check_host("0.0.0.0")
    monkeypatch.setenv(SWITCH, "1")

    check_host("127.0.0.1")
    for host in ("0.0.0.0", "::", "10.0.0.7", "shop.example"):
        with pytest.raises(TestModeReachable):
            check_host(host)


@pytest.mark.parametrize(
    "agent",
    ["", "profile", 'profile="http://spck.dev/agent"', 'profile="ftp://x.example"', "profile=1"],
)
def test_a_platform_says_where_its_profile_is(agent: str, opened: Callable[[], Platform]) -> None:
    answer = opened().asks("POST", "/carts", {}, **{"ucp-agent": agent})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_profile_url")


def test_an_inner_address_is_never_fetched(opened: Callable[[], Platform]) -> None:
    platform = opened()
    platform.url = "https://127.0.0.1/profile"

    answer = platform.asks("POST", "/carts", platform.body("mug"))

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_profile_url")


def test_a_shop_may_name_the_platforms_that_it_sells_to(
    market: Market, opened: Callable[[], Platform]
) -> None:
    market.set(PLATFORMS, ["https://chosen.example/"])

    answer = opened().asks("POST", "/carts", {})

    assert (answer.status_code, answer.json()["code"]) == (403, "profile_not_trusted")


def test_every_request_is_signed_unless_the_shop_says_otherwise(
    market: Market, opened: Callable[[], Platform]
) -> None:
    market.set(SIGNED, True)
    platform = opened()
    introduce(market.hub, AGENT, profile(OURS.jwk))

    unsigned = platform.asks("POST", "/catalog/search", {"query": "mug"})
    found = signed(platform, b'{"query": "mug"}')
    changed = signed(platform, b'{"query": "mug"}', sent=b'{"query": "cup"}')

    assert (unsigned.status_code, unsigned.json()["code"]) == (401, "signature_missing")
    assert found.status_code == 200 and found.json()["products"]
    assert (changed.status_code, changed.json()["code"]) == (400, "digest_mismatch")


def signed(platform: Platform, body: bytes, *, sent: bytes | None = None) -> Any:
    path = "/ucp/2026-04-08/catalog/search"
    given = {"content-type": "application/json", "ucp-agent": f'profile="{platform.url}"'}
    headers = sign_request(OURS, f"https://shop.example{path}", given, body, datetime.now(UTC))
    return platform.client.post(path, content=sent or body, headers=headers)


def test_a_key_that_is_new_is_looked_for_in_the_profile_of_today(
    market: Market, in_test_mode: None, opened: Callable[[], Platform]
) -> None:
    platform = opened()
    with serving({"/agent": profile(OURS.jwk)}) as address:
        platform.url = f"{address}/agent"
        introduce(market.hub, platform.url, profile())

        assert signed(platform, b'{"query": "mug"}').status_code == 200


def test_a_guest_of_another_door_may_not_shop_through_this_one(market: Market) -> None:
    """Operations of the door have no address and no role; a platform alone has the permission."""
    ours = [one for name, one in market.hub.operations.items() if name.startswith("ucp.")]

    assert ours and all(one.http_path is None for one in ours)
