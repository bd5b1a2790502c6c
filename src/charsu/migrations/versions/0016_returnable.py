"""Orders are found by whom they are for."""

from alembic import op

from charsu.migrations import run_sql

revision = "0016"
down_revision = "0011"


def upgrade() -> None:
    """Index recipients by e-mail address and by the end of their telephone number."""
    op.get_bind().exec_driver_sql(run_sql("0016_returnable"))
