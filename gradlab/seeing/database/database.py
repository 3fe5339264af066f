"""The one object through which answers are kept and read."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from gradlab.errors import DatabaseError
from gradlab.seeing.database import statements
from gradlab.seeing.database.address import read_address
from gradlab.seeing.database.codes import tidy
from gradlab.seeing.database.connect import CONNECTIONS, PATIENCE, make_engine
from gradlab.seeing.database.export import to_csv
from gradlab.seeing.database.failures import LOCKED, told
from gradlab.seeing.database.migrate import migrate
from gradlab.seeing.database.statements import StudyRow
from gradlab.types import Participant, Protocol, Response, SeeingStudy
from gradlab.types.turns import Turns

_T = TypeVar("_T")
_ATTEMPTS = 20


def open_database(url: str | None = None) -> "Database":
    """Open the database of answers; where it is new or of an older gradlab, its tables are made or changed first.

    Args:
        url: of the database, such as `sqlite:////home/ada/answers.sqlite` or `postgresql://ada:secret@host/gradlab`.
            None: `$GRADLAB_DATABASE`; where that is not set, `answers.sqlite` in the user's data folder of gradlab.
            How many seconds to wait for a database that another program holds stands in `?timeout=` (SQLite), or
            `?options=-c%20lock_timeout%3D5s` (PostgreSQL).

    Returns:
        The database, for all threads of this process.

    Raises:
        DatabaseError: when it cannot be reached or written to, is of a newer gradlab, or lets nobody in, with a
            message without the password.
    """
    address = read_address(url)
    turns = Turns(CONNECTIONS if address.path is None else 1)
    database = Database(make_engine(address), address.place, turns)
    try:
        with told(database.place):
            migrate(database.engine, database.place)
    except BaseException:
        database.close()
        raise
    return database


@dataclass(frozen=True, eq=False, repr=False)
class Database:
    """Studies, people and their answers; see `open_database`. Any thread may call any method.

    Each method raises `DatabaseError` when the database is full, locked or gone, and works again once it is back.

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

    def open_study(self, protocol: Protocol, *, solo: bool = False) -> SeeingStudy:
        """Begin a study, under a new code.

        Args:
            protocol: what is fixed for all who take part.
            solo: one person's own test: a second person cannot join.

        Raises:
            BadValueError: for a protocol with numbers that are NaN or infinite.
        """
        return self._write(lambda connection: statements.open_study(connection, protocol, solo))

    def study(self, code: str) -> SeeingStudy:
        """A study.

        Args:
            code: case and blanks do not matter, here and in all methods.

        Raises:
            UnknownStudyError: when there is none.
        """
        return self._read(lambda connection: statements.study(connection, tidy(code)))

    def owned(self, owner: str) -> SeeingStudy:
        """The study of a teacher.

        Args:
            owner: the key that `open_study` gave with the study; the code, which all who take part know, is no key.

        Raises:
            UnknownStudyError: when no study has it.
        """
        return self._read(lambda connection: statements.owned(connection, owner))

    def counted(self, code: str) -> StudyRow:
        """How many take part in a study, and how many answers there are: a short look, however many these are.

        Raises:
            UnknownStudyError: when there is no such study.
        """
        return self._read(lambda connection: statements.counted(connection, tidy(code)))

    def studies(self) -> tuple[StudyRow, ...]:
        """All of them, the newest first."""
        return self._read(statements.studies)

    def close_study(self, code: str) -> None:
        """Take no more people and no more answers; a study that is closed stays so.

        Raises:
            UnknownStudyError: when there is none.
        """
        self._write(lambda connection: statements.close_study(connection, tidy(code)))

    def delete_study(self, code: str) -> None:
        """Delete a study, its people and their answers, for good.

        Raises:
            UnknownStudyError: when there is none.
        """
        self._write(lambda connection: statements.delete_study(connection, tidy(code)))
        self._wipe()

    def join(self, code: str) -> Participant:
        """A new person in a study.

        Raises:
            UnknownStudyError: when there is no such study.
            StudyClosedError: when it is closed, or somebody's own.
        """
        return self._write(lambda connection: statements.join(connection, tidy(code)))

    def participant(self, key: str) -> Participant:
        """A person who joined before.

        Raises:
            UnknownStudyError: when nobody has this key.
        """
        return self._read(lambda connection: statements.participant(connection, key))

    def delete_participant(self, key: str) -> None:
        """Delete a person and their answers, for good.

        Raises:
            UnknownStudyError: when nobody has this key.
        """
        self._write(lambda connection: statements.delete_participant(connection, key))
        self._wipe()

    def responses(self, key: str) -> tuple[Response, ...]:
        """What a person answered so far, by number: 0, 1, 2, ...

        Raises:
            UnknownStudyError: when nobody has this key.
        """
        return self._read(lambda connection: statements.responses(connection, key))

    def everybody(self, code: str) -> dict[str, tuple[Response, ...]]:
        """What all people of a study answered up to one moment.

        Returns:
            From each person's key to their answers, by number; empty for those who joined and gave none yet.

        Raises:
            UnknownStudyError: when there is no such study.
        """
        found: dict[str, tuple[Response, ...]] = {}
        for key, response in self._read(lambda connection: statements.everybody(connection, tidy(code), "key")):
            found[key] = found.get(key, ()) + (() if response is None else (response,))
        return found

    def give(self, key: str, response: Response) -> Response:
        """Keep an answer. Once this returns, it is kept for good, whatever becomes of this process.

        Args:
            key: the person's.
            response: to the trial that comes next, or once more to one before: that counts once, and changes nothing.

        Returns:
            The answer that counts: the first one given to this trial.

        Raises:
            BadValueError: for an answer with numbers that are NaN or infinite, or places other than 0 and 1.
            NotAskedError: for a trial beyond the next one.
            StudyClosedError: when the study is closed, and this trial has no answer yet.
            UnknownStudyError: when nobody has this key: they, or the whole study, may have been deleted.
        """
        return self._write(lambda connection: statements.give(connection, key, response))

    def export_csv(self, code: str) -> str:
        """All answers of a study as CSV, one row an answer, the columns those of `COLUMNS`.

        People have random numbers in it; their keys and seeds are not told.

        Raises:
            UnknownStudyError: when there is no such study.
        """

        def read(connection: Connection) -> str:
            study = statements.study(connection, tidy(code))
            rows = statements.everybody(connection, study.code, "number")
            return to_csv(study.code, study.protocol, [(who, what) for who, what in rows if what is not None])

        return self._read(read)

    def close(self) -> None:
        """Let all connections go; the next call makes new ones."""
        self.engine.dispose()

    def _read(self, work: Callable[[Connection], _T]) -> _T:
        with told(self.place), self.engine.begin() as connection:
            return work(connection)

    def _write(self, work: Callable[[Connection], _T]) -> _T:
        """Do some work in a transaction; once more, where somebody else took the same code, number or trial first."""
        for _ in range(_ATTEMPTS):
            try:
                with self._turn(), told(self.place), self.engine.connect() as connection:
                    with connection.execution_options(writes=True).begin():
                        done = work(connection)
                    return done  # after the commit
            except IntegrityError:
                continue
        raise DatabaseError(f"{self.place} failed: expected a free code or number after {_ATTEMPTS} attempts, got none")

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self.turns.take(PATIENCE):
            raise DatabaseError(f"{self.place} {LOCKED}")
        try:
            yield
        finally:
            self.turns.leave()

    def _wipe(self) -> None:
        """Empty SQLite's log of changes, in which what was deleted could be read until it is written over."""
        if self.engine.dialect.name == "sqlite":
            with told(self.place), self.engine.connect() as connection:
                connection.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
