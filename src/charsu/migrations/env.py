"""Alembic's entry: one transaction for each step, on the connection that ``upgrade`` opened."""

from alembic import context

from charsu.kernel import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table_schema="kernel",
    transaction_per_migration=True,
    include_schemas=True,
)
with context.begin_transaction():
    context.run_migrations()
