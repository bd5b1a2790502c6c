"""The spine: kernel, ledger, catalog, pricing, stock, customers, orders, carts."""

from alembic import op

from charsu.migrations import run_sql

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table of the first release."""
    op.get_bind().exec_driver_sql(run_sql("0001_spine"))
