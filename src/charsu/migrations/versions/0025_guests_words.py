"""What a guest said of her data waits with her order until she proves who she is."""

from alembic import op

from charsu.migrations import run_sql

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Nothing waits yet: what guests said before was not kept."""
    op.get_bind().exec_driver_sql(run_sql("0025_guests_words"))
