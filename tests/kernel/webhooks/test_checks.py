"""The checks are silent on a sound shop and find what was spoiled by hand, by name."""

import pytest

from charsu.kernel.webhooks.checks import CHECKS

SPOILED = [
    ("webhook_secrets", "DELETE FROM kernel.webhook_secrets"),
    ("webhook_secrets", "UPDATE kernel.webhook_secrets SET valid_until = '2020-01-01Z'"),
    ("webhook_secrets", "UPDATE kernel.webhook_secrets SET secret = 'whsec_'"),
    ("webhook_facts", "DELETE FROM kernel.facts WHERE name LIKE '%bell_pulled'"),
    ("webhook_facts", "UPDATE kernel.webhook_deliveries SET fact_id = gen_random_uuid()"),
    (
        "webhook_facts",
        """
        INSERT INTO kernel.webhook_deliveries (endpoint_id, fact_id, created_at, due_at)
        SELECT id, gen_random_uuid(), created_at, created_at FROM kernel.webhook_endpoints
        """,
    ),
    (
        "webhook_states",
        "UPDATE kernel.webhook_deliveries SET state = 'dead', delivered_at = NULL",
    ),
    ("webhook_states", "UPDATE kernel.webhook_deliveries SET leased_until = '2020-01-01Z'"),
    (
        "webhook_states",
        """
        WITH gone AS (UPDATE kernel.webhook_endpoints SET state = 'gone')
        UPDATE kernel.webhook_deliveries SET state = 'pending', delivered_at = NULL
        """,
    ),
]


def broken(tower) -> dict[str, list[str]]:
    with tower.hub.reading() as tx:
        found = {name: tx.all(statement) for name, _, statement in CHECKS}
    return {name: [row.row for row in rows] for name, rows in found.items() if rows}


def test_a_sound_shop_breaks_no_check(tower) -> None:
    receiver, failing = tower.receiver(), tower.receiver()
    failing.status = 410
    tower.pull(3)
    tower.send()

    assert len(receiver.events) == 3
    assert broken(tower) == {}


@pytest.mark.parametrize(("check", "spoil"), SPOILED)
def test_what_was_spoiled_is_found_and_named(tower, check: str, spoil: str) -> None:
    receiver = tower.receiver()
    tower.pull()
    tower.send()
    with tower.hub.writing("test") as tx:
        tx.run(spoil)

    assert list(broken(tower)) == [check]
    assert str(receiver.id) in broken(tower)[check][0]
