"""Run by Alembic: migrates over the connection, and in the transaction, that `tables.migrate` hands over."""

from alembic import context

from gradlab.seeing.database.tables import METADATA, TABLE

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, version_table=TABLE)
with context.begin_transaction():
    context.run_migrations()
