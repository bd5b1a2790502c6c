"""Orders are found by whom they are for; what came back into quarantine is looked at."""

from alembic import op

from charsu.migrations import run_sql

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Index recipients by address and the end of their number; count what was inspected."""
    op.get_bind().exec_driver_sql(run_sql("0012_returnable"))
