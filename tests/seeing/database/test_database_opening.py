"""A database is made by migrations, by several at once if need be, and found by its URL."""

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from making import PROTOCOL, answer
from sqlalchemy import text

from gradlab.errors import DatabaseError, UnknownStudyError
from gradlab.seeing.database import Database, open_database
from gradlab.seeing.database.connect import make_engine, read_address
from gradlab.seeing.database.rows import new_key
from gradlab.seeing.database.tables import HEAD, METADATA, TABLE

ROOT = Path(__file__).resolve().parents[3]


def test_the_migrations_make_what_the_tables_say(database: Database) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with database.engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True, "version_table": TABLE}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, METADATA) == []
        assert context.get_current_revision() == HEAD


def test_the_last_migration_is_the_one_that_is_expected() -> None:
    from alembic.script import ScriptDirectory

    assert ScriptDirectory(str(ROOT / "gradlab/seeing/database/migrations")).get_heads() == [HEAD]


def test_the_migrations_can_be_undone(database: Database) -> None:
    from alembic.command import downgrade
    from alembic.config import Config
    from sqlalchemy import inspect

    with database.engine.connect().execution_options(writes=True) as connection, connection.begin():
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(ROOT / "gradlab/seeing/database/migrations"))
        config.set_main_option("path_separator", "newline")
        downgrade(config, "base")
        assert inspect(connection).get_table_names() == [TABLE]


OPENER = """
import sys
from gradlab.seeing.database import open_database
print("ready", flush=True)
sys.stdin.readline()
print(len(open_database(sys.argv[1]).studies()))
"""


def test_processes_and_threads_open_a_new_database_at_once(url: str) -> None:
    command = [sys.executable, "-W", "error", "-c", OPENER, url]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with ExitStack() as running:
        others = [
            running.enter_context(subprocess.Popen(command, env=environment, text=True, **pipes)) for _ in range(3)
        ]
        for other in others:
            assert other.stdout.readline() == "ready\n"
        for other in others:
            other.stdin.write("\n")
            other.stdin.flush()
        with ThreadPoolExecutor(4) as pool:
            for opened in pool.map(open_database, [url] * 4):
                assert opened.studies() == ()
                opened.close()
        for other in others:
            out, err = other.communicate(timeout=60)
            assert (other.returncode, out) == (0, "0\n"), err


COUNTER = (
    "import sys, gradlab.seeing.database as d; o = d.open_database(sys.argv[1]); print(len(o.studies())); o.close()"
)


def test_opened_twice_by_one_program_what_it_gives_is_not_lost_when_another_one_closes(tmp_path: Path) -> None:
    """Closing any handle of SQLite's file drops the locks that say that the first one is still in use."""
    url = f"sqlite:///{tmp_path}/answers.sqlite"
    database = open_database(url)
    database.open_study(PROTOCOL)
    open_database(url).close()
    for count in (1, 2):
        other = subprocess.run(
            [sys.executable, "-c", COUNTER, url], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert other.stdout == f"{count}\n", other.stderr
        assert (tmp_path / "answers.sqlite-wal").exists()
        database.open_study(PROTOCOL)
    database.close()


def test_opened_again_nothing_is_lost(database: Database, url: str) -> None:
    study = database.open_study(PROTOCOL)
    database.close()
    again = open_database(url)
    assert again.study(study.code) == study
    again.close()


def test_opened_again_alembic_is_not_needed(database: Database, url: str) -> None:
    program = "import sys, gradlab.seeing.database as d; d.open_database(sys.argv[1]); print('alembic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program, url], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "False", done.stderr


@pytest.mark.parametrize("version", ["9999", "abc"])
def test_a_database_of_a_newer_gradlab_is_left_alone(database: Database, url: str, version: str) -> None:
    with database.engine.connect().execution_options(writes=True) as connection, connection.begin():
        connection.execute(text(f"UPDATE {TABLE} SET version_num = :version"), {"version": version})
    with pytest.raises(DatabaseError, match=f"of a newer gradlab: expected version {HEAD} .* got {version}; update"):
        open_database(url)


def test_what_a_connection_to_sqlite_is_told(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/new/answers.sqlite")
    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "busy_timeout": 5000}
    with database.engine.connect() as connection:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in expected}
    assert found == expected
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "new" / "answers.sqlite").stat().st_mode) == 0o600
    database.close()


def test_a_link_to_a_file_that_is_not_there_yet(tmp_path: Path) -> None:
    (tmp_path / "answers.sqlite").symlink_to(tmp_path / "elsewhere/answers.sqlite")
    for count in (1, 2):
        database = open_database(f"sqlite:///{tmp_path}/answers.sqlite")
        database.open_study(PROTOCOL)
        assert len(database.studies()) == count
        database.close()
    assert stat.S_IMODE((tmp_path / "elsewhere/answers.sqlite").stat().st_mode) == 0o600


def test_where_answers_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platformdirs.user_data_path", lambda name: tmp_path / "data" / name)
    monkeypatch.setenv("GRADLAB_DATABASE", " ")
    assert read_address().path == tmp_path / "data/gradlab/answers.sqlite"
    monkeypatch.setenv("GRADLAB_DATABASE", f"sqlite:///{tmp_path}/ö %3F&.sqlite?timeout=1.5")
    opened = read_address()
    assert opened.url.query["timeout"] == "1.5"
    monkeypatch.setenv("GRADLAB_DATABASE", f"sqlite:///{tmp_path}/ö #%25&.sqlite")
    open_database().close()
    assert (tmp_path / "ö #%&.sqlite").stat().st_size > 0
    monkeypatch.setenv("GRADLAB_DATABASE", "postgresql://ada:secret@host:99/answers?application_name=x")
    server = read_address()
    assert (server.url.drivername, server.url.password, server.path) == ("postgresql+psycopg", "secret", None)
    assert server.place == "the database answers on host:99"
    assert make_engine(server).dialect.name == "postgresql"
    assert new_key() != new_key()


def downgraded(database: Database, version: str) -> None:
    """To the tables of an older gradlab."""
    from alembic.command import downgrade
    from alembic.config import Config

    with database.engine.connect().execution_options(writes=True) as connection, connection.begin():
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(ROOT / "gradlab/seeing/database/migrations"))
        config.set_main_option("path_separator", "newline")
        downgrade(config, version)
        assert connection.execute(text(f"SELECT version_num FROM {TABLE}")).scalar() == version
    database.close()


def test_a_database_of_the_first_version_keeps_all_that_is_in_it(database: Database, url: str) -> None:
    study = database.open_study(PROTOCOL)
    person = database.join(study.code)
    given = [database.give(person.key, answer(number)) for number in range(3)]
    downgraded(database, "0001")
    again = open_database(url)
    assert again.study(study.code) == study
    assert again.everybody(study.code) == {person.key: tuple(given)}
    with pytest.raises(UnknownStudyError):  # nobody owns a study of before
        again.owned(study.owner)
    assert again.owned(again.open_study(PROTOCOL).owner).protocol == PROTOCOL
    again.close()


def test_a_study_of_the_second_version_gets_a_key_for_its_projector(database: Database, url: str) -> None:
    studies = [database.open_study(PROTOCOL) for _ in range(2)]
    alone = database.open_study(PROTOCOL, solo=True)
    downgraded(database, "0002")
    again = open_database(url)
    walls = [again.owned(study.owner).wall for study in studies]
    assert len({*walls, *(study.wall for study in studies), *(study.owner for study in studies)}) == 6
    assert [again.on_wall(wall) for wall in walls] == studies
    assert again.study(alone.code) == alone
    again.close()
