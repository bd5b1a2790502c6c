"""One caller cannot keep the shop busy alone, and the others do not notice."""

from datetime import timedelta

import pytest

from charsu.kernel import SYSTEM
from charsu.kernel.setup import ChangeSetting, change_setting
from charsu.web.api.limits import Buckets

from .conftest import Site


def allow(site: Site, per_minute: int) -> None:
    """From the next minute on, as every process reads it."""
    ask = ChangeSetting(name="web.requests_per_minute", value=per_minute)
    site.hub.run(change_setting, ask, actor=SYSTEM)
    site.hub.offset += timedelta(minutes=2)


def statuses(site: Site, times: int, **headers: str) -> list[int]:
    return [site.client.get("/v1/me", headers=headers).status_code for _ in range(times)]


def test_who_sends_too_much_is_told_when_to_come_again(site: Site) -> None:
    allow(site, 3)

    assert statuses(site, 3) == [200, 200, 200]
    refused = site.client.get("/v1/me")

    assert refused.status_code == 429
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["code"] == "too_many_requests"
    assert int(refused.headers["retry-after"]) == refused.json()["data"]["retry_after"] == 20

    site.hub.offset += timedelta(seconds=20)
    assert statuses(site, 2) == [200, 429]


def test_a_key_has_a_measure_of_its_own_however_busy_its_address_is(site: Site) -> None:
    mine, other = site.key("admin"), site.key("admin")
    allow(site, 4)
    assert statuses(site, 1, **mine) + statuses(site, 1, **other) == [200, 200]

    assert statuses(site, 3) == [200, 200, 429]
    assert statuses(site, 4, **mine) == [200, 200, 200, 429]
    assert statuses(site, 1, **other) == [200]


def test_made_up_keys_are_charged_to_the_address_that_sends_them(site: Site) -> None:
    allow(site, 3)
    keys = [{"Authorization": f"Bearer charsu_key_{number:043}"} for number in range(4)]

    assert [statuses(site, 1, **key)[0] for key in keys] == [401, 401, 401, 429]


def test_a_key_has_one_measure_however_its_header_is_written(site: Site) -> None:
    secret = site.key("admin")["Authorization"].partition(" ")[2]
    allow(site, 2)
    written = [f"Bearer {secret}", f"bearer {secret}", f"BEARER   {secret}"]

    assert statuses(site, 1, Authorization=written[0]) == [200]
    assert [statuses(site, 1, Authorization=each)[0] for each in written] == [200, 429, 429]


def test_monitoring_and_the_looks_of_pages_are_not_counted(site: Site) -> None:
    allow(site, 1)
    assert statuses(site, 2) == [200, 429]

    assert site.client.get("/health/live").status_code == 200
    assert site.client.get("/metrics").status_code == 200
    assert site.client.get("/static/look.css").status_code == 200


def test_without_the_setting_nobody_is_limited(site: Site) -> None:
    assert set(statuses(site, 50)) == {200}


@pytest.mark.parametrize("seconds", [0, 1, 30, 59, 600])
def test_a_bucket_gives_what_it_holds_and_what_has_come_in_meanwhile(seconds: int) -> None:
    buckets = Buckets()
    assert [buckets.take("a", per_minute=60, now=0.0) for _ in range(60)] == [0.0] * 60

    given = 0
    while not buckets.take("a", per_minute=60, now=float(seconds)):
        given += 1

    assert given == min(seconds, 60)


def test_as_many_callers_as_there_may_be_take_no_more_memory_than_allowed() -> None:
    buckets = Buckets(most=100)
    for number in range(10_000):
        buckets.take(f"address {number}", per_minute=5, now=float(number))

    assert len(buckets) == 100
    assert "address 9999" in buckets
    assert "address 0" not in buckets
