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
    Column("exact_key", Text),  # of a phone: E.164, where the number says its country
    Column("verified_at", Timestamp),
    Column("proved_at", Timestamp),  # when she last showed that it is hers
    CheckConstraint(
        "kind IN ('email', 'phone', 'external', 'card', 'device', 'marketplace', 'agent')",
        name="kind_is_known",
    ),
    CheckConstraint(
        "(kind IN ('email', 'phone')) = (source = '')", name="what_is_given_has_a_source"
    ),
    CheckConstraint(
        "(verified_at IS NULL) = (proved_at IS NULL)", name="what_is_verified_was_proved"
    ),
    CheckConstraint(
        "verified_at IS NULL OR kind <> 'phone' OR exact_key IS NOT NULL",
        name="a_verified_phone_is_a_whole_number",
    ),
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
    # Of several who say that a number is theirs, one can have shown it.
    Index(
        "one_customer_to_a_verified_phone",
        "exact_key",
        unique=True,
        postgresql_where=text("kind = 'phone' AND verified_at IS NOT NULL"),
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

merges = Table(
    "merges",
    metadata,
    # Who turned out to be whom. Nothing else moves: what belongs to the absorbed still says so, and
    # to undo a merge is to end its row.
    Column("id", Uuid, primary_key=True),
    Column("absorbed_id", Uuid, ForeignKey("customers.customers.id"), nullable=False),
    Column("survivor_id", Uuid, ForeignKey("customers.customers.id"), nullable=False),
    Column("rule", Text, nullable=False),  # a person said so, or an identifier was proved
    Column("reason", Text, nullable=False),
    Column("merged_by", Uuid, nullable=False),
    Column("merged_at", Timestamp, nullable=False),
    Column("undone_at", Timestamp),
    CheckConstraint("absorbed_id <> survivor_id", name="two_are_merged"),
    CheckConstraint("rule IN ('said', 'proved')", name="rule_is_known"),
    Index(
        "a_customer_is_absorbed_once",
        "absorbed_id",
        unique=True,
        postgresql_where=text("undone_at IS NULL"),
    ),
    Index("merges_by_survivor", "survivor_id", postgresql_where=text("undone_at IS NULL")),
    schema="customers",
)

consents = Table(
    "consents",
    metadata,
    # What was said, each time; the last word counts. Nothing is changed, so that it is a proof.
    Column("id", Uuid, primary_key=True),
    Column("customer_id", Uuid, ForeignKey("customers.customers.id"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("is_granted", Boolean, nullable=False),
    Column("source", Text, nullable=False),  # where it was said
    Column("wording", Text, nullable=False),  # which text she agreed to
    Column("said_by", Uuid, nullable=False),
    Column("said_at", Timestamp, nullable=False),
    Column("guest_order_id", Uuid),  # said as a guest, with this order; none: said being known
    Index("consents_by_customer", "customer_id", "purpose", "channel", "said_at", "id"),
    schema="customers",
)
