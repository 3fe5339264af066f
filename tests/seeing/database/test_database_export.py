"""What is exported tells nobody's key, and what is deleted is gone."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
from making import PROTOCOL, answer
from sqlalchemy import text

from gradlab.errors import UnknownStudyError
from gradlab.seeing.database import COLUMNS, Database, open_database
from gradlab.seeing.database.tables import METADATA
from gradlab.types import LabelSource


def test_the_export_has_a_row_for_each_answer_and_nobodys_key(database: Database) -> None:
    code = database.open_study(replace(PROTOCOL, labels=LabelSource.parse("target:cat"))).code
    people = [database.join(code) for _ in range(3)]
    for person, answers in zip(people, (3, 2, 0), strict=True):
        for number in range(answers):
            database.give(person.key, answer(number, catch=number == 2))
    table = database.export_csv(code)
    rows = list(csv.DictReader(io.StringIO(table)))
    assert table.splitlines()[0].split(",") == list(COLUMNS)
    assert len(rows) == 5
    assert sorted(
        [row["participant"] for row in rows].count(number) for number in {r["participant"] for r in rows}
    ) == [2, 3]
    longer = [row for row in rows if [r["participant"] for r in rows].count(row["participant"]) == 3]
    for row, given in zip(longer, map(answer, range(3)), strict=True):
        assert (row["study"], row["dataset"], row["model"], row["labels"], row["method"]) == (
            code, "cifar10", "alexnet", "target:cat", "2ifc",
        )  # fmt: skip
        for name in ("intensity", "epsilon", "seconds", "l2", "ssim"):
            assert float(row[name]) == getattr(given, name)
        assert row["psnr"] == ("" if given.number == 1 else repr(given.psnr))
        assert (row["number"], row["rule"], row["catch"]) == (str(given.number), "sign", str(int(given.number == 2)))
        assert (row["right"], row["chosen"], row["correct"]) == (str(given.right), "1", str(given.right))
    for person in people:
        assert person.key not in table
        assert str(person.seed) not in table


def test_a_deleted_person_is_gone_and_the_others_stay(database: Database) -> None:
    code = database.open_study(PROTOCOL).code
    going, staying = (database.join(code).key for _ in range(2))
    for key in (going, staying):
        database.give(key, answer(0))
    database.delete_participant(going)
    assert database.everybody(code) == {staying: (answer(0),)}
    with pytest.raises(UnknownStudyError):
        database.give(going, answer(1))
    assert database.studies()[0].answers == 1


def test_a_deleted_study_takes_all_with_it(database: Database) -> None:
    code, other = (database.open_study(PROTOCOL).code for _ in range(2))
    keys = [database.join(each).key for each in (code, other)]
    for key in keys:
        database.give(key, answer(0))
    database.delete_study(code)
    assert [row.code for row in database.studies()] == [other]
    with pytest.raises(UnknownStudyError):
        database.responses(keys[0])
    with database.engine.connect() as connection:
        counts = [connection.execute(text(f"SELECT count(*) FROM {name}")).scalar() for name in METADATA.tables]
    assert counts == [1, 1, 1]


def test_of_a_deleted_person_no_byte_is_left_in_the_file(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/answers.sqlite")
    person = database.join(database.open_study(PROTOCOL).code)
    database.give(person.key, answer(0))

    def left() -> bool:
        return any(person.key.encode() in file.read_bytes() for file in tmp_path.iterdir())

    assert left()
    database.delete_participant(person.key)
    assert not left()
    database.close()
