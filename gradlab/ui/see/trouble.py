"""A database that is full, locked or gone: said in place, with a button that tries again."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from gradlab.errors import DatabaseError
from gradlab.ui import words


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
    """Say what is wrong; the button runs the page, or the fragment, anew."""
    st.error(f"{words.plain(str(error))}. {more}".rstrip(), icon=":material/database_off:")
    st.button("Try again", icon=":material/refresh:", key=f"again_{key}")
