"""Fulfillments go step by step with deadlines, and what goes wrong is somebody's."""

from alembic import op

from charsu.migrations import run_sql

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Give what waits its next deadline; what is laid out was picked."""
    op.get_bind().exec_driver_sql(run_sql("0013_pickups"))
