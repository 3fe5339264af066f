"""Methods that are their statements: each is handed a connection, within a transaction of its own.

@writes
def close_study(self, connection: Connection, code: str) -> None: ...

database.close_study("CDFGH")
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar, runtime_checkable

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from gradlab.errors import DatabaseError
from gradlab.seeing.database.connect import PATIENCE
from gradlab.seeing.database.failures import LOCKED, told
from gradlab.types.turns import Turns

_ATTEMPTS = 20


@runtime_checkable
class Opened(Protocol):
    """What a database needs for its transactions; see `Database`."""

    @property
    def engine(self) -> Engine:
        """What connects."""

    @property
    def place(self) -> str:
        """What it is called in messages."""

    @property
    def turns(self) -> Turns:
        """Who may write next."""


_D = TypeVar("_D", bound=Opened)
_P = ParamSpec("_P")
_T = TypeVar("_T")
_Statements = Callable[Concatenate[_D, Connection, _P], _T]
_Method = Callable[Concatenate[_D, _P], _T]


def reads(statements: _Statements[_D, _P, _T]) -> _Method[_D, _P, _T]:
    """A method that reads."""

    @wraps(statements)
    def method(database: _D, /, *given: _P.args, **named: _P.kwargs) -> _T:
        with told(database.place), database.engine.begin() as connection:
            return statements(database, connection, *given, **named)

    return method


def writes(statements: _Statements[_D, _P, _T]) -> _Method[_D, _P, _T]:
    """A method that writes; it is tried once more where somebody else took the same code, number or trial first."""

    @wraps(statements)
    def method(database: _D, /, *given: _P.args, **named: _P.kwargs) -> _T:
        for _ in range(_ATTEMPTS):
            try:
                with _turn(database), told(database.place), database.engine.connect() as connection:
                    with connection.execution_options(writes=True).begin():
                        done = statements(database, connection, *given, **named)
                    return done  # after the commit
            except IntegrityError:
                continue
        expected = f"expected a free code or number after {_ATTEMPTS} attempts, got none"
        raise DatabaseError(f"{database.place} failed: {expected}")

    return method


def deletes(statements: _Statements[_D, _P, _T]) -> _Method[_D, _P, _T]:
    """A method that writes, and then empties SQLite's log of changes: what was deleted could still be read there."""
    write = writes(statements)

    @wraps(statements)
    def method(database: _D, /, *given: _P.args, **named: _P.kwargs) -> _T:
        done = write(database, *given, **named)
        if database.engine.dialect.name == "sqlite":
            with told(database.place), database.engine.connect() as connection:
                connection.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return done

    return method


@contextmanager
def _turn(database: Opened) -> Iterator[None]:
    if not database.turns.take(PATIENCE):
        raise DatabaseError(f"{database.place} {LOCKED}")
    try:
        yield
    finally:
        database.turns.leave()
