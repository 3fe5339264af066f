"""Which database, and connections to it.

A URL is read, and in messages named without anything of it that is secret; each connection is told what it needs when
it is made, and one that lost its database is noticed.
"""

import errno
import os
import re
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import platformdirs
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError

from gradlab.errors import DatabaseError

VARIABLE = "GRADLAB_DATABASE"
_NO_URL = (
    f"expected a database URL such as sqlite:////home/ada/answers.sqlite or postgresql://ada:secret@host/gradlab, in "
    f"${VARIABLE} or given otherwise, got something else (not shown: there may be a password in it)"
)
_AT_SIGNS = (
    "expected one @ in the database URL, before the host, got more (not shown: there may be a password in it); within "
    "a name or a password write %40 for @, %3A for :, %2F for /"
)
_NO_FILE = "expected an SQLite file that lasts, such as sqlite:////home/ada/answers.sqlite (four slashes), got none"
PATIENCE = 5  # seconds until a database that others hold counts as locked, and a server as out of reach
CONNECTIONS = 10  # at most at once, for each process
_MAKING = threading.Lock()
_POOL: dict[str, Any] = {"pool_size": CONNECTIONS, "max_overflow": 0, "pool_timeout": PATIENCE}
_PRAGMAS = {
    "synchronous": "FULL",  # a commit returns when the answer is on the disk
    "foreign_keys": "ON",
    "secure_delete": "ON",  # what is deleted is overwritten
}
# Unless the URL's own options set one.
_LOCK_TIMEOUT = "SELECT set_config('lock_timeout', '{}s', false) WHERE current_setting('lock_timeout') = '0'"


@dataclass(frozen=True)
class Address:
    """A database's URL, and what it is called in messages.

    Attributes:
        url: as SQLAlchemy wants it; with the password.
        place: names the file, or the database and its host; never user, password or options.
        path: of the SQLite file; None for a server.
    """

    url: URL = field(repr=False)
    place: str
    path: Path | None = None


def read_address(text: str | None = None) -> Address:
    """Where answers are kept.

    Args:
        text: a URL; None takes `$GRADLAB_DATABASE`, and where that is unset or empty the SQLite file `answers.sqlite`
            in the platform's user data folder for gradlab.

    Raises:
        DatabaseError: for anything that is not a URL, an SQLite database in memory, or several `@`: then parts of the
            password would be taken for the host. The message shows nothing of the URL.
    """
    given = (os.environ.get(VARIABLE) if text is None else text) or ""
    if not given.strip():
        return _of_file(platformdirs.user_data_path("gradlab") / "answers.sqlite", {})
    if (url := _parsed(given.strip())) is None:
        raise DatabaseError(_NO_URL)
    if url.get_backend_name() == "sqlite":
        if url.host or not url.database or url.database.startswith((":memory:", "file:")):
            raise DatabaseError(_NO_FILE)
        return _of_file(Path(url.database).expanduser(), dict(url.query))
    if given.count("@") > 1:
        raise DatabaseError(_AT_SIGNS)
    if url.drivername in ("postgresql", "postgres"):
        url = url.set(drivername="postgresql+psycopg")
    return Address(url, f"the database {url.database or 'of the user'} on {_host(url)}")


def _parsed(text: str) -> URL | None:
    # What is raised here quotes the text: caught, it must not even be the context of another error.
    try:
        return make_url(text)
    except (ArgumentError, ValueError):
        return None


def _of_file(path: Path, query: dict[str, str | tuple[str, ...]]) -> Address:
    # As a URI with mode=rw: SQLite itself would make an empty database wherever the file has gone.
    name = path.absolute().as_uri().removeprefix("file://")
    kept = {key: value for key, value in query.items() if key == "timeout"}
    url = URL.create("sqlite", database=f"file:{name}", query=kept | {"uri": "true", "mode": "rw"})
    return Address(url, f"the database {path.absolute()}", path.absolute())


def _host(url: URL) -> str:
    host = url.host or url.query.get("host") or "this machine"
    return f"{host if isinstance(host, str) else ', '.join(host)}{f':{url.port}' if url.port else ''}"


def make_engine(address: Address) -> Engine:
    """An engine for a database; nothing is connected yet, but an SQLite file is made, empty, where there is none.

    A transaction of a connection with the execution option `writes` has SQLite's one place for a writer from its start.

    Raises:
        DatabaseError: when the file cannot be made, or the driver for such a URL is not installed.
    """
    if address.path is not None:
        _make_file(address.path)
        engine = create_engine(address.url, connect_args={"timeout": _timeout(address)}, **_POOL)
        _listen_sqlite(engine, address.path)
        return engine
    server: dict[str, Any] = {"pool_pre_ping": True, "isolation_level": "READ COMMITTED", **_POOL}
    if address.url.get_backend_name() == "postgresql":
        server["connect_args"] = {"connect_timeout": _timeout(address, "connect_timeout")}
    try:
        engine = create_engine(address.url, **server)
    except ImportError:
        hint = "pip install 'gradlab[postgres]'" if "psycopg" in address.url.drivername else "install it"
        driver = address.url.get_driver_name()
        raise DatabaseError(f"{address.place} needs the package {driver}, which is not installed: {hint}") from None
    except ArgumentError:
        expected = "expected a URL that begins with sqlite:/// or postgresql://"
        raise DatabaseError(f"{expected}, got one with {address.url.drivername}://") from None
    if address.url.get_backend_name() == "postgresql":
        _listen_postgresql(engine)
    return engine


def _timeout(address: Address, name: str = "timeout") -> float:
    given = str(address.url.query.get(name, PATIENCE))
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", given):
        raise DatabaseError(f"expected {name} in the database URL as a number of seconds (not shown)")
    return int(float(given)) if name == "connect_timeout" else float(given)


def _make_file(path: Path) -> None:
    # Never opened here where it exists: the system drops all locks of a process on a file when it closes any of its
    # handles, and SQLite, which must hold one, would lose answers: https://sqlite.org/howtocorrupt.html
    try:
        real = Path(os.path.realpath(path))  # what a link leads to, which may not be there yet
        real.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _MAKING, suppress(FileExistsError):
            real.touch(0o600, exist_ok=False)
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not os.access(path, os.R_OK | os.W_OK, effective_ids=os.access in os.supports_effective_ids):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        expected = "expected a folder that exists or can be made, and a file in it that may be written to"
        raise DatabaseError(f"the database {path} cannot be opened: {expected}, got: {error.strerror}") from None


def _listen_sqlite(engine: Engine, path: Path) -> None:
    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # this engine says BEGIN, below, not Python
        for name, value in _PRAGMAS.items():
            connection.execute(f"PRAGMA {name} = {value}")
        _use_wal(connection)
        record.info["file"] = _identity(path)

    @event.listens_for(engine, "checkout")
    def same_file(connection: Any, record: Any, proxy: Any) -> None:
        # A connection keeps a deleted file open, and would go on committing answers that nobody ever sees again.
        if _identity(path) != record.info["file"]:
            raise DisconnectionError

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _use_wal(connection: Any) -> None:
    """Readers never wait then; SQLite doesn't wait by itself where two processes switch a new file at once."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except Exception as error:
            if "locked" not in str(error) or time.monotonic() > end:
                raise
            time.sleep(0.02)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _listen_postgresql(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_LOCK_TIMEOUT.format(PATIENCE))
        connection.commit()
