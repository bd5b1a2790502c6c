"""Alembic's entry: one transaction for each step, on the connection that ``upgrade`` opened.

Each line of steps, ours and those of plug-ins, has its version table in a schema of its own.
"""

from alembic import context

from charsu.kernel import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table_schema=context.config.attributes["schema"],
    transaction_per_migration=True,
    include_schemas=True,
)
with context.begin_transaction():
    context.run_migrations()
