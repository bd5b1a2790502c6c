"""Customers as the database has them."""

from collections.abc import Iterable, Sequence
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from msgspec import Struct

from charsu.customers.kinds import IdentifierKind
from charsu.customers.model import Address, Identifier
from charsu.kernel import Tx

IdentifierName = tuple[str, str, str]

_OWNERS: LiteralString = """
    SELECT i.kind, i.source, i.value_key, i.customer_id
    FROM unnest(%(kinds)s::text[], %(sources)s::text[], %(keys)s::text[])
         AS n (kind, source, value_key)
    JOIN customers.identifiers i USING (kind, source, value_key)
    WHERE i.kind <> 'phone'
"""

_PROFILES: LiteralString = """
    SELECT c.id, c.state, c.version, c.language, p.given_name, p.family_name,
           coalesce(p.addresses, '[]') AS addresses, coalesce(p.is_invented, false) AS is_invented,
           (SELECT coalesce(jsonb_agg(jsonb_build_array(i.kind, i.source, i.value, i.value_key,
                                                        i.exact_key, i.verified_at IS NOT NULL)
                                      ORDER BY i.kind, i.source), '[]')
            FROM customers.identifiers i WHERE i.customer_id = c.id) AS identifiers
    FROM customers.customers c LEFT JOIN customers.persons p ON p.customer_id = c.id
    WHERE c.id = ANY(%(ids)s)
"""


class Profile(Struct, frozen=True, kw_only=True):
    """Everything that is known about one customer; at most one identifier of a kind and source."""

    id: UUID
    state: str = "active"
    version: int = 0  # 0: not stored yet
    language: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    addresses: tuple[Address, ...] = ()
    is_invented: bool = False
    identifiers: tuple[Identifier, ...] = ()

    def identifier(self, kind: IdentifierKind, source: str = "") -> Identifier | None:
        """The identifier of this kind; for an external id, of this source."""
        return next((i for i in self.identifiers if (i.kind, i.source) == (kind, source)), None)


def owners_of(tx: Tx, names: Iterable[IdentifierName]) -> dict[IdentifierName, UUID]:
    """Whose these identifiers are; unknown ones and phones are left out."""
    wanted = sorted(set(names))
    rows = tx.all(
        _OWNERS,
        kinds=[kind for kind, _, _ in wanted],
        sources=[source for _, source, _ in wanted],
        keys=[key for _, _, key in wanted],
    )
    return {(row.kind, row.source, row.value_key): row.customer_id for row in rows}


def profiles_of(tx: Tx, customer_ids: Sequence[UUID]) -> dict[UUID, Profile]:
    """What is known about these customers; unknown ids are left out."""
    rows = tx.all(_PROFILES, ids=list(customer_ids))
    return {row.id: _profile(row) for row in rows}


def _profile(row: Any) -> Profile:
    return Profile(
        id=row.id,
        state=row.state,
        version=row.version,
        language=row.language,
        given_name=row.given_name,
        family_name=row.family_name,
        addresses=msgspec.convert(row.addresses, tuple[Address, ...]),
        is_invented=row.is_invented,
        identifiers=tuple(Identifier(*parts) for parts in row.identifiers),
    )
