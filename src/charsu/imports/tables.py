"""How far each import has come."""

from sqlalchemy import BigInteger, Column, Table, Text

from charsu.kernel import Timestamp, Uuid, metadata

positions = Table(
    "positions",
    metadata,
    Column("target", Text, primary_key=True),
    Column("file_sha256", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),  # rows of the file that are dealt with
    Column("actor_id", Uuid, nullable=False),
    Column("moved_at", Timestamp, nullable=False),
    Column("finished_at", Timestamp),  # none: interrupted, or still under way
    schema="imports",
)
