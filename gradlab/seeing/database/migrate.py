"""A database brought to the version of the schema that this gradlab knows."""

import threading
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from gradlab.errors import DatabaseError

HEAD = "0002"
TABLE = "gradlab_version"
_ALEMBIC = threading.Lock()  # Alembic keeps the migration that runs in a global of its own
_ADVISORY = 7_236_520_117  # any number that no other program on the server takes


def migrate(engine: Engine, place: str) -> None:
    """Make or change the tables, all of it or nothing; whoever else opens the database meanwhile waits.

    Args:
        engine: of the database.
        place: what it is called in messages.

    Raises:
        DatabaseError: for a database of a newer gradlab.
    """
    with engine.connect() as connection:
        if _version(connection) == HEAD:
            return
    with _ALEMBIC, engine.connect().execution_options(writes=True) as connection, connection.begin():
        if connection.dialect.name == "postgresql":  # SQLite has but one writer anyway
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY})
        if (found := _version(connection)) != HEAD:
            _upgrade(connection, found, place)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(TABLE):
        return None
    return connection.execute(text(f"SELECT version_num FROM {TABLE}")).scalar()


def _upgrade(connection: Connection, found: str | None, place: str) -> None:
    from alembic.command import upgrade
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    try:
        upgrade(config, "head")
    except CommandError:
        expected = f"expected version {HEAD} of its tables or an older one, got {found}"
        raise DatabaseError(f"{place} is of a newer gradlab: {expected}; update gradlab, or use another") from None
