"""With a class, on the page *See it?*: the teacher's page, and joining by a code."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from apps import captions, charts, component, link, notices
from streamlit.testing.v1 import AppTest
from test_see_page import deck_of, open_see, press

from gradlab.seeing.blind import ask
from gradlab.seeing.database import Database, open_database
from gradlab.types import Response, SeeingStudy
from gradlab.ui.cached.seeing import _opened, class_answers
from gradlab.ui.see.joining import join_address, only_here


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setenv("GRADLAB_DATABASE", f"sqlite:///{tmp_path}/answers.sqlite?timeout=0.1")
    opened = open_database()
    yield opened
    _opened.clear()
    opened.close()


def opened(database: Database) -> SeeingStudy:
    app = open_see(who="class", rules="sign", trials="10")
    app.button(key="start").click().run()
    assert [*app.exception, *app.error] == []
    return database.owned(link(app)["teach"])


def shown(app: object) -> str:
    return "\n".join(one.proto.body for one in app.get("html"))  # type: ignore[attr-defined]


def test_a_teacher_opens_a_study_and_closes_it(database: Database) -> None:
    study = opened(database)
    assert not study.solo
    app = open_see(teach=study.owner)
    assert study.code in shown(app)
    assert 'alt="QR code of' in shown(app)
    assert {one.label: one.value for one in app.metric} == {"joined": "0", "answers": "0"}
    app.button(key="close").click().run()
    assert database.study(study.code).closed is not None
    assert "no more people" in app.info[0].value
    app.button(key="delete_study").click().run()
    assert database.studies() == ()
    assert "teach" not in link(app)


def test_the_curve_of_all_who_answered(database: Database) -> None:
    study = opened(database)
    database.join(study.code)  # and gave no answer
    answered(database, study, 6)
    app = open_see(teach=study.owner)
    assert {one.label: one.value for one in app.metric} == {"joined": "2", "answers": "6"}
    assert "What 1 person sees" in [one.value for one in app.subheader]
    assert len(charts(app)) == 1


def answered(database: Database, study: SeeingStudy, answers: int) -> None:
    """By one person, all right."""
    person = database.join(study.code)
    deck = deck_of(database, person.key)
    given: list[Response] = []
    while len(given) < answers and (question := ask(deck, person.seed, [one.answer for one in given])):
        given.append(database.give(person.key, Response.to(question, question.right, 1.0)))


def controls_of(app: AppTest) -> set[str]:
    """Whatever can be pressed or taken away, by its key or its label."""
    buttons = {str(one.key or one.label) for one in app.button}
    return buttons | {one.label for one in app.get("download_button")} | {one.label for one in app.get("link_button")}


def all_that_is_sent(app: AppTest) -> str:
    return "\n".join(str(one.proto) for one in [*app.main, *app.sidebar] if hasattr(one, "proto"))


OWN = {"Open the page for the projector", "Export CSV", "close", "delete_study"}


def test_a_projector_shows_the_study_and_can_do_nothing_to_it(database: Database) -> None:
    study = opened(database)
    answered(database, study, 6)
    teachers = open_see(teach=study.owner)
    assert controls_of(teachers) >= OWN
    (way,) = (one.proto.url for one in teachers.get("link_button"))
    assert way.endswith(f"/see?wall={study.wall}&present=1")
    app = open_see(wall=study.wall, present="1")
    assert link(app) == {"wall": study.wall, "seen_axis": "epsilon", "guessers": "0", "present": "1"}
    assert study.code in shown(app)
    assert 'alt="QR code of' in shown(app)
    assert {one.label: one.value for one in app.metric} == {"joined": "1", "answers": "6"}
    assert len(charts(app)) == 1
    assert controls_of(app) - {"Present"} == {"leave"}
    assert len(app.code) == 0
    assert study.code in all_that_is_sent(app)
    assert study.owner not in all_that_is_sent(app)
    app.button(key="leave").click().run()
    assert not controls_of(app) & OWN
    database.delete_study(study.code)
    assert "is gone" in notices(open_see(wall=study.wall))


def test_what_a_teacher_presents_has_the_projectors_address(database: Database) -> None:
    study = opened(database)
    app = open_see(teach=study.owner, present="1")  # a link of before
    for _ in range(2):
        assert link(app) == {"wall": study.wall, "seen_axis": "epsilon", "guessers": "0", "present": "1"}
        assert not controls_of(app) & OWN
        app.button(key="leave").click().run()
        assert link(app) == {"teach": study.owner, "seen_axis": "epsilon", "guessers": "0"}
        assert controls_of(app) >= OWN
        (present,) = (one for one in app.sidebar.button if one.label == "Present")
        present.click().run()
    answered(database, study, 3)
    app.run()
    assert link(app)["wall"] == study.wall


def test_the_code_is_no_teachers_key(database: Database) -> None:
    study = opened(database)
    app = open_see(study=study.code)
    assert study.owner not in shown(app)
    assert study.wall not in shown(app)
    assert not {"close", "delete_study"} & {one.key for one in app.button}
    wrong = open_see(teach="0" * 32)
    assert "is gone" in notices(wrong)


def test_a_student_joins_by_a_code_however_it_is_typed(database: Database) -> None:
    study = opened(database)
    app = open_see()
    app.text_input(key="code").input(f" {study.code[:2].lower()} {study.code[2:]} ")
    app.button(key="FormSubmitter:join-Join").click().run()
    assert link(app) == {"study": study.code}
    app.run()
    assert database.counted(study.code).participants == 0, "to look is not to take part"
    app.button(key="join_begin").click().run()
    assert database.counted(study.code).participants == 1
    assert set(link(app)) == {"test"}
    assert component(app, "gradlab.blind")["number"] == 0
    press(app)
    assert component(app, "gradlab.blind")["number"] == 1


def test_what_is_said_where_one_cannot_join(database: Database) -> None:
    study = opened(database)
    app = open_see(study="XXXXX")
    assert "No study has the code XXXXX" in notices(app)
    alone = database.open_study(study.protocol, solo=True)
    assert "No study has the code" in notices(open_see(study=alone.code))
    assert "expected a study's code" in notices(open_see(study="<b>"))
    late = open_see(study=study.code)
    database.close_study(study.code)
    late.button(key="join_begin").click().run()
    assert "is closed" in late.info[0].value
    assert database.counted(study.code).participants == 0


def test_a_study_that_is_closed_or_deleted_under_a_test(database: Database) -> None:
    study = opened(database)
    app = open_see(study=study.code)
    app.button(key="join_begin").click().run()
    press(app)
    database.close_study(study.code)
    app.run()
    assert "takes no more answers" in app.info[0].value
    assert "You are" not in captions(app)
    database.delete_study(study.code)
    app.run()
    assert "is gone" in notices(app)


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("http://ada.local:8501/see?teach=1", "http://ada.local:8501/see?study=AB3"),
        ("https://x.org/lab/see", "https://x.org/lab/see?study=AB3"),
        ("http://[::1]:8501/", "http://[::1]:8501/see?study=AB3"),
        ("", "/see?study=AB3"),
    ],
)
def test_the_address_by_which_a_class_joins(page: str, expected: str) -> None:
    assert join_address("AB3", page) == expected


def test_which_addresses_lead_a_phone_nowhere() -> None:
    here = ("http://127.0.0.1:8501/see", "http://localhost/see", "http://[::1]/see", "/see")
    assert [only_here(address) for address in here] == [True] * 4
    assert not any(only_here(address) for address in ("http://192.168.1.5:8501/see", "https://x.org/see"))


def test_who_was_deleted_is_not_shown_again_when_the_counts_come_back(database: Database) -> None:
    study = opened(database)

    def joined() -> str:
        person = database.join(study.code)
        question = ask(deck_of(database, person.key), person.seed, [])
        assert question is not None
        database.give(person.key, Response.to(question, question.right, 1.0))
        return person.key

    def looked() -> set[str]:
        return set(class_answers(database, database.counted(study.code)))

    first, second = joined(), joined()
    assert looked() == {first, second}
    third = joined()
    assert looked() == {first, second, third}
    database.delete_participant(first)
    assert looked() == {second, third}, "as many people and answers as at first, but others"
