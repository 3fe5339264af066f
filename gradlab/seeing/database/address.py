"""Which database: read from a URL, and named in messages without anything of it that is secret."""

import os
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

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
        DatabaseError: for what is no URL, an SQLite database in memory, or several `@`: then parts of the password
            would be taken for the host. The message shows nothing of the URL.
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
