"""Providers' statements are kept and compared with the books."""

from alembic import op

from charsu.migrations import run_sql

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Make the tables; nothing of before changes."""
    op.get_bind().exec_driver_sql(run_sql("0018_reconciliation"))
