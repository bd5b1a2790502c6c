"""What tells who a customer is goes for good; her id stays in the books, and is nobody's."""

from collections.abc import Sequence
from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.customers.facts import CustomerErased
from charsu.customers.families import next_version
from charsu.kernel import Tx, append


class Names(Struct, frozen=True, kw_only=True):
    """How she could be reached, to find what is kept elsewhere; for the length of a transaction.

    emails   as they are compared
    phones   as E.164, as far as they say their country
    """

    emails: list[str]
    phones: list[str]


_TAKE: LiteralString = """
    DELETE FROM customers.identifiers WHERE customer_id = ANY(%(ids)s)
    RETURNING kind, value_key, exact_key
"""

_FORGET: LiteralString = """
    WITH persons AS (
        DELETE FROM customers.persons WHERE customer_id = ANY(%(ids)s)
    ), consents AS (
        DELETE FROM customers.consents WHERE customer_id = ANY(%(ids)s)
    ), merges AS (
        UPDATE customers.merges SET reason = ''
        WHERE reason <> '' AND (absorbed_id = ANY(%(ids)s) OR survivor_id = ANY(%(ids)s))
    )
    UPDATE customers.customers SET state = 'erased', language = NULL
    WHERE id = ANY(%(ids)s) AND state <> 'erased'
    RETURNING id
"""


def take_names(tx: Tx, customers: Sequence[UUID]) -> Names:
    """Take away all that these customers, who are one person and locked, can be known by.

    It comes first: what would still join her by it waits, and then finds nothing.
    """
    rows: list[Any] = tx.all(_TAKE, ids=list(customers))
    return Names(
        emails=[row.value_key for row in rows if row.kind == "email"],
        phones=[row.exact_key for row in rows if row.kind == "phone" and row.exact_key],
    )


def forget(tx: Tx, customers: Sequence[UUID]) -> int:
    """Take away what else is known of them, and say so of each; how many were not erased before.

    Who was merged with whom stays, without the words that were written about it.
    """
    rows: list[Any] = tx.all(_FORGET, ids=list(customers))
    for row in rows:
        append(tx, CustomerErased(), subject=row.id, version=next_version(tx, row.id))
    return len(rows)
