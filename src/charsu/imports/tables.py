"""How far each import has come, and what it was told on the way."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKeyConstraint, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from charsu.kernel import Timestamp, Uuid, metadata

KEY = ("target", "file_sha256", "options_sha256")

positions = Table(
    "positions",
    metadata,
    Column("target", Text, primary_key=True),
    Column("file_sha256", Text, primary_key=True),
    Column("options_sha256", Text, primary_key=True),  # said otherwise, it is another import
    Column("position", BigInteger, nullable=False),  # rows of the file that are dealt with
    Column("rows_unexplained", BigInteger, nullable=False, server_default=text("0")),
    Column("actor_id", Uuid, nullable=False),
    Column("moved_at", Timestamp, nullable=False),
    Column("finished_at", Timestamp),  # none: interrupted, or still under way
    schema="imports",
)

remarks = Table(
    "remarks",
    metadata,
    Column("target", Text, primary_key=True),
    Column("file_sha256", Text, primary_key=True),
    Column("options_sha256", Text, primary_key=True),
    Column("line", BigInteger, primary_key=True),
    Column("is_refused", Boolean, nullable=False),
    Column("problems", JSONB, nullable=False),
    ForeignKeyConstraint(
        KEY,
        [f"imports.positions.{name}" for name in KEY],
        name="remarks_positions_fkey",
        ondelete="CASCADE",
    ),
    schema="imports",
)
