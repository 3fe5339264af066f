"""What this session has begun to compute: one thing at a time."""

from collections.abc import Hashable, Iterator
from typing import Any

import streamlit as st

from gradlab.ui.running import Result, Running


def running(key: Hashable) -> Running[Any] | None:
    """What this session has begun and not finished, if it is this. A rerun of the page goes on and loses nothing."""
    found: Running[Any] | None = st.session_state.get("running")
    return found if found and found.key == key else None


def start(key: Hashable, stream: Iterator[Result]) -> Running[Result]:
    """Remember what begins, in place of an earlier one."""
    begun = Running(key, stream)
    st.session_state["running"] = begun
    return begun


def finish() -> None:
    """Forget what has come to its end, or is given up."""
    st.session_state.pop("running", None)
