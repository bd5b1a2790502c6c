"""Card terminals in stores, and who sees to an exception."""

from alembic import op

from charsu.migrations import run_sql

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Nothing was paid on a terminal, nor taken by anybody, before."""
    op.get_bind().exec_driver_sql(run_sql("0021_terminals"))
