"""Run by Alembic: migrates over the connection, and in the transaction, that `gradlab.database.migrate` hands over."""

from alembic import context

from gradlab.database.migrate import TABLE
from gradlab.database.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, version_table=TABLE)
with context.begin_transaction():
    context.run_migrations()
