"""What those who run the shop see."""

import json
import re

import httpx
import psycopg
import pytest
from litestar.testing import TestClient
from prometheus_client.parser import text_string_to_metric_families

from charsu.kernel import Hub
from charsu.web.app import create_app

from .conftest import Site


def figures(site: Site) -> dict[tuple[str, ...], float]:
    answer = site.client.get("/metrics")
    assert answer.status_code == 200, answer.text
    text = answer.text
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_a_living_process_says_so(site: Site) -> None:
    assert site.client.get("/health/live").json() == {"status": "ok"}


def test_it_is_ready_while_the_database_answers(counters_hub: Hub, database: str) -> None:
    name = psycopg.conninfo.conninfo_to_dict(database)["dbname"]
    server = psycopg.conninfo.make_conninfo(database, dbname="postgres")
    with TestClient(create_app(counters_hub)) as client:
        assert client.get("/health/ready").status_code == 200

        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
            )
            away = client.get("/health/ready")
            seen = client.get("/metrics")
            connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")

        assert (away.status_code, away.json()) == (503, {"status": "unavailable"})
        assert client.get("/health/live").status_code == 200
        assert "charsu_database_up 0.0" in seen.text
        assert _until_ready(client).status_code == 200


def _until_ready(client: TestClient) -> httpx.Response:
    """The pool finds its way back by itself; each question waits for it within its bound."""
    for _ in range(20):
        answer = client.get("/health/ready")
        if answer.status_code == 200:
            break
    return answer


def test_requests_are_counted_by_operation_and_never_by_address(site: Site) -> None:
    counter = site.counter()
    for _ in range(3):
        site.client.get(f"/v1/counters/{counter}")
    site.client.get("/v1/counters/nonsense")
    site.client.get("/etc/passwd")

    seen = figures(site)

    assert seen["charsu_requests_total", "counters.one", "200"] == 3
    assert seen["charsu_requests_total", "counters.one", "422"] == 1
    assert seen["charsu_requests_total", "none", "404"] == 1
    assert seen["charsu_request_seconds_count", "counters.one"] == 4
    assert not any(str(counter) in label for key in seen for label in key)


def test_the_figures_tell_how_far_each_consumer_is_behind(site: Site) -> None:
    with site.hub.writing("test") as tx:
        tx.run(
            """
            INSERT INTO kernel.consumers (name, epoch, transaction, sequence, moved_at)
            VALUES ('slow', 0, '0', 0, %(now)s)
            """,
            now=tx.now,
        )
        tx.run(
            """
            INSERT INTO kernel.parked
                (consumer, fact_id, subject_id, version, attempts, problem, due_at, parked_at)
            VALUES ('slow', %(id)s, %(id)s, 1, 1, 'x', %(now)s, %(now)s)
            """,
            id=tx.new_id(),
            now=tx.now,
        )
    before = figures(site)["charsu_consumer_lag_facts", "slow"]
    site.session()

    seen = figures(site)

    assert seen["charsu_consumer_lag_facts", "slow"] == before + 3  # account, role, session
    assert seen["charsu_consumer_lag_seconds", "slow"] > 0
    assert seen["charsu_parked_facts", "slow"] == 1
    assert seen["charsu_live_holds",] == 0
    assert seen["charsu_payment_differences", "missing_in_books"] == 0
    assert seen["charsu_orphaned_payments", "let_go"] == 0
    assert seen["charsu_unknown_terminal_payments",] == 0
    assert seen["charsu_database_up",] == 1
    assert seen["charsu_pool", "max"] == 8


def test_the_figures_name_who_holds_the_log_up(site: Site, database: str) -> None:
    with psycopg.connect(database) as open_writer:
        pid = open_writer.execute("SELECT pg_backend_pid()").fetchone()[0]
        seen = figures(site)

    assert seen["charsu_oldest_transaction_pid",] == pid
    assert seen["charsu_oldest_transaction_seconds",] > 0


def test_more_than_can_be_answered_soon_is_refused_at_once(counters_hub: Hub) -> None:
    import asyncio
    from threading import Event

    from charsu.web.api.errors import Crowded
    from charsu.web.api.threads import Threads

    async def crowd() -> list[object]:
        threads, go = Threads(2, waiting=3), Event()
        asked = [asyncio.create_task(threads.run(go.wait)) for _ in range(5)]
        await asyncio.gather(*(asyncio.create_task(_nothing()) for _ in asked))
        with pytest.raises(Crowded):
            await threads.run(go.wait)
        go.set()
        outcome = await asyncio.gather(*asked)
        threads.close()
        return outcome

    assert asyncio.run(crowd()) == [True] * 5


async def _nothing() -> None:
    pass


def test_the_description_names_every_operation_with_its_refusals(site: Site) -> None:
    document = site.client.get("/openapi.json").json()

    described = {
        operation["operationId"]: operation
        for methods in document["paths"].values()
        for operation in methods.values()
    }
    offered = {one.name for one in site.hub.operations.values() if one.http_path}
    assert described.keys() == offered
    add = described["counters.add"]
    assert "counter_full" in add["responses"]["409"]["description"]
    assert "stale" in add["responses"]["412"]["description"]
    assert described["counters.make"]["responses"]["201"]["links"]["counters.one"] == {
        "operationId": "counters.one",
        "parameters": {"counter_id": "$response.body#/counter_id"},
    }
    body = add["requestBody"]["content"]["application/json"]["schema"]
    assert body["required"] == ["amount"]
    assert "counter_id" not in body["properties"]


def test_every_reference_in_the_description_leads_somewhere(site: Site) -> None:
    text = site.client.get("/openapi.json").text
    names = set(json.loads(text)["components"]["schemas"])

    assert set(re.findall(r'"#/components/schemas/([^"]+)"', text)) <= names


def test_the_reference_page_shows_every_operation_and_every_link_leads_somewhere(
    site: Site,
) -> None:
    page = site.client.get("/docs/api").text

    anchors = set(re.findall(r'id="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= anchors
    for address in set(re.findall(r'href="(/errors/[^"#]+)"', page)):
        assert site.client.get(address).status_code == 200
    assert "counters.add" in anchors
    assert "<script>" not in page and "style=" not in page


def test_the_reference_is_an_index_by_method_and_path_that_opens_in_place(site: Site) -> None:
    page = site.client.get("/docs/api").text
    [found] = [part for part in page.split("<details") if 'id="counters.add"' in part]
    summary = found.partition("</summary>")[0]
    assert re.search(r">POST<.*>/v1/counters/\{counter_id\}/add<", summary), summary
    assert page.count("<details") > len(re.findall(r'data-find="', page))  # groups fold, too


@pytest.mark.parametrize("language", ["en", "sr-Latn", "sr-Cyrl", "pl", "az"])
@pytest.mark.parametrize("path", ["/docs/api", "/errors", "/errors/not_found", "/errors/nothing"])
def test_the_reference_is_a_page_of_this_house(site: Site, path: str, language: str) -> None:
    site.client.cookies["language"] = language
    page = site.client.get(path).text
    assert f'<html lang="{language}"' in page
    assert 'href="/overview"' in page
    assert 'name="theme"' in page and 'action="/preferences/language"' in page
