"""Where processes are kept, one row each."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from charsu.kernel.tables import Timestamp, Uuid, metadata

processes = Table(
    "processes",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject_id", Uuid, nullable=False),  # what it is about: an order
    Column("step", Text, nullable=False),  # the step that comes next
    Column("data", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),  # at this step
    Column("due_at", Timestamp, nullable=False),
    Column("leased_until", Timestamp),  # a worker has it until then
    Column("last_problem", Text),
    Column("begun_at", Timestamp, nullable=False),
    Column("ended_at", Timestamp),
    CheckConstraint("state IN ('running', 'done', 'failed', 'stuck')", name="state_known"),
    CheckConstraint(
        "(state IN ('done', 'failed')) = (ended_at IS NOT NULL)", name="ended_at_some_time"
    ),
    Index("processes_by_subject", "subject_id"),
    Index("processes_due", "due_at", postgresql_where=text("state = 'running'")),
    Index("processes_stuck", "begun_at", "id", postgresql_where=text("state = 'stuck'")),
    schema="kernel",
)
