"""The tables as they are after the last migration, and a database brought to that version."""

import threading
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    DateTime,
    Dialect,
    Double,
    Engine,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    inspect,
    text,
)

from gradlab.errors import DatabaseError
from gradlab.seeing.database.failures import told

HEAD = "0003"
TABLE = "gradlab_version"
_ALEMBIC = threading.Lock()  # Alembic keeps the migration that runs in a global of its own
_ADVISORY = 7_236_520_117  # any number that no other program on the server takes


class Utc(TypeDecorator[datetime]):
    """A moment in UTC: SQLite keeps no time zone, so it is taken off and put on again."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment in UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment with its time zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


METADATA = MetaData(naming_convention={"uq": "uq_%(table_name)s", "pk": "pk_%(table_name)s", "fk": "fk_%(table_name)s"})

STUDIES = Table(
    "studies",
    METADATA,
    Column("code", String(16), primary_key=True),
    Column("protocol", Text, nullable=False),  # JSON, see `rows.to_json`
    Column("opened", Utc, nullable=False),
    Column("closed", Utc),
    Column("solo", Boolean, nullable=False),
    Column("owner", String(64)),  # at random; none for one person's own
    Column("wall", String(64)),  # at random, for the projector; likewise
    Index("ix_studies_owner", "owner", unique=True),
    Index("ix_studies_wall", "wall", unique=True),
)
PARTICIPANTS = Table(
    "participants",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("key", String(64), nullable=False),
    Column("study", String(16), ForeignKey("studies.code", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),  # at random; names a person in what is exported
    Column("seed", BigInteger, nullable=False),
    Column("joined", Utc, nullable=False),
    UniqueConstraint("study", "number"),
    UniqueConstraint("key", name="uq_participants_key"),
)
ANSWERS = Table(
    "answers",
    METADATA,
    Column("participant", Integer, ForeignKey("participants.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("rule", String(16), nullable=False),
    Column("intensity", Double, nullable=False),
    Column("catch", Boolean, nullable=False),
    Column("place", Integer, nullable=False),
    Column("epsilon", Double, nullable=False),
    Column("right", SmallInteger, nullable=False),
    Column("chosen", SmallInteger, nullable=False),
    Column("seconds", Double, nullable=False),
    Column("l2", Double, nullable=False),
    Column("psnr", Double),
    Column("ssim", Double, nullable=False),
)


def migrate(engine: Engine, place: str) -> None:
    """Make or change the tables, all of it or nothing; anyone else who opens the database meanwhile waits.

    Args:
        engine: of the database.
        place: what it is called in messages.

    Raises:
        DatabaseError: for a database of a newer gradlab, or one that cannot be reached or written to.
    """
    with told(place), engine.connect() as connection:
        if _version(connection) == HEAD:
            return
    with told(place), _ALEMBIC, engine.connect().execution_options(writes=True) as connection, connection.begin():
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
