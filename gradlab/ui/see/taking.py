"""Asking and taking answers, whoever opened the study.

Each answer is committed before the next trial is shown. What a browser sends is first kept in the session, together
with what was asked, and then given to the database, in this run of the fragment or, where that fails, in a later one:
nothing is lost, and as a trial's second answer changes nothing, nothing is doubled.
"""

import streamlit as st

from gradlab.errors import AnswersError, DatabaseError, GradlabError, NotAskedError
from gradlab.seeing.blind import ask
from gradlab.seeing.database import Database
from gradlab.types import Participant, Question, Response, SeeingStudy
from gradlab.ui import cached, controls, state
from gradlab.ui.components.blind import blind, read_press
from gradlab.ui.components.look import boundary
from gradlab.ui.see.trouble import told, trouble

_KEPT = "This page keeps your answer until the database is back: stay here."


def taking(database: Database, participant: Participant) -> bool:
    """Draw the next trial, as long as there is one and the study takes answers.

    Args:
        database: where the answers go.
        participant: whose test it is.

    Returns:
        Whether there is nothing to answer any more: the caller shows what comes then.

    Raises:
        DatabaseError: when the database cannot be read.
        BadValueError: when the network is no longer the one with which the study was opened.
    """
    study = database.study(participant.code)
    waiting = state.get("unsent") is not None
    if not waiting and _next(database, participant, study) is None:
        return True
    if study.closed is not None and not waiting:
        st.info("This study is closed: it takes no more answers. Your answers so far are kept.", icon=":material/lock:")
        return True
    _trials(database, participant, study)
    return False


@st.fragment
def _trials(database: Database, participant: Participant, study: SeeingStudy) -> None:
    """One trial; it runs alone with each answer."""
    with boundary(), told("trial", "Your answers so far are kept."):
        if not _given(database):
            return
        question = _next(database, participant, study)
        if question is None:
            st.rerun()
        state.put("asked", (participant.key, question))
        controls.show_notice("answer")
        blind(question, study.protocol, heard)


def _next(database: Database, participant: Participant, study: SeeingStudy) -> Question | None:
    given = [response.answer for response in database.responses(participant.key)]
    return ask(cached.deck(study.protocol), participant.seed, given)


def heard(sent: object) -> None:
    """Keep what a browser sent in the session, if it is an answer to what was asked; it may be anything."""
    if state.get("unsent"):
        return  # one that is still on its way comes first
    try:
        state.put("unsent", answer_to(state.get("asked"), sent))
    except GradlabError as error:
        state.put_notice("answer", f"{error}. You see the trial once more.")


def answer_to(asked: tuple[str, Question] | None, sent: object) -> tuple[str, Response]:
    """Whose answer it is, and to what.

    Args:
        asked: the trial that this session shows, and the key of who takes the test.
        sent: what the browser says was pressed.

    Raises:
        BadValueError: for what no browser of ours sends.
        NotAskedError: for another trial than this session shows.
    """
    pressed = read_press(sent)
    if asked is None:
        raise NotAskedError("an answer came before a trial was shown")
    key, question = asked
    number = question.trial.number
    if pressed.number != number:
        what = "was answered already: the first answer counts" if pressed.number < number else "was not asked yet"
        raise NotAskedError(f"trial {pressed.number + 1} {what}; trial {number + 1} is the next")
    return key, Response.to(question, pressed.chosen, pressed.seconds)


def _given(database: Database) -> bool:
    """Give the database what waits for it; returns whether nothing is left to give."""
    waiting: tuple[str, Response] | None = state.get("unsent")
    if waiting is None:
        return True
    key, response = waiting
    try:
        counts = database.give(key, response)
    except DatabaseError as error:
        trouble(error, "unsent", _KEPT)
        return False
    except GradlabError as error:  # it will never be taken
        _sent(waiting)
        if isinstance(error, AnswersError) and not isinstance(error, NotAskedError):
            st.rerun()  # the study was closed or deleted: the page says so
        state.put_notice("answer", f"{error}. The answer does not count.")
        return True
    _sent(waiting)
    if counts.chosen != response.chosen:
        state.put_notice("answer", f"You answered trial {response.number + 1} in another window; that answer counts.")
    return True


def _sent(waiting: tuple[str, Response]) -> None:
    # An earlier run may end only when the next answer waits already: that one stays.
    if state.get("unsent") is waiting:
        state.put("unsent", None)
