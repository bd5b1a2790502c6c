"""The shopping door: platforms, the sessions that they began, and what they are told of orders."""

from alembic import op

from charsu.migrations import run_sql

revision = "0010"
down_revision = "0008"


def upgrade() -> None:
    """Make the schema; nothing of before changes."""
    op.get_bind().exec_driver_sql(run_sql("0010_ucp"))
