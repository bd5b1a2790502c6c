"""A refund for a return names one that is there, and a return knows its tax."""

from alembic import op

from charsu.migrations import run_sql

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Bind refunds to returns of the same shop, and work out the tax of earlier returns."""
    op.get_bind().exec_driver_sql(run_sql("0006_returns"))
