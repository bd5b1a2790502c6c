"""What every sale reads and few change is noted as changed, so that processes may keep it."""

from alembic import op

from charsu.migrations import run_sql

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Nothing is kept yet: the first change is the first to be noted."""
    op.get_bind().exec_driver_sql(run_sql("0024_lasting_changes"))
