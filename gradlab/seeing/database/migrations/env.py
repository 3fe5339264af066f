"""Run by Alembic: migrates over the connection, and in the transaction, that `database.migrate` hands over."""

from alembic import context

from gradlab.seeing.database.migrate import TABLE
from gradlab.seeing.database.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, version_table=TABLE)
with context.begin_transaction():
    context.run_migrations()
