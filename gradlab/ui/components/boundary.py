"""What goes wrong is told in place, and the rest of the page stands."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from gradlab.errors import GradlabError


@contextmanager
def boundary() -> Iterator[None]:
    """Around a page, or a part that runs alone: an error of ours is shown, any other goes into the server's log."""
    try:
        yield
    except GradlabError as error:
        st.error(str(error), icon=":material/error:")
    except Exception:
        logging.getLogger("gradlab").exception("a page failed")
        st.error("Something went wrong on this page; the log of the server has the details.", icon=":material/error:")
