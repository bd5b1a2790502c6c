"""Somebody has shown that an identifier is hers: who she is follows from that.

What was proved is one customer's; what was only said joins nobody, and yields to a proof.
"""

from datetime import timedelta
from hashlib import blake2b
from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct, structs

from charsu.customers.errors import IdentifierTaken, PhoneInvalid
from charsu.customers.facts import (
    CustomerIntroduced,
    CustomerRevised,
    IdentifierLapsed,
    IdentifierVerified,
)
from charsu.customers.families import family_of, next_version, root_of
from charsu.customers.merging import absorb
from charsu.customers.model import Identifier
from charsu.kernel import Setting, Tx, append

# A number that was given back is given to nobody else for 45 days (47 CFR 52.15(f)(1)(ii)); where
# no law says so, operators wait as long or longer.
PHONE_DAYS = Setting(
    "customers.phone_days",
    int,
    45,
    "Days after which a telephone number that was not proved again may be somebody else's.",
)


class Proved(Struct, frozen=True):
    """Whose the identifier is now."""

    customer_id: UUID
    identifier_id: UUID
    is_new: bool  # nobody was known by it
    replaced: str | None = None  # what she had proved of its kind before, and is hers no more


def prove(tx: Tx, shown: Identifier, *, language: str | None = None) -> Proved:
    """Who has shown that this is hers; a new customer where nobody was known by it.

    A record that was only said to have the address, and of which nothing else was ever proved, is
    hers. Where its owner has proved something else, the address goes from it to her. A telephone
    number joins no record at all that only claims it, for numbers are shared and given out anew.
    Raises PhoneInvalid for a number without its country's code.
    """
    _queue(tx, shown)
    held = _held(tx, shown)
    if held is not None and held.verified_at is not None:
        if not _has_lapsed(tx, held):
            return _seen_again(tx, held)
        _lapse(tx, held)
        held = None
    if held is None:
        return _introduce(tx, shown, language)
    if _is_record(tx, held):
        return _verify(tx, held)
    _give_up(tx, held)
    return _introduce(tx, shown, language)


def prove_for(tx: Tx, customer_id: UUID, shown: Identifier) -> Proved:
    """The signed-in customer has shown that this is hers, too; it replaces one of its kind.

    A record that only claims it and of which nothing was ever proved turns out to be her: it is
    merged into hers. Raises IdentifierTaken where another customer has proved it, PhoneInvalid.
    """
    _queue(tx, shown)
    held = _held(tx, shown)
    if held is not None and held.verified_at is not None and _has_lapsed(tx, held):
        _lapse(tx, held)
        held = None
    if held is not None and root_of(tx, held.customer_id) == root_of(tx, customer_id):
        return _seen_again(tx, held) if held.verified_at else _verify(tx, held)
    if held is not None and held.verified_at is not None:
        raise IdentifierTaken(shown.kind, "")
    if held is not None and _is_record(tx, held):
        proved = _verify(tx, held)
        absorb(tx, root_of(tx, held.customer_id), root_of(tx, customer_id), rule="proved")
        return proved
    if held is not None:
        _give_up(tx, held)
    replaced = _replace(tx, customer_id, shown)
    return structs.replace(_store(tx, customer_id, shown, is_new=False), replaced=replaced)


# The row lock is not enough: where nobody is known yet there is no row.
def _queue(tx: Tx, shown: Identifier) -> None:
    if shown.kind == "phone" and shown.exact is None:
        raise PhoneInvalid
    name = "\0".join(("proof", shown.kind, shown.source, shown.exact or shown.key))
    number = int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), signed=True)
    tx.run("SELECT pg_advisory_xact_lock(%(lock)s)", lock=number)


# A phone that is only claimed is nobody's: several may claim it, so none is found.
_HELD: LiteralString = """
    SELECT i.id, i.customer_id, i.kind, i.verified_at, i.proved_at, c.state
    FROM customers.identifiers i JOIN customers.customers c ON c.id = i.customer_id
    WHERE i.kind = %(kind)s AND i.source = %(source)s
      AND CASE WHEN i.kind = 'phone' THEN i.exact_key = %(exact)s AND i.verified_at IS NOT NULL
               ELSE i.value_key = %(key)s END
    FOR UPDATE OF i, c
"""


def _held(tx: Tx, shown: Identifier) -> Any | None:
    return tx.first(_HELD, kind=shown.kind, source=shown.source, key=shown.key, exact=shown.exact)


def _is_record(tx: Tx, held: Any) -> bool:
    """Whether nothing was ever proved of this customer, nor of anybody merged with her."""
    family = family_of(tx, held.customer_id)
    is_proved = tx.value(_IS_PROVED, family=family, but=held.id)
    return held.state == "active" and not is_proved


_IS_PROVED: LiteralString = """
    SELECT EXISTS (SELECT FROM customers.identifiers
                   WHERE customer_id = ANY(%(family)s) AND id <> %(but)s
                     AND verified_at IS NOT NULL)
"""


def _has_lapsed(tx: Tx, held: Any) -> bool:
    """Whether a number may have changed its owner since."""
    days = timedelta(days=tx.setting(PHONE_DAYS))
    return bool(held.kind == "phone" and held.proved_at + days < tx.now)


def _seen_again(tx: Tx, held: Any) -> Proved:
    tx.run(
        "UPDATE customers.identifiers SET proved_at = %(now)s WHERE id = %(id)s",
        id=held.id,
        now=tx.now,
    )
    return Proved(held.customer_id, held.id, is_new=False)


def _verify(tx: Tx, held: Any) -> Proved:
    tx.run(
        """
        UPDATE customers.identifiers SET verified_at = %(now)s, proved_at = %(now)s
        WHERE id = %(id)s
        """,
        id=held.id,
        now=tx.now,
    )
    _tell(tx, held.customer_id, IdentifierVerified(identifier_id=held.id, kind=held.kind))
    return Proved(held.customer_id, held.id, is_new=False)


def _lapse(tx: Tx, held: Any) -> None:
    """The number was proved too long ago: it is her claim again."""
    tx.run(
        """
        UPDATE customers.identifiers SET verified_at = NULL, proved_at = NULL WHERE id = %(id)s
        """,
        id=held.id,
    )
    _tell(tx, held.customer_id, IdentifierLapsed(identifier_id=held.id, kind=held.kind))


def _give_up(tx: Tx, held: Any) -> None:
    """What was only said yields to who has proved it."""
    tx.run("DELETE FROM customers.identifiers WHERE id = %(id)s", id=held.id)
    _tell(tx, held.customer_id, CustomerRevised(fields=(held.kind,)))


def _replace(tx: Tx, customer_id: UUID, shown: Identifier) -> str | None:
    """What she had of this kind goes; what it was, where she had proved it."""
    row: Any = tx.first(
        """
        DELETE FROM customers.identifiers
        WHERE customer_id = %(customer)s AND kind = %(kind)s AND source = %(source)s
        RETURNING value, exact_key, verified_at
        """,
        customer=customer_id,
        kind=shown.kind,
        source=shown.source,
    )
    if row is None or row.verified_at is None:
        return None
    return row.exact_key or row.value  # type: ignore[no-any-return]


def _introduce(tx: Tx, shown: Identifier, language: str | None) -> Proved:
    customer_id = tx.new_id()
    tx.run(_NEW, id=customer_id, language=language, now=tx.now)
    append(tx, CustomerIntroduced(is_invented=False), subject=customer_id, version=1)
    return _store(tx, customer_id, shown, is_new=True)


_NEW: LiteralString = """
    WITH one AS (
        INSERT INTO customers.customers (id, state, language, version, created_at, changed_at)
        VALUES (%(id)s, 'active', %(language)s, 1, %(now)s, %(now)s)
        RETURNING id
    )
    INSERT INTO customers.persons (customer_id, addresses, is_invented)
    SELECT id, '[]', false FROM one
"""

_STORE: LiteralString = """
    INSERT INTO customers.identifiers
        (id, customer_id, kind, source, value, value_key, exact_key, verified_at, proved_at)
    VALUES (%(id)s, %(customer)s, %(kind)s, %(source)s, %(value)s, %(key)s, %(exact)s, %(now)s,
            %(now)s)
"""


def _store(tx: Tx, customer_id: UUID, shown: Identifier, *, is_new: bool) -> Proved:
    identifier_id = tx.new_id()
    tx.run(
        _STORE,
        id=identifier_id,
        customer=customer_id,
        kind=shown.kind,
        source=shown.source,
        value=shown.value,
        key=shown.key,
        exact=shown.exact,
        now=tx.now,
    )
    _tell(tx, customer_id, IdentifierVerified(identifier_id=identifier_id, kind=shown.kind))
    return Proved(customer_id, identifier_id, is_new)


def _tell(tx: Tx, customer_id: UUID, fact: Any) -> None:
    append(tx, fact, subject=customer_id, version=next_version(tx, customer_id))
