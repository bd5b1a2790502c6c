"""What every package's tables share: one metadata, the column types, the names of constraints.

And the kernel's own tables. What runs a shop reads and writes by SQL and never imports this: only
whoever makes a database needs SQLAlchemy, and 25 MB and a quarter of a second for it.
"""

from sqlalchemy import Column, Index, LargeBinary, MetaData, PrimaryKeyConstraint, Table, Text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP, UUID
from sqlalchemy.types import UserDefinedType

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


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id, which does not wrap."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "xid8"


settings = Table(
    "settings",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", JSONB, nullable=False),
    schema="kernel",
)

lasting_changes = Table(
    "lasting_changes",
    metadata,
    Column("transaction", Xid8, primary_key=True),
    Column("at", Timestamp, primary_key=True),  # or a restored shop's numbers would meet old ones
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
