"""What is stuck is found without a walk through all that ever ran."""

from alembic import op

from charsu.migrations import run_sql

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Nothing changes but how fast it is found."""
    op.get_bind().exec_driver_sql(run_sql("0023_stuck_processes"))
