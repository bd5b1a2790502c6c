"""Seals keep a digest of each fact, so that a fact that was changed by hand can be named."""

from alembic import op

from charsu.migrations import run_sql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make room for the digests; seals of before stay as they are."""
    op.get_bind().exec_driver_sql(run_sql("0004_leaves_of_seals"))
