"""Money is promised by a provider before a cart becomes an order, and taken in parts after it."""

from alembic import op

from charsu.migrations import run_sql

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make room for authorizations; carts may be paying, refunds may be under way."""
    op.get_bind().exec_driver_sql(run_sql("0005_payments"))
