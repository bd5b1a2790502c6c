"""Processes: what takes several steps with the outside in between."""

from alembic import op

from charsu.migrations import run_sql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table of processes."""
    op.get_bind().exec_driver_sql(run_sql("0002_processes"))
