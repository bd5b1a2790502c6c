"""Labels are forgotten with whom they name; carriers tell of each step of a parcel."""

from alembic import op

from charsu.migrations import run_sql

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Labels of parcels that are on their way stay."""
    op.get_bind().exec_driver_sql(run_sql("0022_loose_ends"))
