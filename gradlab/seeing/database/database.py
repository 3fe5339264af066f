"""The one object through which answers are kept and read: a method is its statements."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Engine, Select, delete, func, insert, select, update

from gradlab.errors import NotAskedError, StudyClosedError, UnknownStudyError
from gradlab.seeing.database import rows
from gradlab.seeing.database.connect import CONNECTIONS, make_engine, read_address
from gradlab.seeing.database.rows import RESPONSE, StudyRow, tidy
from gradlab.seeing.database.tables import ANSWERS, PARTICIPANTS, STUDIES, migrate
from gradlab.seeing.database.transactions import deletes, reads, writes
from gradlab.types import Participant, Protocol, Response, SeeingStudy
from gradlab.types.turns import Turns

_NOBODY = "expected the key of somebody who takes part, got an unknown one: it never existed, or was deleted"
_NO_KEY = "expected the key of a study's teacher or projector, got an unknown one: it never existed, or was deleted"
_PEOPLE = select(func.count()).where(PARTICIPANTS.c.study == STUDIES.c.code)
_GIVEN = _PEOPLE.select_from(ANSWERS.join(PARTICIPANTS))
_COUNTED: Select[Any] = select(
    *STUDIES.c["code", "opened", "closed", "solo"], _PEOPLE.scalar_subquery(), _GIVEN.scalar_subquery()
)


def open_database(url: str | None = None) -> "Database":
    """Open the database of answers; where it is new or of an older gradlab, its tables are made or changed first.

    Args:
        url: of the database, such as `sqlite:////home/ada/answers.sqlite` or `postgresql://ada:secret@host/gradlab`.
            None: `$GRADLAB_DATABASE`; where that is not set, `answers.sqlite` in the user's data folder of gradlab.
            How many seconds to wait for a database that another program holds stands in `?timeout=` (SQLite), or
            `?options=-c%20lock_timeout%3D5s` (PostgreSQL).

    Raises:
        DatabaseError: when it cannot be reached or written to, is of a newer gradlab, or lets nobody in, with a
            message without the password.
    """
    address = read_address(url)
    database = Database(make_engine(address), address.place, Turns(CONNECTIONS if address.path is None else 1))
    try:
        migrate(database.engine, database.place)
    except BaseException:
        database.close()
        raise
    return database


@dataclass(frozen=True, eq=False, repr=False)
class Database:
    """Studies, people and their answers; see `open_database`. Any thread may call any method.

    Case and blanks in a code do not matter. Each method raises `UnknownStudyError` for a code or a key that does not
    exist: it never did, or it was deleted; and `DatabaseError` when the database is full, locked or gone, and works
    again once it is back.

    Attributes:
        engine: what connects.
        place: what the database is called in messages.
        turns: who may write next.
    """

    engine: Engine
    place: str
    turns: Turns

    def __repr__(self) -> str:
        return f"<Database: {self.place}>"

    def close(self) -> None:
        """Let all connections go; the next call makes new ones."""
        self.engine.dispose()

    @writes
    def open_study(self, connection: Connection, protocol: Protocol, *, solo: bool = False) -> SeeingStudy:
        """Begin a study, under a new code.

        Args:
            connection: handed in by `writes`.
            protocol: what is fixed for all who take part.
            solo: one person's own test: a second person cannot join.

        Raises:
            BadValueError: for a protocol with numbers that are NaN or infinite.
        """
        owner, wall = ("", "") if solo else (rows.new_key(), rows.new_key())
        study = SeeingStudy(rows.new_code(), protocol, datetime.now(UTC), solo=solo, owner=owner, wall=wall)
        values = {"code": study.code, "protocol": rows.to_json(protocol), "opened": study.opened, "solo": solo}
        connection.execute(insert(STUDIES).values(values | {"owner": owner or None, "wall": wall or None}))
        return study

    @reads
    def study(self, connection: Connection, code: str) -> SeeingStudy:
        """A study."""
        return rows.to_study(_study_row(connection, code))

    @reads
    def owned(self, connection: Connection, owner: str) -> SeeingStudy:
        """The study of a teacher, by the key that `open_study` gave with it; the code, which all know, is no key."""
        row = _keyed(connection, STUDIES.c.owner == owner)
        return rows.to_study(row, owner, row.wall)

    @reads
    def on_wall(self, connection: Connection, wall: str) -> SeeingStudy:
        """The study of a projector, by its key of that name; it does not tell the teacher's."""
        return rows.to_study(_keyed(connection, STUDIES.c.wall == wall), wall=wall)

    @reads
    def counted(self, connection: Connection, code: str) -> StudyRow:
        """How many take part in a study, and how many answers there are: a short look, however many these are."""
        return StudyRow(*_one(connection, _COUNTED.where(STUDIES.c.code == tidy(code)), _no_study(code)))

    @reads
    def studies(self, connection: Connection) -> tuple[StudyRow, ...]:
        """All of them, the newest first."""
        newest = _COUNTED.order_by(STUDIES.c.opened.desc(), STUDIES.c.code)
        return tuple(StudyRow(*row) for row in connection.execute(newest))

    @writes
    def close_study(self, connection: Connection, code: str) -> None:
        """Take no more people and no more answers; a study that is closed stays so, from when it was closed first."""
        own = STUDIES.c.code == _study_row(connection, code).code
        connection.execute(update(STUDIES).where(own, STUDIES.c.closed.is_(None)).values(closed=datetime.now(UTC)))

    @deletes
    def delete_study(self, connection: Connection, code: str) -> None:
        """Delete a study, its people and their answers, for good."""
        if not connection.execute(delete(STUDIES).where(STUDIES.c.code == tidy(code))).rowcount:
            raise _no_study(code)

    @writes
    def join(self, connection: Connection, code: str) -> Participant:
        """A new person in a study.

        Raises:
            StudyClosedError: when it is closed, or somebody's own.
        """
        study = _study_row(connection, code)
        if study.closed is not None:
            raise _closed(study.code)
        taken = select(PARTICIPANTS.c.id).where(PARTICIPANTS.c.study == study.code).limit(1)
        if study.solo and connection.execute(taken).first() is not None:
            raise StudyClosedError(f"study {study.code} is one person's own: expected a study that others may join")
        person = Participant(rows.new_key(), study.code, rows.new_seed())
        # The one person of a study of their own is number 0: a second one at the same moment breaks the constraint.
        number = 0 if study.solo else rows.new_number()
        values = {"key": person.key, "study": study.code, "number": number, "seed": person.seed}
        connection.execute(insert(PARTICIPANTS).values(values | {"joined": datetime.now(UTC)}))
        return person

    @reads
    def participant(self, connection: Connection, key: str) -> Participant:
        """A person who joined before."""
        chosen = select(*PARTICIPANTS.c["key", "study", "seed"]).where(PARTICIPANTS.c.key == key)
        return Participant(*_one(connection, chosen, UnknownStudyError(_NOBODY)))

    @deletes
    def delete_participant(self, connection: Connection, key: str) -> None:
        """Delete a person and their answers, for good."""
        if not connection.execute(delete(PARTICIPANTS).where(PARTICIPANTS.c.key == key)).rowcount:
            raise UnknownStudyError(_NOBODY)

    @reads
    def responses(self, connection: Connection, key: str) -> tuple[Response, ...]:
        """What a person answered so far, by number: 0, 1, 2, ..."""
        found = connection.execute(_answered(PARTICIPANTS.c.key).where(PARTICIPANTS.c.key == key)).all()
        if not found:
            raise UnknownStudyError(_NOBODY)
        return tuple(rows.to_response(row) for _, *row in found if row[0] is not None)

    @reads
    def everybody(self, connection: Connection, code: str) -> dict[str, tuple[Response, ...]]:
        """What all people of a study answered up to one moment.

        Returns:
            From each person's key to their answers, by number; empty for those who joined and gave none yet.
        """
        own = PARTICIPANTS.c.study == _study_row(connection, code).code
        found: dict[str, tuple[Response, ...]] = {}
        for key, *row in connection.execute(_answered(PARTICIPANTS.c.key).where(own)):
            found[key] = found.get(key, ()) + (() if row[0] is None else (rows.to_response(row),))
        return found

    @writes
    def give(self, connection: Connection, key: str, response: Response) -> Response:
        """Keep an answer. Once this returns, it is kept for good, whatever becomes of this process.

        Args:
            connection: handed in by `writes`.
            key: the person's.
            response: to the trial that comes next, or once more to one before: that counts once, and changes nothing.

        Returns:
            The answer that counts: the first one given to this trial.

        Raises:
            BadValueError: for an answer with numbers that are NaN or infinite, or places other than 0 and 1.
            NotAskedError: for a trial beyond the next one.
            StudyClosedError: when the study is closed, and this trial has no answer yet.
        """
        rows.check_response(response)
        # On a server the person's row is held until the end: a second submission of the same answer waits here.
        chosen = select(PARTICIPANTS.c.id, STUDIES.c.code, STUDIES.c.closed).join(STUDIES)
        held = chosen.where(PARTICIPANTS.c.key == key).with_for_update(of=PARTICIPANTS)
        row = _one(connection, held, UnknownStudyError(_NOBODY))
        own = ANSWERS.c.participant == row.id
        kept = connection.execute(select(*RESPONSE).where(own, ANSWERS.c.number == response.number)).one_or_none()
        if kept is not None:
            return rows.to_response(kept)
        if row.closed is not None:
            raise _closed(row.code)
        count = connection.execute(select(func.count()).select_from(ANSWERS).where(own)).scalar_one()
        if response.number != count:
            raise NotAskedError(f"expected the answer to trial {count}, which comes next, got one to {response.number}")
        values = asdict(response) | {"rule": str(response.rule), "participant": row.id}
        connection.execute(insert(ANSWERS).values(values))
        return response

    @reads
    def export_csv(self, connection: Connection, code: str) -> str:
        """All answers of a study as CSV, one row an answer, the columns those of `COLUMNS`.

        People have random numbers in it; their keys and seeds are not told.
        """
        study = rows.to_study(_study_row(connection, code))
        found = connection.execute(_answered(PARTICIPANTS.c.number).where(PARTICIPANTS.c.study == study.code))
        given = [(number, rows.to_response(row)) for number, *row in found if row[0] is not None]
        return rows.to_csv(study.code, study.protocol, given)


def _one(connection: Connection, chosen: Select[Any], missing: UnknownStudyError) -> Any:
    """The one row, or else an error."""
    if (row := connection.execute(chosen).one_or_none()) is None:
        raise missing
    return row


def _study_row(connection: Connection, code: str) -> Any:
    return _one(connection, select(STUDIES).where(STUDIES.c.code == tidy(code)), _no_study(code))


def _keyed(connection: Connection, by_key: ColumnElement[bool]) -> Any:
    return _one(connection, select(STUDIES).where(by_key), UnknownStudyError(_NO_KEY))


def _answered(person: Column[Any]) -> Select[Any]:
    """A column of a person beside each of their answers, by number; nulls beside who gave none yet."""
    everybody = select(person, *RESPONSE).select_from(PARTICIPANTS.outerjoin(ANSWERS))
    return everybody.order_by(PARTICIPANTS.c.number, ANSWERS.c.number)


def _no_study(code: str) -> UnknownStudyError:
    got = f"{tidy(code)!r:.20}"
    return UnknownStudyError(f"no study has the code {got}: expected one that exists; check it for a slip")


def _closed(code: str) -> StudyClosedError:
    return StudyClosedError(f"study {code} is closed: expected one that still takes people and answers")
