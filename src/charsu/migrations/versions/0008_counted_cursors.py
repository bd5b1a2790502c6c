"""Consumers count what they pass and put off, and it is known where each began."""

from alembic import op

from charsu.migrations import run_sql

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Let each consumer begin to count where it is."""
    op.get_bind().exec_driver_sql(run_sql("0008_counted_cursors"))
