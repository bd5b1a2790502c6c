"""A stranger's tries are not counted against a customer: long codes, and devices that are known."""

from alembic import op

from charsu.migrations import run_sql

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """Each device is a stranger's until somebody shows a code on it; codes under way stay short."""
    op.get_bind().exec_driver_sql(run_sql("0028_codes_of_strangers"))
