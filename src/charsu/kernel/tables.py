"""What every package's tables share: one metadata, the column types, the names of constraints."""

from sqlalchemy import MetaData
from sqlalchemy.dialects.postgresql import TIMESTAMP, UUID

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
