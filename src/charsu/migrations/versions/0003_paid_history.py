"""What was paid for orders of the past becomes a payment, so that it can be given back."""

from alembic import op

from charsu.migrations import run_sql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Give the orders that imports took over their payments and refunds."""
    op.get_bind().exec_driver_sql(run_sql("0003_paid_history"))
