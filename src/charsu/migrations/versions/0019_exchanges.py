"""Goods that come back are exchanged for others."""

from alembic import op

from charsu.migrations import run_sql

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Nothing was exchanged before."""
    op.get_bind().exec_driver_sql(run_sql("0019_exchanges"))
