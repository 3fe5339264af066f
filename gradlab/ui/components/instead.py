"""One of several bodies of a page, in place of the one before it."""

from collections.abc import Iterable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def instead(chosen: str, among: Iterable[str]) -> DeltaGenerator:
    """Where the chosen body is drawn.

    Each has a place of its own, and those of the others are emptied at once: in one place for all, what the body before
    had and this one has not, its controls among it, would stay until the page has run, however long that computes.

    Args:
        chosen: the body that is drawn.
        among: the names of all of them, in the same order with each run.
    """
    places = {name: st.container() if name == chosen else st.empty() for name in among}
    return places[chosen]
