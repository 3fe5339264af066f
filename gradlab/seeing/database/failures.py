"""What a database says when it fails, as one line that tells what to do, and never a password.

Of a driver's own words only those are passed on that come from the server, or from SQLite about its file: what psycopg
says of a connection that was not made repeats parts of the URL.
"""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError, TimeoutError

from gradlab.errors import DatabaseError

_FULL = "is full: expected room to write; make some on its disk, and try again"
LOCKED = "is locked: expected to get a turn within seconds; end the program that holds it, or try again"
_GONE = "is gone: expected the file at its place; put it back, or start gradlab again for an empty one"
_READ_ONLY = "cannot be written to: expected the right to write to it; give it back, and try again"
_DAMAGED = "is damaged, or no database at all: expected an SQLite file; put a copy back, or move it away"
_BROKEN = "cannot be read or written: expected a disk that works; look after it, and try again"
_UNREACHABLE = "cannot be reached: expected a server that answers there; start it, or correct the URL, and try again"
_CUT = "is gone: expected the connection to last, and the server cut it; try again once it is back"
_BUSY = "is overloaded: expected a free connection; try again"
_FOREIGN = "has no tables of gradlab's, or lost them: expected its own; put them back, or start gradlab again"
_REFUSED = "does not let gradlab in: expected the user, password and database of the URL to be right; the server says"
_OTHER = "failed: expected it to do its work"

# By SQLite's primary result code: https://www.sqlite.org/rescode.html
_SQLITE = {
    sqlite3.SQLITE_FULL: _FULL,
    **dict.fromkeys((sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED), LOCKED),
    sqlite3.SQLITE_CANTOPEN: _GONE,
    **dict.fromkeys((sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH), _READ_ONLY),
    **dict.fromkeys((sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB), _DAMAGED),
    sqlite3.SQLITE_IOERR: _BROKEN,
}
# By the beginning of PostgreSQL's code: https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRESQL = {
    "53100": _FULL,
    "53": _BUSY,
    **dict.fromkeys(("55P03", "57014", "40"), LOCKED),
    **dict.fromkeys(("57P", "08"), _CUT),
    **dict.fromkeys(("42501", "25006"), _READ_ONLY),
    **dict.fromkeys(("42P01", "42703"), _FOREIGN),
}


@contextmanager
def told(place: str) -> Iterator[None]:
    """Raise what goes wrong with a database inside as a `DatabaseError` in plain words.

    What breaks a constraint passes through: it is the caller's to try again.

    Args:
        place: what the database is called in the message.
    """
    try:
        yield
    except IntegrityError:
        raise
    except (DBAPIError, TimeoutError) as error:
        raise DatabaseError(f"{place} {explain(error)}") from None


def explain(error: DBAPIError | TimeoutError) -> str:
    """What came and what to do, without the database's name."""
    if isinstance(error, TimeoutError):
        return _BUSY
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        return _of_sqlite(cause)
    if (state := getattr(cause, "sqlstate", None)) is not None:
        said = next((_POSTGRESQL[state[:size]] for size in (5, 3, 2) if state[:size] in _POSTGRESQL), None)
        return said or f"{_OTHER}; the server says: {cause.diag.message_primary} ({state})"  # type: ignore[union-attr]
    if refusal := re.findall(r"FATAL:\s+(.*)", str(cause)):
        return f"{_REFUSED}: {refusal[-1]}"
    return _CUT if error.connection_invalidated else _UNREACHABLE


def _of_sqlite(cause: sqlite3.Error) -> str:
    code = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if str(cause).startswith("no such table"):
        return _FOREIGN
    return _SQLITE.get(code, f"{_OTHER}; SQLite says: {cause}")
