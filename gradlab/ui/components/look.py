"""What every page has: a look that a theme can't say, and a boundary that reports what went wrong."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import streamlit as st
from PIL import Image

from gradlab.errors import GradlabError
from gradlab.figures.pixels import signed_picture
from gradlab.ui import state
from gradlab.ui.components import component, text
from gradlab.ui.components.terms import explained


def look() -> None:
    """Make the page denser, and keep the browser from smoothing its images."""
    presenting = bool(state.get("present"))
    styles = ("look.css", "terms.css", *(["presenting.css"] if presenting else []), "print.css")
    st.html(f"<style>{''.join(map(text, styles))}</style>")
    if presenting:
        st.button(
            "Leave", key="leave", icon=":material/close_fullscreen:", on_click=state.put, args=("present", False),
            help="Back to the page with its menu and sidebar",
        )  # fmt: skip


def listen() -> None:
    """On every page, around it and not in it: what `page.print.js`, `page.tables.js` and `page.touch.js` do."""
    component("page", "<i hidden></i>")(key="page", height=1)


def purpose(sentence: str) -> None:
    """What the page is for: its first words, on a phone too, which shows neither its name nor the sidebar."""
    with st.container(key="purpose"):
        explained(sentence)


def icon() -> Image.Image:
    """The page's icon, the signs of a gradient: one of Streamlit's would be fetched from elsewhere."""
    signs = np.random.default_rng(0).choice([-1.0, 1.0], (1, 8, 8))
    return signed_picture(signs, gain=1, scale=8)


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
