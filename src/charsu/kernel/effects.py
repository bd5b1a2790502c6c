"""What operations did: the idempotency record and the audit entry in one row.

The row commits with the effect. Its answer holds ids, numbers and totals and never personal data,
so a repeated request is answered from here. Refusals change nothing and are not kept here; an
attempt without permission is kept among the denials.
"""

import hashlib
from typing import Any, LiteralString
from uuid import UUID

import msgspec

# The first statement of every transaction: the time, the lock on the key, the answer if there is
# one already, the settings, and as of which changes lasting data stands. A twin that committed
# between this statement's snapshot and its lock is not seen here: it is met by the primary key, or
# by a refusal (it is paid already), and the operation starts over.
OPEN: LiteralString = """
    SELECT clock_timestamp() AS time, pg_try_advisory_xact_lock(%(lock)s) AS is_locked,
           e.ask_digest, e.answer,
           (SELECT jsonb_object_agg(name, value) FROM kernel.settings) AS settings,
           (SELECT state FROM kernel.lasting_state) AS lasting
    FROM (VALUES (1)) AS one
    LEFT JOIN kernel.effects e
           ON e.actor_id = %(actor)s AND e.operation = %(operation)s AND e.key = %(key)s
"""

IS_DONE: LiteralString = """
    SELECT EXISTS (
        SELECT FROM kernel.effects
        WHERE actor_id = %(actor)s AND operation = %(operation)s AND key = %(key)s
    )
"""

OPEN_TO_READ: LiteralString = """
    SELECT clock_timestamp() AS time,
           (SELECT jsonb_object_agg(name, value) FROM kernel.settings) AS settings,
           (SELECT state FROM kernel.lasting_state) AS lasting
"""

STORE_EFFECT: LiteralString = """
    INSERT INTO kernel.effects (actor_id, operation, key, ask_digest, answer, at)
    VALUES (%(actor)s, %(operation)s, %(key)s, %(digest)s, %(answer)s, %(now)s)
"""

STORE_DENIAL: LiteralString = """
    INSERT INTO kernel.denials (id, actor_id, operation, at)
    VALUES (%(id)s, %(actor)s, %(operation)s, %(now)s)
"""


def digest(ask: Any) -> bytes:
    """What was asked, so that a key cannot be used again for something else."""
    return hashlib.blake2b(msgspec.json.encode(ask, order="deterministic"), digest_size=16).digest()


def lock_number(actor_id: UUID, operation: str, key: str) -> int:
    """The advisory lock of this key: a signed 64-bit number."""
    name = f"{actor_id}\0{operation}\0{key}".encode()
    return int.from_bytes(hashlib.blake2b(name, digest_size=8).digest(), signed=True)
