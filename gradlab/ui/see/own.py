"""One's own test: what came out of it, and what one can do with it."""

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from gradlab.errors import UnknownStudyError
from gradlab.seeing.database import Database
from gradlab.types import Participant, Response, SeeingStudy
from gradlab.ui import controls, state
from gradlab.ui.components.accuracy import network_accuracy, shown_accuracy
from gradlab.ui.see.trouble import attempt
from gradlab.ui.views.seen import seen
from gradlab.ui.words import seeing

Found = TypeVar("Found")


def results(study: SeeingStudy, responses: tuple[Response, ...]) -> None:
    """From which step on the person sees the change, and what the network says there."""
    st.subheader("What you see")
    protocol = study.protocol
    shown = shown_accuracy(protocol)
    seen(study, {"you": responses}, network_accuracy(protocol), shown, you=True)
    st.caption(seeing.rests_on(protocol.width, protocol.seconds))
    state.write_link(("test", "seen_axis"))


def own(database: Database, participant: Participant, study: SeeingStudy, done: bool) -> None:
    """Going on later, deleting the answers, beginning another: below the test or its result."""
    controls.show_notice("own")
    with st.container(horizontal=True, vertical_alignment="center"):
        if done and study.solo:
            st.button("Another test", icon=":material/replay:", on_click=leave, key="another")
        with st.popover("Delete my answers", icon=":material/delete:"):
            st.markdown("This deletes all answers of this test for good, and ends it.")
            st.button("Delete", key="delete", on_click=_delete, args=(database, participant, study))
    if not done:
        st.caption(
            "gradlab keeps each answer at once. The address of this page leads back to your test. Whoever has it can "
            "go on with the test."
        )


def found(look_up: Callable[[], Found], gone: str, anew: str) -> Found | None:
    """A test or a study; None where it was deleted, which is said, with a button for another.

    Args:
        look_up: finds it, or raises `UnknownStudyError`.
        gone: what is said where it is not there.
        anew: the button's title.
    """
    try:
        return look_up()
    except UnknownStudyError:
        st.warning(gone, icon=":material/search_off:")
        st.button(anew, icon=":material/replay:", on_click=leave, key="new")
        return None


def leave() -> None:
    """To the settings of a new test; the old one can still be opened by its address."""
    for name in ("test", "teach", "wall", "study"):
        state.put(name, None)


def _delete(database: Database, participant: Participant, study: SeeingStudy) -> None:
    def act() -> None:
        if study.solo:
            database.delete_study(study.code)
        else:
            state.once_more(("join", study.code))
            database.delete_participant(participant.key)

    if attempt(act, "own", "Nothing was deleted."):
        state.put("unsent", None)
        leave()
