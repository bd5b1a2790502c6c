"""Where goods are, and what is kept about them beside the ledger's balances."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from charsu.kernel import Timestamp, Uuid, metadata

locations = Table(
    "locations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("country", Text, nullable=False),  # ISO 3166-1 alpha-2
    Column("town", Text, nullable=False, server_default=text("''")),
    Column("street", Text, nullable=False, server_default=text("''")),
    Column("latitude", Double),  # WGS 84 degrees
    Column("longitude", Double),
    Column("time_zone", Text, nullable=False),  # IANA name
    Column("hours", JSONB, nullable=False),  # by weekday, Monday first: [["09:00", "21:00"], …]
    Column("offers_pickup", Boolean, nullable=False),
    Column("ships", Boolean, nullable=False),
    Column("is_open", Boolean, nullable=False, server_default=text("true")),
    Column("version", Integer, nullable=False),
    CheckConstraint("kind IN ('store', 'warehouse', 'dark_store', 'supplier')", name="kind_known"),
    CheckConstraint("latitude BETWEEN -90 AND 90", name="on_the_globe"),
    CheckConstraint("longitude BETWEEN -180 AND 180", name="around_the_globe"),
    schema="stock",
)

channel_locations = Table(
    "channel_locations",
    metadata,
    Column("channel_id", Uuid, ForeignKey("catalog.channels.id"), primary_key=True),
    Column("location_id", Uuid, ForeignKey("stock.locations.id"), primary_key=True),
    schema="stock",
)

buffers = Table(
    "buffers",
    metadata,
    Column("channel_id", Uuid, ForeignKey("catalog.channels.id"), nullable=False),
    Column("location_id", Uuid, ForeignKey("stock.locations.id"), nullable=False),
    Column("variant_id", Uuid, ForeignKey("catalog.variants.id")),  # none: every variant
    Column("pieces", BigInteger, nullable=False),  # that the channel must leave there
    CheckConstraint("pieces >= 0", name="buffer_is_not_negative"),
    UniqueConstraint(
        "channel_id",
        "location_id",
        "variant_id",
        name="one_buffer",
        postgresql_nulls_not_distinct=True,
    ),
    schema="stock",
)

documents = Table(
    "documents",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),  # receipt, count, write_off, adjustment, allocation, …
    Column("location_id", Uuid, ForeignKey("stock.locations.id"), nullable=False),
    Column("reference", Text, nullable=False, server_default=text("''")),  # the supplier's number
    Column("reason", Text, nullable=False, server_default=text("''")),
    Column("counted_at", Timestamp),
    Column("at", Timestamp, nullable=False),
    Column("version", Integer, nullable=False),
    Index("documents_by_location", "location_id", "at"),
    schema="stock",
)

counts = Table(
    "counts",
    metadata,
    Column("document_id", Uuid, ForeignKey("stock.documents.id"), primary_key=True),
    Column("variant_id", Uuid, ForeignKey("catalog.variants.id"), primary_key=True),
    Column("counted", BigInteger, nullable=False),
    Column("expected", BigInteger, nullable=False),  # by the books at the time of the count
    CheckConstraint("counted >= 0", name="counted_is_not_negative"),
    schema="stock",
)

exceptions = Table(
    "exceptions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),  # shortage
    Column("account_id", Uuid, ForeignKey("ledger.accounts.id"), nullable=False),
    Column("variant_id", Uuid, ForeignKey("catalog.variants.id"), nullable=False),
    Column("location_id", Uuid, ForeignKey("stock.locations.id"), nullable=False),
    Column("missing", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("owner", Text, nullable=False),  # the role that has to see to it
    Column("due_by", Timestamp, nullable=False),
    Column("opened_at", Timestamp, nullable=False),
    Column("closed_at", Timestamp),
    Column("version", Integer, nullable=False),
    CheckConstraint("state IN ('open', 'closed')", name="state_known"),
    CheckConstraint("(state = 'closed') = (missing = 0)", name="open_while_something_is_missing"),
    CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_at_some_time"),
    Index(
        "one_open_exception_to_an_account",
        "account_id",
        unique=True,
        postgresql_where=text("state = 'open'"),
    ),
    Index("exceptions_by_location", "location_id", "state"),
    schema="stock",
)
