"""Store credit, and promises that nobody here wanted any more."""

from alembic import op

from charsu.migrations import run_sql

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Make the tables; nothing of before changes."""
    op.get_bind().exec_driver_sql(run_sql("0015_credit"))
