"""An import is known by its file and by what was said with it, and keeps what it was told."""

from alembic import op

from charsu.migrations import run_sql

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Key positions by the options, too; an import that is interrupted now starts over."""
    op.get_bind().exec_driver_sql(run_sql("0007_import_options"))
