"""A database that is full, locked or gone: said in place, and tried again by itself or with a button."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from gradlab.errors import DatabaseError, GradlabError
from gradlab.ui import state, words

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


def attempt(act: Callable[[], None], slot: str, otherwise: str) -> bool:
    """In a callback: do it, or have a notice say why not.

    Args:
        act: what needs the database. That what it is for was deleted meanwhile is as good: the page says so.
        slot: of the notice.
        otherwise: what then holds: "Nothing was deleted."

    Returns:
        False where the database could not be reached.
    """
    try:
        act()
    except DatabaseError as error:
        state.put_notice(slot, f"{error}. {otherwise}")
        return False
    except GradlabError:
        pass
    return True


@st.fragment(run_every=_EVERY)
def _later(drawn: float) -> None:
    """Nothing to see: it runs again after a while, and has the whole page do so, too.

    Args:
        drawn: when the page was, by the monotonic clock.
    """
    if time.monotonic() - drawn > _EVERY / 2:
        st.rerun()
