"""Whose a study is: known by a key that only who opened it was given."""

import pytest
from making import PROTOCOL, answer

from gradlab.errors import UnknownStudyError
from gradlab.seeing.database import Database


def test_the_key_leads_to_the_study_and_the_code_does_not(database: Database) -> None:
    study = database.open_study(PROTOCOL)
    other = database.open_study(PROTOCOL)
    assert len({study.owner, other.owner}) == 2
    assert database.owned(study.owner) == study
    assert database.owned(study.owner).owner == study.owner
    for wrong in (study.code, "", study.owner[:-1], study.owner.upper() + "x", database.join(study.code).key):
        with pytest.raises(UnknownStudyError):
            database.owned(wrong)


def test_a_projector_has_a_key_of_its_own_that_does_not_tell_the_teachers(database: Database) -> None:
    study = database.open_study(PROTOCOL)
    other = database.open_study(PROTOCOL)
    assert len({study.owner, study.wall, other.owner, other.wall, study.code}) == 5
    assert database.owned(study.owner).wall == study.wall
    shown = database.on_wall(study.wall)
    assert (shown, shown.wall, shown.owner) == (study, study.wall, "")
    assert (database.study(study.code).wall, database.open_study(PROTOCOL, solo=True).wall) == ("", "")
    for wrong in (study.owner, study.code, "", study.wall[:-1], database.join(study.code).key):
        with pytest.raises(UnknownStudyError):
            database.on_wall(wrong)
    with pytest.raises(UnknownStudyError):
        database.owned(study.wall)
    database.delete_study(study.code)
    with pytest.raises(UnknownStudyError):
        database.on_wall(study.wall)


def test_whoever_knows_the_code_is_never_told_the_key(database: Database) -> None:
    study = database.open_study(PROTOCOL)
    person = database.join(study.code)
    database.give(person.key, answer(0))
    assert database.study(study.code).owner == ""
    told = repr([study, database.study(study.code), database.participant(person.key), database.counted(study.code)])
    assert study.owner not in told + database.export_csv(study.code)


def test_a_solo_study_and_a_deleted_one_have_no_owner(database: Database) -> None:
    assert database.open_study(PROTOCOL, solo=True).owner == ""
    study = database.open_study(PROTOCOL)
    database.delete_study(study.code)
    for gone in (study.owner, ""):
        with pytest.raises(UnknownStudyError):
            database.owned(gone)


def test_a_study_is_counted(database: Database) -> None:
    study = database.open_study(PROTOCOL)
    database.open_study(PROTOCOL)
    keys = [database.join(study.code).key for _ in range(3)]
    for number in range(2):
        database.give(keys[0], answer(number))
    row = database.counted(study.code.lower())
    assert (row.participants, row.answers, row.closed) == (3, 2, None)
    database.close_study(study.code)
    assert database.counted(study.code).closed is not None
    with pytest.raises(UnknownStudyError):
        database.counted("00000")
