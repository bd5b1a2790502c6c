"""Some goods of a cart are picked up while the others are sent."""

from alembic import op

from charsu.migrations import run_sql

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Every cart that there is goes one way, as it did."""
    op.get_bind().exec_driver_sql(run_sql("0016_groups"))
