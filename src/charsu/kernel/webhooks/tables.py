"""Who is told, with which secrets, and how each delivery stands."""

from sqlalchemy import (
    ARRAY,
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

from charsu.kernel.tables import Timestamp, Uuid, metadata

webhook_endpoints = Table(
    "webhook_endpoints",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),  # for people
    Column("url", Text, nullable=False),
    Column("events", ARRAY(Text), nullable=False),  # patterns of fact names
    Column("state", Text, nullable=False),
    Column("version", BigInteger, nullable=False),  # of its facts
    Column("created_at", Timestamp, nullable=False),
    # health, as the sender sees it
    Column("failures_in_row", Integer, nullable=False, server_default=text("0")),
    Column("last_delivered_at", Timestamp),
    Column("last_failed_at", Timestamp),
    Column("last_problem", Text),
    Column("kept_since", Timestamp),  # what was delivered up to then is forgotten
    CheckConstraint("state IN ('active', 'paused', 'gone')", name="state_is_known"),
    schema="kernel",
)

# A secret signs, so it must be readable; it is kept apart so that no listing can show it.
webhook_secrets = Table(
    "webhook_secrets",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("endpoint_id", Uuid, ForeignKey("kernel.webhook_endpoints.id"), nullable=False),
    Column("secret", Text, nullable=False),
    Column("created_at", Timestamp, nullable=False),
    Column("valid_until", Timestamp),  # nothing for the current one
    Index(
        "webhook_endpoint_has_one_current_secret",
        "endpoint_id",
        unique=True,
        postgresql_where=text("valid_until IS NULL"),
    ),
    schema="kernel",
)

# There is no body: it is rendered when it is sent, so that nothing personal lies about here. Nor
# a foreign key to the facts: they are never deleted, and the check would lock each of them.
webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("endpoint_id", Uuid, ForeignKey("kernel.webhook_endpoints.id"), nullable=False),
    Column("fact_id", Uuid, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'pending'")),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("created_at", Timestamp, nullable=False),
    Column("due_at", Timestamp, nullable=False),  # of the next attempt
    Column("leased_until", Timestamp),  # a worker is at it until then
    Column("delivered_at", Timestamp),
    Column("last_status", Integer),
    Column("last_problem", Text),  # a code: status_503, call_too_slow
    Column("latency_ms", Integer),  # of the last attempt
    PrimaryKeyConstraint("endpoint_id", "fact_id", name="one_delivery_per_endpoint_and_fact"),
    CheckConstraint("state IN ('pending', 'delivered', 'dead')", name="state_is_known"),
    CheckConstraint(
        "(state = 'delivered') = (delivered_at IS NOT NULL)", name="delivered_has_a_time"
    ),
    Index(
        "webhook_deliveries_due",
        "endpoint_id",
        "due_at",
        "fact_id",
        postgresql_where=text("state = 'pending'"),
    ),
    Index(
        "webhook_deliveries_under_way",
        "endpoint_id",
        "leased_until",
        postgresql_where=text("leased_until IS NOT NULL"),
    ),
    Index(
        "webhook_deliveries_dead",
        "endpoint_id",
        "fact_id",
        postgresql_where=text("state = 'dead'"),
    ),
    Index(
        "webhook_deliveries_by_age",
        "delivered_at",
        postgresql_where=text("state = 'delivered'"),
    ),
    schema="kernel",
)
