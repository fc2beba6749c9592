"""Run by Alembic: applies revisions over the connection that `migrate_database` hands in."""

from alembic import context

from infra.database.engine import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
