"""`gradlab answers`: what people answered, from the command line."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from calling import Call

from gradlab.seeing.database import COLUMNS, Database, open_database
from gradlab.types import LabelSource, Protocol, Response, Rule, Scale

PROTOCOL = Protocol(
    "cifar10", "alexnet", "ab" * 32, LabelSource.TRUE, False, (Scale.spaced("sign", 0.001, 0.1),), "2ifc", 20, 8,
    (1, 2), 320, False, None,
)  # fmt: skip
ANSWER = Response(0, Rule.SIGN, 0.01, False, 1, 0.01, 0, 1, 0.5, 0.3, 30.1, 0.99)


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setenv("GRADLAB_DATABASE", f"sqlite:///{tmp_path}/answers.sqlite")
    opened = open_database()
    yield opened
    opened.close()


def test_the_list_as_a_table_and_as_json(call: Call, database: Database) -> None:
    done = call("answers", "list")
    assert (done.code, done.out) == (0, "")
    assert done.err == f"gradlab answers: no study yet in {database.place}\n"
    assert json.loads(call("answers", "list", "--json", "-").out)["studies"] == []
    study = database.open_study(PROTOCOL)
    database.give(database.join(study.code).key, ANSWER)
    done = call("answers", "list")
    assert (done.code, done.err) == (0, "")
    head, row = done.out.splitlines()
    assert head.split() == ["code", "opened", "solo", "participants", "answers"]
    assert row.split() == [study.code, study.opened.isoformat("T", "seconds"), "False", "1", "1"]
    assert json.loads(call("answers", "list", "--json", "-").out)["studies"] == [
        {
            "code": study.code, "opened": study.opened.isoformat("T", "seconds"), "closed": None, "solo": False,
            "participants": 1, "answers": 1,
        }
    ]  # fmt: skip


def test_another_database_by_its_url(call: Call, database: Database, tmp_path: Path) -> None:
    database.open_study(PROTOCOL)
    done = call("answers", "list", "--database", f"sqlite:///{tmp_path}/other.sqlite")
    assert "no study yet in the database" in done.err


def test_export_to_stdout_and_to_a_file(call: Call, database: Database, folder: Path) -> None:
    study = database.open_study(PROTOCOL)
    database.give(database.join(study.code).key, ANSWER)
    done = call("answers", "export", study.code.lower())
    assert (done.code, done.err) == (0, "")
    (row,) = csv.DictReader(io.StringIO(done.out))
    assert list(row) == list(COLUMNS)
    assert float(row["intensity"]) == ANSWER.intensity
    assert call("answers", "export", study.code, "--csv", "table.csv") == (0, "", "")
    assert (folder / "table.csv").read_text() == done.out


def test_close_and_delete(call: Call, database: Database) -> None:
    study = database.open_study(PROTOCOL)
    key = database.join(study.code).key
    database.give(key, ANSWER)
    assert call("answers", "close", study.code) == (0, "", f"gradlab answers: study {study.code} is closed\n")
    assert database.study(study.code).closed is not None
    done = call("answers", "delete", study.code)
    assert done.code == 2
    assert f"expected --yes beside it, which deletes study {study.code} (participants: 1, answers: 1)" in done.err
    assert database.responses(key) == (ANSWER,)
    done = call("answers", "delete-participant", key)
    assert done == (0, "", "gradlab answers: deleted one participant (answers: 1)\n")
    assert database.everybody(study.code) == {}
    done = call("answers", "delete", study.code, "--yes")
    assert done == (0, "", f"gradlab answers: deleted study {study.code} (participants: 0, answers: 0)\n")
    assert database.studies() == ()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("answers", "required: ACTION"),
        ("answers lst", "invalid choice: 'lst'"),
        ("answers export", "required: CODE"),
        ("answers export XXXXX", "no study has the code 'XXXXX'"),
        ("answers close XXXXX", "no study has the code 'XXXXX'"),
        ("answers delete XXXXX --yes", "no study has the code 'XXXXX'"),
        ("answers delete-participant 0123", "got an unknown one"),
        ("answers export XXXXX --csv none/table.csv", "--csv none/table.csv: expected a folder that exists"),
        ("answers list --database postgresql://ada:hunter2@localhost:1/x", "the database x on localhost:1 cannot be"),
        ("answers list --database hunter2", "expected a database URL such as"),
    ],
)
def test_what_is_refused(call: Call, database: Database, folder: Path, line: str, words: str) -> None:
    done = call(*line.split())
    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert "hunter2" not in done.err
    assert done.err.startswith("gradlab answers")
    assert done.err.count("\n") == 1
    assert list(folder.iterdir()) == []
