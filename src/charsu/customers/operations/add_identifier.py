"""Something that a customer can be known by: a card, an app, a marketplace's or agent's number."""

from typing import Annotated, LiteralString
from uuid import UUID

from msgspec import Meta, Struct
from psycopg.errors import UniqueViolation

from charsu.customers.errors import IdentifierMissing, IdentifierTaken
from charsu.customers.facts import CustomerRevised, IdentifierVerified
from charsu.customers.families import lock_customers, next_version
from charsu.customers.kinds import IssuedKind
from charsu.customers.model import Identifier, Source, issued_identifier
from charsu.customers.stored import owners_of
from charsu.kernel import Fact, NotFound, Tx, append, operation


class AddIdentifier(Struct, frozen=True, kw_only=True):
    """What she is known by, and who gave it to her.

    issuer    a loyalty scheme, an app, a marketplace or an agent by its short name
    is_shown  somebody has seen it in her hands; else it was only said
    """

    customer_id: UUID
    kind: IssuedKind
    issuer: Source
    value: Annotated[str, Meta(min_length=1, max_length=200)]
    is_shown: bool = False


class IdentifierAdded(Struct, frozen=True):
    """The identifier, new or the same as before."""

    identifier_id: UUID


_PUT: LiteralString = """
    INSERT INTO customers.identifiers AS i
        (id, customer_id, kind, source, value, value_key, verified_at, proved_at)
    VALUES (%(id)s, %(customer)s, %(kind)s, %(source)s, %(value)s, %(key)s, %(shown)s, %(shown)s)
    ON CONFLICT (customer_id, kind, source) DO UPDATE
    SET id = CASE WHEN i.value_key = excluded.value_key THEN i.id ELSE excluded.id END,
        value = excluded.value, value_key = excluded.value_key,
        verified_at = CASE WHEN i.value_key = excluded.value_key
                           THEN coalesce(i.verified_at, excluded.verified_at)
                           ELSE excluded.verified_at END,
        proved_at = CASE WHEN i.value_key = excluded.value_key
                         THEN coalesce(excluded.proved_at, i.proved_at)
                         ELSE excluded.proved_at END
    RETURNING i.id
"""


@operation(
    "customers.add_identifier",
    permission="customers.edit",
    http="POST /v1/customers/{customer_id}/identifiers",
    raises=(NotFound, IdentifierMissing, IdentifierTaken),
)
def add_identifier(tx: Tx, ask: AddIdentifier) -> IdentifierAdded:
    """Let a customer be known by a card, an app, or a marketplace's or agent's number.

    It replaces the one that the same issuer gave her before, as a new card does.
    """
    if lock_customers(tx, ask.customer_id).get(ask.customer_id) != "active":
        raise NotFound("customer", ask.customer_id)
    given = issued_identifier(ask.kind, ask.issuer, ask.value)
    try:
        with tx.savepoint():
            identifier: UUID = tx.value(
                _PUT,
                id=tx.new_id(),
                customer=ask.customer_id,
                kind=given.kind,
                source=given.source,
                value=given.value,
                key=given.key,
                shown=tx.now if ask.is_shown else None,
            )
    except UniqueViolation as taken:
        raise IdentifierTaken(given.kind, _owner(tx, given)) from taken
    fact: Fact = CustomerRevised(fields=(given.kind,))
    if ask.is_shown:
        fact = IdentifierVerified(identifier_id=identifier, kind=given.kind)
    append(tx, fact, subject=ask.customer_id, version=next_version(tx, ask.customer_id))
    return IdentifierAdded(identifier)


def _owner(tx: Tx, given: Identifier) -> str:
    return str(owners_of(tx, [given.name]).get(given.name, ""))
