"""What one can do with one's own test: go on later, delete the answers, begin another."""

import streamlit as st

from gradlab.seeing.database import Database
from gradlab.types import Participant, SeeingStudy
from gradlab.ui import controls, state
from gradlab.ui.see.trouble import attempt


def own(database: Database, participant: Participant, study: SeeingStudy, done: bool) -> None:
    """Draw it, below the test or its result."""
    controls.show_notice("own")
    with st.container(horizontal=True, vertical_alignment="center"):
        if done and study.solo:
            st.button("Another test", icon=":material/replay:", on_click=leave, key="another")
        with st.popover("Delete my answers", icon=":material/delete:"):
            st.markdown("All answers of this test are deleted for good, and the test ends.")
            st.button("Delete", key="delete", on_click=_delete, args=(database, participant, study))
    if not done:
        st.caption(
            "Each answer is kept as soon as it is given. The address of this page leads back to your test: whoever has "
            "it can go on with it."
        )


def leave() -> None:
    """To the settings of a new test; the old one can still be opened by its address."""
    for name in ("test", "teach", "study"):
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
