"""See it?: a blind test of whether one sees what a step does to an image."""

from collections.abc import Callable

from gradlab.seeing.database import Database
from gradlab.ui import cached, controls, state
from gradlab.ui.components.look import look, purpose
from gradlab.ui.see.begin import begin
from gradlab.ui.see.joining import welcome
from gradlab.ui.see.own import found, own, results
from gradlab.ui.see.taking import taking
from gradlab.ui.see.teaching import projecting, teaching
from gradlab.ui.see.trouble import told
from gradlab.ui.words import purposes


def page() -> None:
    """The whole page."""
    look()
    controls.show_notice("test")
    if state.get("test"):
        _test(str(state.get("test")))
    elif state.get("teach"):
        _class(teaching, str(state.get("teach")))
    elif state.get("wall"):
        _class(projecting, str(state.get("wall")))
    elif state.get("study"):
        _join(str(state.get("study")))
    else:
        subject = controls.subject()
        purpose(purposes.SEE)
        begin(*subject)


def _test(key: str) -> None:
    """A test that was begun: the next trial, or what came out of it."""
    controls.nothing_to_choose("This test keeps the settings with which it began.")
    state.write_link(("test",))
    with told("test", "Your answers so far are kept."):
        database = cached.answers()
        gone = "This test is gone: somebody deleted its answers."
        participant = found(lambda: database.participant(key), gone, "Begin a new test")
        if participant is None:
            return
        study = database.study(participant.code)
        done = taking(database, participant)
        if done:
            results(study, database.responses(key))
        own(database, participant, study, done)


def _class(shown: Callable[[Database, str], None], key: str) -> None:
    """A study of a class, for who opened it, or for the wall."""
    controls.nothing_to_choose("This study keeps the settings with which it was opened.")
    with told("teach", "The answers are where they were."):
        shown(cached.answers(), key)


def _join(code: str) -> None:
    """A study of a class, for who may take part."""
    controls.nothing_to_choose("This study has its own settings: there is nothing to choose here.")
    state.write_link(("study",))
    with told("join", "Nothing was begun."):
        welcome(cached.answers(), code)


page()
