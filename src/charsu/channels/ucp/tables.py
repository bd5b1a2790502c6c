"""Where the shopping door keeps who shops, what it began, and what it must be told."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from charsu.kernel import Timestamp, Uuid, metadata

platforms = Table(
    "platforms",
    metadata,
    Column("id", Uuid, primary_key=True),  # made from the address
    Column("url", Text, nullable=False, unique=True),
    Column("document", JSONB, nullable=False),  # its profile as it was fetched
    Column("fetched_at", Timestamp, nullable=False),
    Column("fresh_until", Timestamp, nullable=False),
    Index("platforms_by_age", "fresh_until"),
    schema="ucp",
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("platform_id", Uuid, ForeignKey("ucp.platforms.id"), nullable=False),
    Column("cart_id", Uuid, ForeignKey("shopping.carts.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("method", Text, nullable=False),  # how the buyer wants it, before she says where
    Column("picked_up", ARRAY(Uuid), nullable=False, server_default=text("'{}'")),  # variants
    Column("destination_id", Text),  # what the platform calls the address
    Column("codes", ARRAY(Text), nullable=False, server_default=text("'{}'")),  # as typed
    Column("said", JSONB, nullable=False, server_default=text("'[]'")),  # of the last change
    Column("consent", JSONB, nullable=False, server_default=text("'{}'")),
    Column("seen_total_minor", BigInteger),  # that the platform was told last
    Column("order_id", Uuid, unique=True),
    Column("opened_at", Timestamp, nullable=False),
    Column("expires_at", Timestamp, nullable=False),
    Column("version", Integer, nullable=False),
    CheckConstraint("kind IN ('cart', 'checkout')", name="kind_known"),
    CheckConstraint(
        "state IN ('open', 'paying', 'escalated', 'completed', 'canceled')", name="state_known"
    ),
    CheckConstraint("method IN ('ship', 'pickup')", name="method_known"),
    CheckConstraint(
        "(kind = 'checkout' AND state = 'completed') = (order_id IS NOT NULL)",
        name="what_is_completed_has_an_order",
    ),
    Index(
        "one_open_session_of_a_kind_for_a_cart",
        "cart_id",
        "kind",
        unique=True,
        postgresql_where=text("state IN ('open', 'paying', 'escalated')"),
    ),
    Index(
        "sessions_due",
        "expires_at",
        postgresql_where=text("state IN ('open', 'escalated')"),
    ),
    Index("sessions_by_platform", "platform_id"),
    schema="ucp",
)

buyers = Table(
    "buyers",
    metadata,
    # The only personal data of a session, in one row; it is gone when the session is over.
    Column("session_id", Uuid, ForeignKey("ucp.sessions.id"), primary_key=True),
    Column("person", JSONB, nullable=False),
    Column("address", JSONB, nullable=False),
    schema="ucp",
)

# There is no body: it is rendered when it is sent.
events = Table(
    "events",
    metadata,
    Column("session_id", Uuid, ForeignKey("ucp.sessions.id"), nullable=False),
    Column("fact_id", Uuid, nullable=False),
    Column("at", Timestamp, nullable=False),  # when it happened
    Column("state", Text, nullable=False, server_default=text("'pending'")),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("due_at", Timestamp, nullable=False),
    Column("leased_until", Timestamp),  # a worker is at it until then
    Column("last_problem", Text),  # a code: status_503, call_too_slow
    PrimaryKeyConstraint("session_id", "fact_id", name="one_event_for_one_fact"),
    CheckConstraint("state IN ('pending', 'delivered', 'dead')", name="state_known"),
    Index("events_due", "due_at", postgresql_where=text("state = 'pending'")),
    schema="ucp",
)
