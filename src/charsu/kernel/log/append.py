"""Saying a fact: gathered while the operation runs, stored with one statement before the commit."""

from typing import LiteralString
from uuid import UUID

import msgspec

from charsu.kernel.database import Tx
from charsu.kernel.log.fact import Fact

STORE: LiteralString = """
    INSERT INTO kernel.facts
        (id, name, subject_id, version, at, actor_id, operation, is_historical, body)
    SELECT id, name, subject_id, version, %(now)s, %(actor)s, %(operation)s, historical, body
    FROM ROWS FROM (
        unnest(%(ids)s::uuid[], %(names)s::text[], %(subjects)s::uuid[], %(versions)s::bigint[],
               %(historical)s::boolean[]),
        jsonb_array_elements(%(bodies)s::jsonb)
    ) AS f (id, name, subject_id, version, historical, body)
"""


def append(tx: Tx, fact: Fact, *, subject: UUID, version: int, historical: bool = False) -> None:
    """Say that something happened to ``subject``, which is at ``version`` now.

    The version comes from the subject's row as this transaction has just written it, so that two
    facts of one subject can never come out in the wrong order. ``historical`` marks what happened
    before it was told (an import): nothing reacts to it.
    """
    body = msgspec.json.encode(fact).decode()
    tx.pending_facts.append((tx.new_id(), fact.fact_name, subject, version, historical, body))


def store_facts(tx: Tx) -> None:
    """Write what was said so far. The frame does this; a verb only where it must read it back."""
    if tx.pending_facts:
        tx.later(STORE, **columns(tx))
        tx.pending_facts.clear()


def columns(tx: Tx) -> dict[str, object]:
    """What STORE needs: the pending facts by column, and who says them when."""
    ids, names, subjects, versions, historical, bodies = map(
        list, zip(*tx.pending_facts, strict=True)
    )
    # one JSON text: in a list of texts each quotation mark would be escaped, and read back
    return {
        "ids": ids,
        "names": names,
        "subjects": subjects,
        "versions": versions,
        "historical": historical,
        "bodies": f"[{','.join(bodies)}]",
        "now": tx.now,
        "actor": tx.actor.id,
        "operation": tx.operation,
    }
