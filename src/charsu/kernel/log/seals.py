"""Seals: digests over ranges of the log, each chained to the one before.

A seal covers the facts after the place of the seal before it, up to its own place. For each of
them, in reading order, it keeps a leaf: the fact's id and the first 16 bytes of the SHA-256 of all
that the log says of it. Its digest is the SHA-256 of the digest before and its leaves. So a
fact that was changed, removed or put in by hand is found and named without a second log.

How many were made is kept beside them, so that the newest cannot be taken away unnoticed. Whoever
can write to the database can also write new seals and that number. Whoever wants to notice that
keeps the newest digest somewhere else.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from msgspec.structs import replace

from charsu.kernel.check import Finding
from charsu.kernel.database import Tx
from charsu.kernel.log.read import START, Cursor, LoggedFact, in_order_of_versions, read_between

LEAF_BYTES = 32  # of the id 16, of the digest 16
STRANGERS_MAX = 1_000  # so many facts too much in one range are named

_NEXT: LiteralString = """
    SELECT number, epoch, up_to_transaction::text::bigint AS transaction,
           up_to_sequence AS sequence, facts, digest, leaves
    FROM kernel.seals WHERE number > %(after)s ORDER BY number LIMIT 1
"""


def leaves_of(facts: Sequence[LoggedFact]) -> bytes:
    """The leaves of these facts, one after the other."""
    return b"".join(map(_leaf, facts))


def chain(before: bytes, leaves: bytes) -> bytes:
    """The digest of a seal with these leaves, after a seal with the digest ``before``."""
    return hashlib.sha256(before + leaves).digest()


def broken_seals(tx: Tx) -> Iterator[Finding]:
    """Everything in which the sealed part of the log is not as it was when it was sealed.

    Reads one seal and its range at a time, some thousands of facts.
    """
    number, digest, place = 0, b"", START
    while (seal := tx.first(_NEXT, after=number)) is not None:
        end = Cursor(seal.epoch, seal.transaction, seal.sequence)
        limit = seal.facts + STRANGERS_MAX
        facts = read_between(tx, place, end, limit=limit)
        if seal.number != number + 1:
            yield Finding(f"seal {number + 1}", "is missing")
        elif seal.leaves is None:
            yield from _differs_as_a_whole(seal, digest, facts)
        else:
            yield from _is_not_chained(seal, digest)
            yield from _facts_that_differ(seal, facts)
        number, digest, place = seal.number, bytes(seal.digest), end
    yield from _newest_are_missing(tx, number)


def _leaf(fact: LoggedFact) -> bytes:
    return fact.id.bytes + hashlib.sha256(_text(fact)).digest()[: LEAF_BYTES - 16]


def _text(fact: LoggedFact) -> bytes:
    """All that the log says of a fact, always in the same way."""
    return msgspec.json.encode(replace(fact, at=fact.at.astimezone(UTC)), order="deterministic")


def _newest_are_missing(tx: Tx, newest: int) -> Iterator[Finding]:
    made = tx.value("SELECT max(number) FROM kernel.seals_made") or 0
    if made != newest:
        yield Finding(f"seal {max(made, newest)}", f"{made} were made, the newest is {newest}")


def _is_not_chained(seal: Any, before: bytes) -> Iterator[Finding]:
    if len(seal.leaves) != seal.facts * LEAF_BYTES or chain(before, seal.leaves) != seal.digest:
        yield Finding(f"seal {seal.number}", "was changed, or the seal before it")


def _facts_that_differ(seal: Any, facts: Sequence[LoggedFact]) -> Iterator[Finding]:
    sealed = _by_id(seal.leaves)
    found = _by_id(leaves_of(facts))
    for identity in found.keys() | sealed.keys():
        if found.get(identity) != sealed.get(identity):
            if identity not in found:
                problem = "is not in the log where it was sealed"
            elif identity not in sealed:
                problem = "was put in after its part of the log was sealed"
            else:
                problem = "is not what it was when it was sealed"
            yield Finding(f"fact {identity}", f"{problem} (seal {seal.number})")


def _by_id(leaves: bytes) -> dict[UUID, bytes]:
    starts = range(0, len(leaves) - LEAF_BYTES + 1, LEAF_BYTES)
    return {UUID(bytes=leaves[i : i + 16]): leaves[i + 16 : i + LEAF_BYTES] for i in starts}


def _differs_as_a_whole(seal: Any, before: bytes, facts: Sequence[LoggedFact]) -> Iterator[Finding]:
    """For seals without leaves: their digest went over the facts themselves, as they were read."""
    total = hashlib.sha256(before)
    for fact in in_order_of_versions(facts):
        total.update(_text(fact))
    if total.digest() != seal.digest:
        between = f" from {facts[0].id} to {facts[-1].id}" if facts else ""
        yield Finding(
            f"seal {seal.number}",
            f"covered {seal.facts} facts; what is there now{between} is something else",
        )
