"""What Alembic runs: the steps, on the connection that it is handed."""

from alembic import context

from storage.upgrade import METADATA

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=METADATA,
    render_as_batch=connection.dialect.name == "sqlite",  # SQLite can't alter most of a table in place
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
