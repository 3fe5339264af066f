"""Where a figure comes from, folded: who wants to check it finds it, and nobody else has to read past it."""

import streamlit as st


def how_measured(*texts: str) -> None:
    """Draw the facts of a measurement behind one title; empty texts are left out.

    Args:
        texts: Markdown of ours, a paragraph each; what others wrote has to be made `words.plain` before.
    """
    with st.expander("How this was measured", icon=":material/straighten:"):
        for text in filter(None, texts):
            st.caption(text)
