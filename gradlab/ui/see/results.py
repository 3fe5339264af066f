"""After a test: from which step on the person sees the change, and what the network makes of it."""

import streamlit as st

from gradlab.types import Response, SeeingStudy
from gradlab.ui import state
from gradlab.ui.components.accuracy import network_accuracy, shown_accuracy
from gradlab.ui.views.seen import seen
from gradlab.ui.words import seeing


def results(study: SeeingStudy, responses: tuple[Response, ...]) -> None:
    """The answer of one person."""
    st.subheader("What you see")
    protocol = study.protocol
    shown = shown_accuracy(protocol)
    seen(study, {"you": responses}, network_accuracy(protocol), you=True, shown=shown)
    st.caption(seeing.rests_on(protocol.width, protocol.seconds))
    state.write_link(("test", "seen_axis"))
