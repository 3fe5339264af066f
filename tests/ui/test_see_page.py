"""The page *See it?*: what a test is made of, what the browser is told of it, and what becomes of an answer."""

import base64
import json
import math
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from apps import captions, component, link, notices, open_alone, open_app
from streamlit.testing.v1 import AppTest

import gradlab
from gradlab.errors import BadValueError, NotAskedError, StudyClosedError, UnknownStudyError
from gradlab.networks import find_card
from gradlab.seeing.blind import Deck, ask, prepare
from gradlab.seeing.database import Database, open_database
from gradlab.types import LabelSource, Question, Response, Rule
from gradlab.ui import cached
from gradlab.ui.cached.seeing import _opened
from gradlab.ui.components.blind import LONGEST, Pressed, read_press, shown
from gradlab.ui.see.taking import answer_to

SEE = "gradlab/ui/pages/see.py"
SEED = 20_200
QUICK = {"rules": "sign", "trials": "10"}


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """The one that the page uses; whoever joins has the same seed."""
    monkeypatch.setenv("GRADLAB_DATABASE", f"sqlite:///{tmp_path}/answers.sqlite?timeout=0.1")
    monkeypatch.setattr("gradlab.seeing.database.rows.new_seed", lambda: SEED)
    opened = open_database()
    yield opened
    _opened.clear()
    opened.close()


def open_see(**link: str) -> AppTest:
    return open_alone(SEE, **link)


def started(**link: str) -> AppTest:
    app = open_see(**QUICK | link)
    app.button(key="start").click().run()
    assert [*app.exception, *app.error, *app.warning] == []
    return app


def key_of(app: AppTest) -> str:
    return link(app)["test"]


def deck_of(database: Database, key: str) -> Deck:
    protocol = database.study(database.participant(key).code).protocol
    network = gradlab.load_model(protocol.model, protocol.dataset)
    images = gradlab.load_batch(protocol.dataset, limit=2000, source="sample")
    return prepare(protocol, network, find_card(protocol.model, protocol.dataset), images)


def press(app: AppTest, chosen: int | None = None) -> Response:
    """Answer as the browser does, which AppTest is not: keep an answer in the session, and let the page run."""
    key, question = app.session_state["asked"]
    response = Response.to(question, question.right if chosen is None else chosen, 1.5)
    app.session_state["unsent"] = (key, response)
    app.run()
    return response


def frames(data: dict[str, Any]) -> np.ndarray:
    width, height = data["size"]
    flat = [np.frombuffer(base64.b64decode(frame), np.uint8) for frame in data["frames"]]
    return np.stack(flat).reshape(len(flat), height, width, data["channels"])


# ---- settings


def test_it_opens_on_the_defaults_and_begins_nothing(database: Database) -> None:
    app = open_see()
    assert [*app.error, *app.warning] == []
    assert link(app) == {
        "who": "alone", "dataset": "cifar10", "model": "alexnet", "labels": "true", "direction": "up",
        "rules": "sign,raw", "task": "2ifc", "trials": "20", "width": "256", "smooth": "0", "time": "none",
    }  # fmt: skip
    assert "45 trials, about 2 min: 20 for each of sign and plain gradient" in captions(app)
    assert database.studies() == ()


def test_a_test_is_made_of_what_was_chosen(database: Database) -> None:
    app = started(
        dataset="fashion_mnist", model="resnet9", labels="predicted", direction="down", rules="raw,max", task="abx",
        width="128", smooth="1", time="0.5",
    )  # fmt: skip
    assert set(link(app)) == {"test"}, "the settings are the test's own now"
    (row,) = database.studies()
    assert row.solo
    protocol = database.study(row.code).protocol
    assert (protocol.dataset, protocol.model) == ("fashion_mnist", "resnet9")
    assert protocol.labels == LabelSource.PREDICTED
    assert protocol.descend
    assert set(protocol.rules) == {Rule.RAW, Rule.MAX}
    assert (protocol.method, protocol.trials, protocol.width) == ("abx", 10, 128)
    assert (protocol.smooth, protocol.seconds) == (True, 0.5)
    assert component(app, "gradlab.blind")["channels"] == 1


@pytest.mark.parametrize(
    ("name", "value", "fallback"),
    [
        ("trials", "11", "20"), ("trials", "9" * 5000, "20"), ("width", "0", "256"), ("task", "3ifc", "2ifc"),
        ("time", "-1", "none"), ("smooth", "yes", "0"), ("direction", "left", "up"), ("rules", "signn", "sign,raw"),
        ("dataset", "mnist", "cifar10"), ("labels", "wrong", "true"),
    ],
)  # fmt: skip
def test_nonsense_in_a_link_falls_back_with_a_notice(name: str, value: str, fallback: str) -> None:
    app = open_see(**{name: value})
    assert link(app)[name] == fallback
    assert f"link's {name}" in notices(app)
    app.run()
    assert not app.warning, "a notice is told once"


def test_without_a_rule_there_is_nothing_to_start() -> None:
    app = open_see(rules="")
    assert "at least one kind of noise" in app.info[0].value
    assert "start" not in [button.key for button in app.button]


# ---- what is asked


def test_what_the_browser_gets_is_the_question_and_nothing_more(database: Database) -> None:
    app = started(rules="sign,raw")
    cards = deck_of(database, key_of(app))
    given: list[Response] = []
    for _ in range(22):
        data = component(app, "gradlab.blind")
        question = ask(cards, SEED, [response.answer for response in given])
        assert question is not None
        np.testing.assert_array_equal(frames(data), question.frames)
        assert set(data) == {
            "turn", "number", "total", "method", "size", "photograph", "channels", "width", "smooth", "seconds",
            "frames",
        }  # fmt: skip
        assert len({len(frame) for frame in data["frames"]}) == 1
        assert (data["number"], data["total"]) == (len(given), 22)
        given.append(press(app))
    assert database.responses(key_of(app)) == tuple(given)


@pytest.mark.parametrize("method", ["2ifc", "abx"])
def test_but_for_the_frames_two_trials_with_other_answers_look_alike(database: Database, method: str) -> None:
    app = started(task=method)
    cards = deck_of(database, key_of(app))
    seen: dict[int, set[str]] = {0: set(), 1: set()}
    for seed in range(40):
        question = ask(cards, seed, [])
        assert question is not None
        data = shown(question, cards.protocol, "turn")
        data["frames"] = [len(frame) for frame in data["frames"]]
        seen[question.right].add(json.dumps(data))
    assert seen[0] == seen[1]
    assert len(seen[0]) == 1


def test_a_link_goes_on_with_the_same_trial(database: Database) -> None:
    app = started()
    for _ in range(3):
        press(app)
    before, other = component(app, "gradlab.blind"), open_see(test=key_of(app))
    after = component(other, "gradlab.blind")
    assert before.pop("turn") != after.pop("turn")
    assert before == after
    assert after["number"] == 3
    assert len(database.studies()) == 1


def test_a_whole_test_ends_with_what_was_seen(database: Database) -> None:
    app = started()
    for _ in range(11):
        press(app)
    assert [*app.exception, *app.error] == []
    assert [heading.value for heading in app.subheader] == ["What you see"]
    assert len(database.responses(key_of(app))) == 11
    assert not app.get("bidi_component") or "gradlab.blind" not in {
        one.proto.component_name for one in app.get("bidi_component")
    }
    assert any("sign" in text.value for text in app.markdown)
    assert "48 images shown, drawn at random from 512, all of which the rules change" in captions(app)
    assert ", on the 48 images shown. Dotted: accuracy of " in captions(app)
    assert {"images shown: accuracy there", "all measured: accuracy there"} <= set(app.table[0].value[""])
    assert "You saw the images 256 px wide, as long as you wanted" in captions(app)
    app.button(key="another").click().run()
    assert "test" not in link(app)
    assert app.button(key="start")


# ---- what becomes of an answer


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        (None, "expected an answer, got None"),
        ("first", "expected an answer, got 'first'"),
        ([0, 1, 2], "expected an answer"),
        ({}, "number of a trial, got None"),
        ({"number": -1, "chosen": 0, "seconds": 1}, "number of a trial, got -1"),
        ({"number": 1.0, "chosen": 0, "seconds": 1}, "number of a trial, got 1.0"),
        ({"number": True, "chosen": 0, "seconds": 1}, "number of a trial, got True"),
        ({"number": 0, "chosen": 2, "seconds": 1}, "1 for the second, got 2"),
        ({"number": 0, "chosen": True, "seconds": 1}, "1 for the second, got True"),
        ({"number": 0, "chosen": "1", "seconds": 1}, "1 for the second, got '1'"),
        ({"number": 0, "chosen": 1}, "how many seconds the answer took, got None"),
        ({"number": 0, "chosen": 1, "seconds": -0.1}, "how many seconds"),
        ({"number": 0, "chosen": 1, "seconds": math.nan}, "how many seconds"),
        ({"number": 0, "chosen": 1, "seconds": math.inf}, "how many seconds"),
        ({"number": "x" * 9999, "chosen": 1, "seconds": 1}, "…"),
    ],
)
def test_what_no_browser_of_ours_sends_is_refused(sent: object, says: str) -> None:
    with pytest.raises(BadValueError) as caught:
        read_press(sent)
    assert says in str(caught.value)
    assert len(str(caught.value)) < 150


def test_an_answer_is_read() -> None:
    assert read_press({"number": 3, "chosen": 1, "seconds": 2}) == Pressed(3, 1, 2.0)
    assert read_press({"number": 3, "chosen": 0, "seconds": 1e9}).seconds == LONGEST


def asked(database: Database) -> tuple[str, Question]:
    """The second trial of a test."""
    app = started()
    press(app)
    found: tuple[str, Question] = app.session_state["asked"]
    return found


def test_only_the_trial_that_is_shown_is_answered(database: Database) -> None:
    now = asked(database)
    key, response = answer_to(now, {"number": 1, "chosen": 0, "seconds": 2.5})
    assert key == now[0]
    assert (response.number, response.chosen, response.seconds) == (1, 0, 2.5)
    assert response.correct == (now[1].right == 0)
    with pytest.raises(NotAskedError, match=r"trial 1 was answered already.*trial 2 is the next"):
        answer_to(now, {"number": 0, "chosen": 0, "seconds": 1})
    with pytest.raises(NotAskedError, match="trial 10 was not asked yet"):
        answer_to(now, {"number": 9, "chosen": 0, "seconds": 1})
    with pytest.raises(NotAskedError, match="before a trial was shown"):
        answer_to(None, {"number": 0, "chosen": 0, "seconds": 1})


def test_the_first_of_two_windows_counts(database: Database) -> None:
    one = started()
    key, question = one.session_state["asked"]
    other = open_see(test=key)
    press(one, question.right)
    press(other, 1 - question.right)
    assert "You answered trial 1 in another window; that answer counts." in notices(other)
    assert component(other, "gradlab.blind")["number"] == 1
    (only,) = database.responses(key)
    assert only.correct


def test_an_answer_to_a_trial_that_was_not_asked_is_refused_and_the_test_goes_on(database: Database) -> None:
    app = started()
    key, question = app.session_state["asked"]
    late = Response.to(question, 0, 1.0)
    app.session_state["unsent"] = (key, Response(**late.__dict__ | {"number": 5}))
    app.run()
    assert "The answer does not count" in notices(app)
    assert [*app.error, *app.exception] == []
    assert database.responses(key) == ()
    assert component(app, "gradlab.blind")["number"] == 0


def test_an_answer_waits_for_a_database_that_is_gone(database: Database, tmp_path: Path) -> None:
    app = started()
    key = key_of(app)
    press(app)
    file, away = tmp_path / "answers.sqlite", tmp_path / "away"
    for name in ("", "-wal", "-shm"):
        if (part := Path(f"{file}{name}")).exists():
            part.rename(f"{away}{name}")
    cached.answers().close()
    waiting = press(app)
    assert app.session_state["unsent"] == (key, waiting)
    assert not app.exception
    assert "answers.sqlite" in app.error[0].value
    assert "so far are kept" in app.error[0].value
    for name in ("", "-wal", "-shm"):
        if (part := Path(f"{away}{name}")).exists():
            part.rename(f"{file}{name}")
    next(button for button in app.button if button.label == "Try again").click().run()
    assert not app.error
    assert app.session_state["unsent"] is None
    assert [response.number for response in database.responses(key)] == [0, 1]
    assert database.responses(key)[1] == waiting
    assert component(app, "gradlab.blind")["number"] == 2


def test_a_locked_database_is_told_and_the_answer_is_given_once_it_is_free(database: Database, tmp_path: Path) -> None:
    app = started()
    other = sqlite3.connect(tmp_path / "answers.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = press(app)
    assert "keeps your answer until the database is back" in app.error[0].value
    assert app.session_state["unsent"] == (key_of(app), waiting)
    other.rollback()
    other.close()
    next(button for button in app.button if button.label == "Try again").click().run()
    assert not app.error
    assert database.responses(key_of(app)) == (waiting,)


def test_a_database_that_lets_nobody_in_begins_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("GRADLAB_DATABASE", f"sqlite:///{tmp_path}/file/answers.sqlite")
    app = open_see(**QUICK)
    app.button(key="start").click().run()
    assert not app.exception
    assert "Nothing was begun" in app.error[0].value
    assert "test" not in link(app)


# ---- what else can happen to a test


def test_an_unknown_key_offers_a_new_test() -> None:
    app = open_see(test="0" * 32)
    assert "is gone" in notices(app)
    app.button(key="new").click().run()
    assert app.button(key="start")


@pytest.mark.parametrize("text", ["77", "../../etc/passwd", "a" * 200, "<script>alert(1)</script>"])
def test_nonsense_for_a_key_is_left_out(text: str) -> None:
    app = open_see(test=text)
    assert "link's test was left out" in notices(app)
    assert text not in notices(app)
    assert app.button(key="start")


def test_ones_answers_can_be_deleted(database: Database) -> None:
    app = started()
    key = key_of(app)
    press(app)
    app.button(key="delete").click().run()
    assert not app.error
    assert app.button(key="start")
    assert database.studies() == ()
    with pytest.raises(UnknownStudyError):
        database.participant(key)


def test_who_deletes_their_answers_leaves_those_of_others(database: Database) -> None:
    protocol = deck_of(database, key_of(started())).protocol
    study = database.open_study(protocol)
    mine, others = database.join(study.code), database.join(study.code)
    app = open_see(test=mine.key)
    app.button(key="delete").click().run()
    assert list(database.everybody(study.code)) == [others.key]


def test_a_closed_study_takes_no_more_and_shows_what_there_is(database: Database) -> None:
    app = started()
    press(app)
    key, question = app.session_state["asked"]
    database.close_study(database.participant(key).code)
    press(app)
    assert [*app.error, *app.exception] == []
    assert "takes no more answers" in app.info[0].value
    assert len(database.responses(key)) == 1
    with pytest.raises(StudyClosedError):
        database.give(key, Response.to(question, 0, 1.0))


def test_other_weights_are_told(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    protocol = deck_of(database, key_of(started())).protocol
    study = database.open_study(replace(protocol, weights="0" * 64), solo=True)
    app = open_see(test=database.join(study.code).key)
    assert "with which the test was begun" in app.error[0].value


def test_a_test_survives_a_change_of_page(database: Database) -> None:
    app = started()
    key = key_of(app)
    press(app)
    app.switch_page("gradlab/ui/pages/explore.py").run()
    app.query_params.clear()
    app.switch_page(SEE).run()
    assert component(app, "gradlab.blind")["number"] == 1
    assert key_of(app) == key


def test_the_notes_on_measures_lead_here() -> None:
    links = [one.proto for one in open_app().get("page_link")]
    assert [one.page for one in links] == ["see"]
