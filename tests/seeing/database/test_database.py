"""What is kept comes back: studies, people, answers; each answer once, whoever asks, however often."""

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from making import PROTOCOL, answer

from gradlab.errors import BadValueError, DatabaseError, NotAskedError, StudyClosedError, UnknownStudyError
from gradlab.seeing.database import Database, open_database
from gradlab.seeing.database.rows import ALPHABET, new_code, tidy
from gradlab.types import SeeingStudy


def test_a_study_comes_back_as_it_was_opened(database: Database) -> None:
    before = datetime.now(UTC)
    opened = database.open_study(PROTOCOL)
    assert opened == SeeingStudy(opened.code, PROTOCOL, opened.opened, None, False)
    assert before <= opened.opened <= datetime.now(UTC)
    assert database.study(opened.code) == opened
    assert database.open_study(PROTOCOL, solo=True).solo
    assert database.study(opened.code).opened.utcoffset() == timedelta(0)


def test_case_and_blanks_of_a_code_do_not_matter(database: Database) -> None:
    code = database.open_study(PROTOCOL).code
    typed = f" {code[:2].lower()} {code[2:]}\n"
    assert database.join(typed).code == database.study(typed).code == code
    assert list(database.everybody(typed).values()) == [()]
    database.close_study(typed)
    assert database.export_csv(typed).count("\n") == 1  # the header
    database.delete_study(typed)


def test_codes_are_short_and_not_mistaken_for_others() -> None:
    codes = {new_code() for _ in range(300)}
    assert len(codes) > 295
    assert all(len(code) == 5 and set(code) <= set(ALPHABET) and tidy(code) == code for code in codes)
    assert not set(ALPHABET) & set("0OQ1IL2Z5S8BUAE")
    assert len(ALPHABET) == len(set(ALPHABET))


def test_a_code_that_is_taken_is_drawn_again(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["CCCCC", "CCCCC", "CCCCC", "DDDDD"])
    monkeypatch.setattr("gradlab.seeing.database.rows.new_code", lambda: next(drawn))
    assert [database.open_study(PROTOCOL).code for _ in range(2)] == ["CCCCC", "DDDDD"]
    monkeypatch.setattr("gradlab.seeing.database.rows.new_code", lambda: "CCCCC")
    with pytest.raises(DatabaseError, match="expected a free code or number after 20 attempts"):
        database.open_study(PROTOCOL)
    assert len(database.studies()) == 2


def test_a_person_comes_back_by_their_key(database: Database) -> None:
    code = database.open_study(PROTOCOL).code
    people = [database.join(code) for _ in range(5)]
    assert [database.participant(person.key) for person in people] == people
    assert len({person.key for person in people}) == len({person.seed for person in people}) == 5
    assert {person.code for person in people} == {code}
    assert all(0 <= person.seed < 2**32 for person in people)
    assert all(len(person.key) == 32 and person.key.isalnum() for person in people)
    assert database.responses(people[0].key) == ()


def test_a_persons_number_that_is_taken_is_drawn_again(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter([7, 7, 7, 8])
    monkeypatch.setattr("gradlab.seeing.database.rows.new_number", lambda: next(drawn))
    code = database.open_study(PROTOCOL).code
    for person in (database.join(code), database.join(code)):
        database.give(person.key, answer(0))
    assert [row["participant"] for row in csv.DictReader(io.StringIO(database.export_csv(code)))] == ["7", "8"]


def test_only_one_person_joins_a_study_of_their_own(database: Database) -> None:
    code = database.open_study(PROTOCOL, solo=True).code
    start = Barrier(8)

    def join(_: int) -> str:
        start.wait()
        try:
            return database.join(code).key
        except StudyClosedError:
            return ""

    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(join, range(8)))
    assert len(list(filter(None, keys))) == 1
    assert set(database.everybody(code)) == set(filter(None, keys))
    with pytest.raises(StudyClosedError, match="one person's own"):
        database.join(code)


def test_a_closed_study_takes_nobody_and_nothing_and_stays_readable(database: Database) -> None:
    code = database.open_study(PROTOCOL).code
    key = database.join(code).key
    database.give(key, answer(0))
    database.close_study(code)
    closed = database.study(code).closed
    assert closed is not None
    database.close_study(code)
    assert database.study(code).closed == closed
    with pytest.raises(StudyClosedError, match=f"{code} is closed"):
        database.join(code)
    with pytest.raises(StudyClosedError, match=f"{code} is closed"):
        database.give(key, answer(1))
    assert database.give(key, answer(0, chosen=0)) == answer(0)  # it was taken before, and that is said again
    assert database.everybody(code) == {key: (answer(0),)}


def test_what_is_not_there_is_said(database: Database) -> None:
    gone = database.open_study(PROTOCOL).code
    key = database.join(gone).key
    database.delete_study(gone)
    for call in ("study", "join", "close_study", "delete_study", "everybody", "export_csv"):
        for code in (gone, "", "X' OR 1=1", "ß" * 50):
            with pytest.raises(UnknownStudyError, match="no study has the code"):
                getattr(database, call)(code)
    for key_ in (key, "", "' OR ''='"):
        for call in ("participant", "responses", "delete_participant"):
            with pytest.raises(UnknownStudyError, match="never existed"):
                getattr(database, call)(key_)
        with pytest.raises(UnknownStudyError, match="never existed") as caught:
            database.give(key_, answer(0))
        assert not key_ or key_ not in str(caught.value)


def test_the_list_counts_people_and_answers(database: Database) -> None:
    assert database.studies() == ()
    first, second = database.open_study(PROTOCOL), database.open_study(PROTOCOL, solo=True)
    for answers in (3, 0, 2):
        key = database.join(first.code).key
        for number in range(answers):
            database.give(key, answer(number))
    database.close_study(first.code)
    newest, oldest = database.studies()
    assert (newest.code, newest.solo, newest.closed, newest.participants, newest.answers) == (
        second.code, True, None, 0, 0,
    )  # fmt: skip
    assert (oldest.code, oldest.solo, oldest.participants, oldest.answers) == (first.code, False, 3, 5)
    assert (oldest.opened, oldest.closed) == (first.opened, database.study(first.code).closed)


# --- answers


def test_answers_come_back_to_the_last_bit(database: Database) -> None:
    code = database.open_study(PROTOCOL).code
    key = database.join(code).key
    given = tuple(answer(number, catch=number == 2) for number in range(6))
    assert tuple(database.give(key, response) for response in given) == given
    back = database.responses(key)
    assert back == given
    assert [type(getattr(back[2], field.name)) for field in fields(back[2])] == [
        type(getattr(given[2], field.name)) for field in fields(given[2])
    ]


def test_everybody_at_one_moment(database: Database) -> None:
    code, other = (database.open_study(PROTOCOL).code for _ in range(2))
    keys = [database.join(code).key for _ in range(3)]
    database.give(database.join(other).key, answer(0))
    for number in range(3):
        database.give(keys[0], answer(number))
    database.give(keys[1], answer(0))
    assert database.everybody(code) == {
        keys[0]: tuple(map(answer, range(3))), keys[1]: (answer(0),), keys[2]: (),
    }  # fmt: skip


def test_the_same_trial_answered_twice_counts_once(database: Database) -> None:
    key = database.join(database.open_study(PROTOCOL).code).key
    first = database.give(key, answer(0, chosen=1))
    assert database.give(key, answer(0, chosen=0, seconds=9.0)) == first
    database.give(key, answer(1))
    assert database.give(key, answer(0, chosen=0)) == first
    assert database.responses(key) == (first, answer(1))


@pytest.mark.parametrize("number", [1, 7, 2**31 - 1, -1])
def test_an_answer_to_a_trial_that_was_not_asked(database: Database, number: int) -> None:
    key = database.join(database.open_study(PROTOCOL).code).key
    with pytest.raises(NotAskedError, match=f"answer to trial 0, which comes next, got one to {number}"):
        database.give(key, answer(number))
    assert database.responses(key) == ()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"seconds": float("nan")}, "seconds"),
        ({"psnr": float("inf")}, "psnr"),
        ({"chosen": 2}, "got 0 and 2"),
        ({"right": -1}, "got -1 and 1"),
    ],
)
def test_an_answer_that_makes_no_sense(changes: dict[str, float], words: str, database: Database) -> None:
    key = database.join(database.open_study(PROTOCOL).code).key
    with pytest.raises(BadValueError, match=words):
        database.give(key, answer(0, **changes))
    assert database.responses(key) == ()


def test_submitted_by_many_at_once_each_trial_counts_once(database: Database) -> None:
    code = database.open_study(PROTOCOL).code
    keys = [database.join(code).key for _ in range(3)]
    start = Barrier(12)

    def submit(which: int) -> list[float]:
        start.wait()  # four threads for each person, each with answers of its own
        return [database.give(keys[which % 3], answer(k, seconds=which + 0.5)).seconds for k in range(5)]

    with ThreadPoolExecutor(12) as pool:
        told = list(pool.map(submit, range(12)))
    for place, key in enumerate(keys):
        kept = [response.seconds for response in database.responses(key)]
        assert len(kept) == 5
        assert [told[which] for which in range(place, 12, 3)] == [kept] * 4  # all heard of the one that counts


def test_a_second_object_sees_what_the_first_was_given(database: Database, url: str) -> None:
    key = database.join(database.open_study(PROTOCOL).code).key
    database.give(key, answer(0))
    other = open_database(url)
    assert other.responses(key) == (answer(0),)
    other.give(key, answer(1))
    other.close()
    assert database.responses(key) == (answer(0), answer(1))
    database.close()
    assert database.responses(key) == (answer(0), answer(1))  # closing lets go, and no more
