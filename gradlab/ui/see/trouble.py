"""A database that is full, locked or gone: said in place, and tried again by itself or with a button."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from gradlab.errors import DatabaseError
from gradlab.ui import words

_EVERY = 5.0  # seconds


@contextmanager
def told(key: str, more: str = "") -> Iterator[None]:
    """Around what needs the database.

    Args:
        key: of the button; one for each place of a page.
        more: what else a person should know then.
    """
    try:
        yield
    except DatabaseError as error:
        trouble(error, key, more)


def trouble(error: DatabaseError, key: str, more: str = "") -> None:
    """Say what is wrong; the button runs the page, or the fragment, anew, and so does time."""
    st.error(f"{words.plain(str(error))}. {more}".rstrip(), icon=":material/database_off:")
    st.button("Try again", icon=":material/refresh:", key=f"again_{key}")
    _later(time.monotonic())


@st.fragment(run_every=_EVERY)
def _later(drawn: float) -> None:
    """Nothing to see: it runs again after a while, and has the whole page do so, too.

    Args:
        drawn: when the page was, by the monotonic clock.
    """
    if time.monotonic() - drawn > _EVERY / 2:
        st.rerun()
