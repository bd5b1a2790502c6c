"""Who is known to the hub and what they were granted. No secret is kept that could be used."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from charsu.kernel.tables import Timestamp, Uuid, metadata

accounts = Table(
    "accounts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("email", Text, nullable=False),  # as it was entered
    Column("email_folded", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("password_hash", Text),  # Argon2id with its parameters and salt
    Column("state", Text, nullable=False),
    Column("made_at", Timestamp, nullable=False),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    CheckConstraint("state IN ('invited', 'active', 'disabled')", name="one_state"),
    CheckConstraint("state <> 'active' OR password_hash IS NOT NULL", name="active_can_sign_in"),
    schema="kernel",
)

invitations = Table(
    "invitations",
    metadata,
    Column("digest", LargeBinary, primary_key=True),  # SHA-256 of the token
    Column("account_id", Uuid, ForeignKey("kernel.accounts.id"), nullable=False),
    Column("expires_at", Timestamp, nullable=False),
    Column("used_at", Timestamp),
    Index("invitations_by_account", "account_id"),
    schema="kernel",
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("label", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False, unique=True),  # SHA-256 of the secret
    Column("hint", Text, nullable=False),  # the secret's last letters, to tell keys apart
    Column("issued_by", Uuid, nullable=False),
    Column("issued_at", Timestamp, nullable=False),
    Column("expires_at", Timestamp),
    Column("revoked_at", Timestamp),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    schema="kernel",
)

role_grants = Table(
    "role_grants",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account_id", Uuid, ForeignKey("kernel.accounts.id")),
    Column("key_id", Uuid, ForeignKey("kernel.api_keys.id")),
    Column("role", Text, nullable=False),
    Column("location_id", Uuid),  # none: everywhere
    Column("granted_at", Timestamp, nullable=False),
    CheckConstraint("num_nonnulls(account_id, key_id) = 1", name="one_holder"),
    UniqueConstraint(
        "account_id",
        "key_id",
        "role",
        "location_id",
        name="role_grants_are_told_apart",
        postgresql_nulls_not_distinct=True,
    ),
    Index("role_grants_by_key", "key_id"),
    schema="kernel",
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True),  # SHA-256 of the token
    Column("account_id", Uuid, ForeignKey("kernel.accounts.id"), nullable=False),
    Column("made_at", Timestamp, nullable=False),
    Column("expires_at", Timestamp, nullable=False),
    Column("ended_at", Timestamp),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    Index("sessions_by_account", "account_id", postgresql_where=text("ended_at IS NULL")),
    schema="kernel",
)

# Failed tries of the last quarter of an hour. Names and addresses are kept as keyed digests: enough
# to count them, useless to whoever reads the table.
sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name_digest", LargeBinary, nullable=False),
    Column("address_digest", LargeBinary, nullable=False),
    Column("at", Timestamp, nullable=False),
    Index("sign_in_failures_by_name", "name_digest", "at"),
    Index("sign_in_failures_by_address", "address_digest", "at"),
    Index("sign_in_failures_by_time", "at"),
    schema="kernel",
)

secrets = Table(
    "secrets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", LargeBinary, nullable=False),
    schema="kernel",
)
