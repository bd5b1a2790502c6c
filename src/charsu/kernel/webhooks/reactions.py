"""What webhooks do when the log says something: note who is to be told."""

from collections.abc import Iterator, Mapping
from typing import Any, LiteralString

from msgspec import Struct

from charsu.kernel.database import Tx
from charsu.kernel.log import Seen, reaction
from charsu.kernel.log.fact import NAMES
from charsu.kernel.webhooks.model import wants


class _Anything(Struct, frozen=True):
    """No part of the body is needed to note that it is due."""


class _EveryFact(Mapping[str, type[_Anything]]):
    """All names, also those of plug-ins that are loaded later or were here once."""

    def __getitem__(self, name: str) -> type[_Anything]:
        return _Anything

    def __contains__(self, name: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)


# Whether somebody is there is asked under the lock that whoever records a 410 needs too. Asked
# before it, a delivery noted meanwhile would be pending for nobody.
_NOTE: LiteralString = """
    WITH there AS MATERIALIZED (
        SELECT id FROM kernel.webhook_endpoints
        WHERE id = ANY(%(endpoints)s) AND state <> 'gone' ORDER BY id FOR SHARE
    )
    INSERT INTO kernel.webhook_deliveries (endpoint_id, fact_id, created_at, due_at)
    SELECT there.id, due.fact, %(now)s, %(now)s
    FROM unnest(%(endpoints)s::uuid[], %(facts)s::uuid[]) AS due (endpoint, fact)
    JOIN there ON there.id = due.endpoint
    ON CONFLICT DO NOTHING
"""


@reaction("webhooks.note_deliveries", on=_EveryFact())
def note_deliveries(tx: Tx, facts: list[Seen[Any]]) -> None:
    """One pending delivery for each fact and each endpoint that wants it."""
    endpoints = tx.all("SELECT id, events FROM kernel.webhook_endpoints WHERE state <> 'gone'")
    due = [
        (endpoint.id, fact.id)
        for fact in facts
        for endpoint in endpoints
        if wants(endpoint.events, fact.name)
    ]
    if due:
        tx.run(
            _NOTE,
            endpoints=[endpoint for endpoint, _ in due],
            facts=[fact for _, fact in due],
            now=tx.now,
        )
