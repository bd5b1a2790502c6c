"""Whoever held an address is told when another one takes its place."""

from alembic import op

from charsu.migrations import run_sql

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Nobody waits for a notice yet."""
    op.get_bind().exec_driver_sql(run_sql("0029_notices"))
