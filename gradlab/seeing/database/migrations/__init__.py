"""The schema's versions, one after the other, run by Alembic when a database is opened.

A change of `database.tables` needs a new file in `versions/`, whose `down_revision` is the one before, and its number
in `database.migrate.HEAD`; a test compares what the migrations make with what the tables say.
"""
