"""Customers are reminded once of each end of a pick-up and of a choice."""

from alembic import op

from charsu.migrations import run_sql

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Whoever has less time left than the shop says is reminded with the next turn of a worker."""
    op.get_bind().exec_driver_sql(run_sql("0027_reminders"))
