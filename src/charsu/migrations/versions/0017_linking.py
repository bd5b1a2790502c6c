"""Platforms act for customers who agreed to it."""

from alembic import op

from charsu.migrations import run_sql

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Nobody is linked yet."""
    op.get_bind().exec_driver_sql(run_sql("0017_linking"))
