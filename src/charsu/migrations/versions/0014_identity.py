"""Customers who come in themselves: proofs, merges, consent and sign-in."""

from alembic import op

from charsu.migrations import run_sql

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Make the tables. No identifier was ever verified before, so none has to be proved."""
    op.get_bind().exec_driver_sql(run_sql("0014_identity"))
