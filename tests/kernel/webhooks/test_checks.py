"""The checks are silent on a sound shop and find what was spoiled by hand, by name."""

from datetime import timedelta

from charsu.kernel import SYSTEM, Tx
from charsu.kernel.webhooks.checks import CHECKS
from charsu.kernel.webhooks.chores import forget
from charsu.kernel.webhooks.operations import (
    ChangeWebhookEndpoint,
    WebhookEndpointId,
    change_endpoint,
    resume_endpoint,
)
from tests.kernel.webhooks.conftest import BELL

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
    ("webhook_wishes", "DELETE FROM kernel.webhook_deliveries"),
    ("webhook_wishes", "UPDATE kernel.webhook_deliveries SET fact_id = gen_random_uuid()"),
    (
        "webhook_wishes",
        """
        WITH said AS (
            INSERT INTO kernel.facts
                (id, name, subject_id, version, at, actor_id, operation, body)
            SELECT gen_random_uuid(), name, subject_id, 99, at, actor_id, operation, body
            FROM kernel.facts WHERE name LIKE '%bell_pulled'
        )
        UPDATE kernel.consumers SET transaction = '999999999999'
        """,
    ),
]


def broken(tx: Tx) -> dict[str, list[str]]:
    found = {check.name: tx.all(check.breaks) for check in CHECKS}
    return {name: [row.row for row in rows] for name, rows in found.items() if rows}


def test_a_sound_shop_breaks_no_check(tower) -> None:
    receiver, failing = tower.receiver(), tower.receiver()
    failing.status = 410
    tower.pull(3)
    tower.send()

    assert len(receiver.events) == 3
    with tower.hub.reading() as tx:
        assert broken(tx) == {}


def test_whatever_is_spoiled_is_found_and_named(tower) -> None:
    receiver = tower.receiver()
    tower.pull()
    tower.send()
    with tower.hub.writing("test") as tx:
        for check, spoil in SPOILED:
            with tx.connection.transaction(force_rollback=True):
                tx.run(spoil)
                found = broken(tx)
            assert check in found, spoil
            assert str(receiver.id) in found[check][0]
        assert broken(tx) == {}


def test_what_was_forgotten_changed_or_resumed_is_missed_by_nobody(tower) -> None:
    """Not wanted, forgotten, or told while nobody was there: none of it has a delivery."""
    choosy, leaving = tower.receiver("kernel.webhook_secret_rotated"), tower.receiver()
    tower.pull(2)
    tower.send()
    leaving.status = 410
    tower.pull()
    tower.send()
    tower.pull()
    ask = ChangeWebhookEndpoint(endpoint_id=choosy.id, events=(BELL,))
    tower.hub.run(change_endpoint, ask, actor=SYSTEM)
    resume = WebhookEndpointId(endpoint_id=leaving.id)
    tower.hub.run(resume_endpoint, resume, actor=SYSTEM)
    leaving.status = 200
    tower.pull()
    tower.send()
    tower.hub.offset = timedelta(days=31)
    tower.pull()
    assert forget.do(tower.hub) == 4

    assert [len(tower.deliveries(one)) for one in (choosy, leaving)] == [1, 2]
    with tower.hub.reading() as tx:
        assert broken(tx) == {}
