"""The tables, as they are after the last migration."""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Double,
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
)


class Utc(TypeDecorator[datetime]):
    """A moment in UTC: SQLite keeps no time zone, so it is taken off and put on again."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """As UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """With its time zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


METADATA = MetaData(naming_convention={"uq": "uq_%(table_name)s", "pk": "pk_%(table_name)s", "fk": "fk_%(table_name)s"})

STUDIES = Table(
    "studies",
    METADATA,
    Column("code", String(16), primary_key=True),
    Column("protocol", Text, nullable=False),  # JSON, see `database.protocol`
    Column("opened", Utc, nullable=False),
    Column("closed", Utc),
    Column("solo", Boolean, nullable=False),
    Column("owner", String(64)),  # at random; none for one person's own
    Index("ix_studies_owner", "owner", unique=True),
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
