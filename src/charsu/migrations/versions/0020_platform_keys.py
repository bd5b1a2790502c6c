"""Platforms may sign who they are."""

from alembic import op

from charsu.migrations import run_sql

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Platforms with a secret keep it."""
    op.get_bind().exec_driver_sql(run_sql("0020_platform_keys"))
