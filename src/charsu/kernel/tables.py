"""What every package's tables share: one metadata, the column types, the names of constraints.

And the kernel's own tables. What runs a shop reads and writes by SQL and never imports this: only
whoever makes a database needs SQLAlchemy, and 25 MB and a quarter of a second for it.
"""

from sqlalchemy import Column, Index, LargeBinary, MetaData, PrimaryKeyConstraint, Table, Text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP, UUID

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "ck": "%(table_name)s_%(constraint_name)s",
    }
)
"""Each package names its own PostgreSQL schema: ``Table("orders", …, schema="orders")``."""

Timestamp = TIMESTAMP(timezone=True)  # always UTC in the database
Uuid = UUID(as_uuid=True)

settings = Table(
    "settings",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", JSONB, nullable=False),
    schema="kernel",
)

effects = Table(
    "effects",
    metadata,
    Column("actor_id", Uuid, nullable=False),
    Column("operation", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("ask_digest", LargeBinary, nullable=False),
    Column("answer", Text, nullable=False),
    Column("at", Timestamp, nullable=False),
    PrimaryKeyConstraint("actor_id", "operation", "key", name="one_key_one_effect"),
    Index("effects_by_time", "at"),
    schema="kernel",
)

denials = Table(
    "denials",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("actor_id", Uuid, nullable=False),
    Column("operation", Text, nullable=False),
    Column("at", Timestamp, nullable=False),
    schema="kernel",
)
