"""Where customers are kept.

What tells who somebody is lies in ``persons`` and ``identifiers`` only: to erase a person empties
these two, and the books that name her id stay balanced.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from charsu.kernel import Timestamp, Uuid, metadata

customers = Table(
    "customers",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("state", Text, nullable=False),
    Column("language", Text),  # BCP 47; none: nobody has said
    Column("version", BigInteger, nullable=False),
    Column("created_at", Timestamp, nullable=False),
    Column("changed_at", Timestamp, nullable=False),
    CheckConstraint("state IN ('active', 'erased')", name="state_is_known"),
    schema="customers",
)

identifiers = Table(
    "identifiers",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("customer_id", Uuid, ForeignKey("customers.customers.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("source", Text, nullable=False),  # the system that gave an external id; else empty
    Column("value", Text, nullable=False),  # as it was given
    Column("value_key", Text, nullable=False),  # as it is compared
    Column("verified_at", Timestamp),
    CheckConstraint("kind IN ('email', 'phone', 'external')", name="kind_is_known"),
    CheckConstraint("(kind = 'external') = (source <> '')", name="external_id_has_a_source"),
    CheckConstraint("value_key <> ''", name="says_something"),
    # A family shares a phone; an e-mail address or another system's number is one customer's.
    Index(
        "one_customer_to_an_identifier",
        "kind",
        "source",
        "value_key",
        unique=True,
        postgresql_where=text("kind <> 'phone'"),
    ),
    Index("identifiers_by_value", "value_key"),
    Index(
        "one_identifier_of_a_kind_and_source",
        "customer_id",
        "kind",
        "source",
        unique=True,
    ),
    schema="customers",
)

persons = Table(
    "persons",
    metadata,
    Column("customer_id", Uuid, ForeignKey("customers.customers.id"), primary_key=True),
    Column("given_name", Text),
    Column("family_name", Text),
    Column("addresses", JSONB, nullable=False),  # the first is the one to suggest
    Column("is_invented", Boolean, nullable=False),  # nobody of this name exists: made-up data
    schema="customers",
)
