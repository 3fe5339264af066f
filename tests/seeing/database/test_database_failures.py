"""A database that is full, locked, gone or closed to us: said in a line, nothing lost, and all well once it is back."""

import os
import shutil
import sqlite3
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from making import PROTOCOL, answer
from postgres import PASSWORD, Server
from sqlalchemy import event

from gradlab.errors import DatabaseError
from gradlab.seeing.database import Database, open_database

SECRET = "hunter2-Xyzzy"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "answers.sqlite"


@pytest.fixture
def opened(file: Path) -> Iterator[Database]:
    database = open_database(f"sqlite:///{file}?timeout=0.1")
    yield database
    database.close()


@pytest.fixture
def served(postgres: Server) -> Iterator[Database]:
    database = open_database(postgres.new_database() + "&options=-c%20lock_timeout%3D100&connect_timeout=2")
    yield database
    database.close()


def someone(database: Database) -> str:
    """The key of a person who gave one answer."""
    key = database.join(database.open_study(PROTOCOL).code).key
    database.give(key, answer(0))
    return key


@contextmanager
def refuses(database: Database, key: str, words: str, and_reads: bool = False) -> Iterator[None]:
    """While the block lasts, an answer is refused with words; afterwards it is taken, and the one before is there."""
    with pytest.raises(DatabaseError, match=words) as caught:
        database.give(key, answer(1))
    assert str(caught.value).startswith(database.place)
    assert "\n" not in str(caught.value)
    if not and_reads:
        with pytest.raises(DatabaseError):
            database.responses(key)
    else:
        assert database.responses(key) == (answer(0),)
    yield
    assert database.give(key, answer(1)) == answer(1)
    assert database.responses(key) == (answer(0), answer(1))


# --- SQLite


def test_sqlite_is_full(opened: Database) -> None:
    key = someone(opened)
    opened.close()
    limit = {"pages": 1}  # SQLite takes the pages that there are, where there are more

    @event.listens_for(opened.engine, "checkout")
    def limited(connection: Any, record: Any, proxy: Any) -> None:
        connection.execute(f"PRAGMA max_page_count = {limit['pages']}")

    taken = [opened.give(key, answer(0))]

    def fill() -> None:
        for number in range(1, 300):
            taken.append(opened.give(key, answer(number)))

    for _ in range(2):
        with pytest.raises(DatabaseError, match="is full: expected room to write; make some on its disk, and try"):
            fill()
        assert opened.responses(key) == tuple(taken)
        taken = taken[:1]
    limit["pages"] = 2**30
    fill()
    assert opened.responses(key) == tuple(taken)


def test_sqlite_is_locked(opened: Database, file: Path) -> None:
    key = someone(opened)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with refuses(opened, key, "is locked: expected to get a turn", and_reads=True):
        other.execute("ROLLBACK")
    other.close()


def test_sqlites_file_is_gone_and_comes_back(opened: Database, file: Path) -> None:
    key = someone(opened)
    opened.close()  # so that the log of changes is in the file
    opened.responses(key)
    file.rename(file.with_suffix(".away"))
    with refuses(opened, key, "is gone: expected the file at its place; put it back"):
        assert not file.exists()  # no empty one was made in its place
        file.with_suffix(".away").rename(file)


def test_sqlites_folder_is_gone_and_comes_back(opened: Database, file: Path) -> None:
    key = someone(opened)
    opened.close()
    file.parent.rename(file.parent.with_name("away"))
    with refuses(opened, key, "is gone"):
        file.parent.with_name("away").rename(file.parent)


@pytest.mark.parametrize(
    ("content", "words"), [(b"", "no tables of gradlab's"), (b"text " * 999, "no database at all")]
)
def test_another_file_lies_in_sqlites_place(opened: Database, file: Path, content: bytes, words: str) -> None:
    key = someone(opened)
    opened.close()
    file.rename(file.with_suffix(".away"))
    file.write_bytes(content)
    with refuses(opened, key, words):
        for name in (file.name, f"{file.name}-wal", f"{file.name}-shm"):
            file.with_name(name).unlink(missing_ok=True)
        file.with_suffix(".away").rename(file)


def test_sqlites_file_may_not_be_written() -> None:
    folder = Path(tempfile.mkdtemp())  # which another user may enter, unlike pytest's
    folder.chmod(0o755)
    database = open_database(f"sqlite:///{folder}/answers.sqlite")
    key = someone(database)
    database.close()
    as_root = os.geteuid() == 0  # whom no mode stops: so as somebody else
    for path, mode in ((folder / "answers.sqlite", 0o444), (folder, 0o555)):
        path.chmod(mode)
    try:
        if as_root:
            os.seteuid(65534)
        for call in (
            lambda: database.give(key, answer(1)),
            lambda: open_database(f"sqlite:///{folder}/answers.sqlite"),
        ):
            with pytest.raises(DatabaseError, match="right to write|may be written to"):
                call()
    finally:
        if as_root:
            os.seteuid(0)
        folder.chmod(0o755)
        (folder / "answers.sqlite").chmod(0o644)
    assert database.give(key, answer(1)) == answer(1)
    database.close()
    shutil.rmtree(folder)


def test_no_place_for_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place in (tmp_path / "file" / "answers.sqlite", tmp_path):
        with pytest.raises(DatabaseError, match="cannot be opened: expected a folder that exists .*, got: "):
            open_database(f"sqlite:///{place}")


def test_of_more_at_once_than_connections_each_gets_one(opened: Database) -> None:
    with pytest.raises(DatabaseError, match="overloaded"):
        _overload(opened)
    assert opened.studies() == ()


def _overload(database: Database) -> None:
    database.engine.pool._timeout = 0.05  # type: ignore[attr-defined]
    held = [database.engine.connect() for _ in range(10)]
    try:
        database.studies()
    finally:
        for connection in held:
            connection.close()


# --- PostgreSQL


@pytest.mark.postgres
def test_the_server_is_full(served: Database, postgres: Server) -> None:
    key, name = someone(served), served.engine.url.database
    postgres.execute(
        "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN RAISE 'could not extend file' USING ERRCODE = 'disk_full'; END$$;"
        "CREATE TRIGGER no_room BEFORE INSERT ON answers EXECUTE FUNCTION no_room()",
        name,
    )
    with refuses(served, key, "is full: expected room to write", and_reads=True):
        postgres.execute("DROP TRIGGER no_room ON answers", name)


@pytest.mark.postgres
def test_the_servers_tables_are_locked(served: Database, postgres: Server) -> None:
    import psycopg

    key = someone(served)
    with psycopg.connect(postgres.url(str(served.engine.url.database))) as other:
        other.execute("LOCK TABLE answers IN ACCESS EXCLUSIVE MODE")
        with refuses(served, key, "is locked: expected to get a turn"):
            other.rollback()


@pytest.mark.postgres
@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_the_server_stops_and_comes_back(served: Database, postgres: Server, mode: str) -> None:
    key = someone(served)
    postgres.stop(mode)
    try:
        with refuses(served, key, "cannot be reached: expected a server that answers there"):
            postgres.start()
    except BaseException:
        postgres.start()
        raise


@pytest.mark.postgres
def test_the_server_cuts_the_connection(served: Database, postgres: Server) -> None:
    key = someone(served)
    cut = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
        f"'{served.engine.url.database}' AND pid <> pg_backend_pid()"
    )
    postgres.execute(cut)
    assert served.give(key, answer(1)) == answer(1)  # between two answers nobody notices

    once = [cut]

    @event.listens_for(served.engine, "before_cursor_execute")
    def cut_before_insert(
        connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
    ) -> None:
        if statement.startswith("INSERT INTO answers") and once:
            postgres.execute(once.pop())

    with pytest.raises(DatabaseError, match="is gone: expected the connection to last"):
        served.give(key, answer(2))
    assert not once
    assert served.responses(key) == (answer(0), answer(1))
    assert served.give(key, answer(2)) == answer(2)


@pytest.mark.postgres
def test_the_server_only_lets_us_read(served: Database, postgres: Server) -> None:
    key, name = someone(served), served.engine.url.database
    postgres.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    served.close()
    with refuses(served, key, "cannot be written to: expected the right to write", and_reads=True):
        postgres.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
        served.close()


@pytest.mark.postgres
def test_somebody_dropped_the_tables(served: Database, postgres: Server) -> None:
    key, name = someone(served), str(served.engine.url.database)
    postgres.execute("ALTER TABLE answers RENAME TO elsewhere", name)
    with refuses(served, key, "no tables of gradlab's"):
        postgres.execute("ALTER TABLE elsewhere RENAME TO answers", name)


# --- who is not let in, and what is no URL: never with the password


def secretive(error: BaseException, *secrets: str) -> str:
    """All that can be read of an error, none of it secret."""
    told = "".join(traceback.format_exception(error)) + repr(error) + str(error)
    chain: BaseException | None = error
    while chain is not None:
        told += repr(chain) + str(chain) + repr(chain.args)
        chain = chain.__cause__ or chain.__context__
    for secret in (SECRET, *secrets):
        assert secret not in told
    return str(error)


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("user", "name", "words"),
    [
        (f"gradlab:{SECRET}", "postgres", 'the server says: password authentication failed for user "gradlab"'),
        (f"ada:{SECRET}", "postgres", 'the server says: password authentication failed for user "ada"'),
        ("gradlab:right", "missing", 'the server says: database "missing" does not exist'),
        ("gradlab", "postgres", "cannot be reached"),  # no password at all: psycopg sees to that itself
    ],
)
def test_a_server_that_lets_nobody_in(postgres: Server, user: str, name: str, words: str) -> None:
    right = postgres.url(name)
    url = right if "right" in user else right.replace(right.split("//")[1].split("@")[0], user)
    with pytest.raises(DatabaseError, match=words) as caught:
        open_database(url)
    assert f"the database {name} on {postgres.folder} " in secretive(caught.value, PASSWORD)


@pytest.mark.postgres
def test_a_password_among_the_options_is_not_told_either(postgres: Server) -> None:
    with pytest.raises(DatabaseError, match="password authentication failed") as caught:
        open_database(f"postgresql://gradlab@/postgres?host={postgres.folder}&password={SECRET}")
    secretive(caught.value)
    database = open_database(postgres.new_database())
    assert PASSWORD not in repr(database) + str(database)
    database.close()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (f"postgresql://gradlab:{SECRET}@localhost:1/answers", "the database answers on localhost:1 cannot be reached"),
        (f"postgresql://gradlab:{SECRET}@nowhere.invalid/answers", "answers on nowhere.invalid cannot be reached"),
        (f"postgresql://gradlab:p@{SECRET}@localhost/answers", "expected one @ in the database URL"),
        (f"postgresql://gradlab:{SECRET}/answers", "expected a database URL such as"),
        (f"postgresql:/gradlab:{SECRET}@localhost/answers", "expected a database URL such as"),
        (f"mongo://gradlab:{SECRET}@localhost/answers", "expected a URL that begins with sqlite:/// or postgresql://"),
        (f"/home/ada/{SECRET}.sqlite", "expected a database URL such as"),
        (f"sqlite://{SECRET}/answers.sqlite", "expected an SQLite file that lasts"),
        ("sqlite://", "expected an SQLite file that lasts"),
        ("sqlite:///:memory:", "expected an SQLite file that lasts"),
        (f"sqlite:////tmp/x.sqlite?timeout={SECRET}", "expected timeout in the database URL as a number"),
        (f"mysql+pymysql://gradlab:{SECRET}@localhost/answers", "needs the package pymysql, .* install it"),
    ],
)
def test_a_url_that_leads_nowhere(url: str, words: str) -> None:
    with pytest.raises(DatabaseError, match=words) as caught:
        open_database(url)
    secretive(caught.value)


def test_without_psycopg_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(
        DatabaseError, match=r"needs the package psycopg.*: pip install 'gradlab\[postgres\]'"
    ) as caught:
        open_database(f"postgresql://gradlab:{SECRET}@localhost/answers")
    secretive(caught.value)
