"""Guessing passwords is made slow for the guesser and not for the owner.

Failures are counted for a quarter of an hour: by name and address together, so that a stranger
does not lock the owner out; by name, against many addresses; by address, against many names. A
try is counted before the password is looked at and taken off if it was right, so that a hundred
tries at once are counted like a hundred in a row.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct

from charsu.kernel.access.errors import TooManyAttempts
from charsu.kernel.access.tokens import hub_secret, keyed_digest
from charsu.kernel.database import Tx
from charsu.kernel.hub import Hub

WINDOW = timedelta(minutes=15)
FROM_ONE_PLACE_MAX = 10
BY_NAME_MAX = 50
BY_ADDRESS_MAX = 100


class Attempt(Struct, frozen=True):
    """A try that has been counted as failed for now."""

    id: UUID
    name_digest: bytes


def begin_attempt(hub: Hub, *, name: str, address: str) -> Attempt:
    """Count a try before looking at it. Raises TooManyAttempts, which counts no further.

    name     the folded e-mail address, known or not
    address  of the other end of the connection
    """
    key = hub_secret(hub, "sign_in")
    name_digest = keyed_digest(key, f"name\0{name}")
    address_digest = keyed_digest(key, f"address\0{address}")
    with hub.writing("access.begin_attempt") as tx:
        _queue(tx, name_digest, address_digest)
        _forget_old(tx)
        _refuse_too_many(tx, name_digest, address_digest)
        attempt = Attempt(tx.new_id(), name_digest)
        tx.run(
            """
            INSERT INTO kernel.sign_in_failures (id, name_digest, address_digest, at)
            VALUES (%(id)s, %(name)s, %(address)s, %(now)s)
            """,
            id=attempt.id,
            name=name_digest,
            address=address_digest,
            now=tx.now,
        )
    return attempt


def forgive(hub: Hub, attempt: Attempt) -> None:
    """The password was right: the failures under this name no longer count."""
    with hub.writing("access.forgive") as tx:
        tx.run(
            "DELETE FROM kernel.sign_in_failures WHERE name_digest = %(name)s",
            name=attempt.name_digest,
        )


def _queue(tx: Tx, *digests: bytes) -> None:
    """One try at a time for each name and each address, always locked in the same order."""
    for number in sorted(int.from_bytes(digest[:8], signed=True) for digest in digests):
        tx.run("SELECT pg_advisory_xact_lock(%(lock)s)", lock=number)


def _forget_old(tx: Tx) -> None:
    tx.run(
        """
        DELETE FROM kernel.sign_in_failures WHERE id IN (
            SELECT id FROM kernel.sign_in_failures WHERE at < %(since)s
            LIMIT 100 FOR UPDATE SKIP LOCKED)
        """,
        since=tx.now - WINDOW,
    )


def _refuse_too_many(tx: Tx, name: bytes, address: bytes) -> None:
    row: Any = tx.first(
        """
        SELECT count(*) FILTER (WHERE name_digest = %(name)s) AS by_name,
               count(*) FILTER (WHERE address_digest = %(address)s) AS by_address,
               count(*) FILTER (WHERE name_digest = %(name)s AND address_digest = %(address)s)
                   AS from_one_place,
               min(at) AS first_at
        FROM kernel.sign_in_failures
        WHERE (name_digest = %(name)s OR address_digest = %(address)s) AND at >= %(since)s
        """,
        name=name,
        address=address,
        since=tx.now - WINDOW,
    )
    if (
        row.from_one_place >= FROM_ONE_PLACE_MAX
        or row.by_name >= BY_NAME_MAX
        or row.by_address >= BY_ADDRESS_MAX
    ):
        raise TooManyAttempts(row.first_at + WINDOW - tx.now)
