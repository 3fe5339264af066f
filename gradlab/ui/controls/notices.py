"""What was wrong with the link, or with what was typed, said beside the control that it was meant for."""

import streamlit as st

from gradlab.ui import state, words


def show_notice(name: str) -> None:
    """Say what was wrong with the choice `name`; once."""
    message = state.notice(name)
    if message:
        st.warning(words.plain(message), icon=":material/link_off:")
