"""It is known how many seals were made."""

from alembic import op

from charsu.migrations import run_sql

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Count the seals that there are."""
    op.get_bind().exec_driver_sql(run_sql("0011_counted_seals"))
