"""A line says for which goods it was taken at the price paid for those."""

from alembic import op

from charsu.migrations import run_sql

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """What was exchanged so far was taken at the prices of its day."""
    op.get_bind().exec_driver_sql(run_sql("0026_even_exchanges"))
