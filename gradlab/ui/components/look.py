"""What a theme can't say: a denser page, and images that the browser never smooths."""

import numpy as np
import streamlit as st
from PIL import Image

from gradlab.figures.pixels import signed_picture
from gradlab.ui import state
from gradlab.ui.components import text


def look() -> None:
    """Apply it to the page that is being drawn."""
    presenting = bool(state.get("present"))
    st.html(f"<style>{text('look.css')}{text('presenting.css') if presenting else ''}</style>")
    if presenting:
        st.button(
            "Leave", key="leave", icon=":material/close_fullscreen:", on_click=state.put, args=("present", False),
            help="Back to the page with its menu and sidebar",
        )  # fmt: skip


def icon() -> Image.Image:
    """The page's icon, of our own: Streamlit would fetch one of its icons from elsewhere. The signs of a gradient."""
    signs = np.random.default_rng(0).choice([-1.0, 1.0], (1, 8, 8))
    return signed_picture(signs, gain=1, scale=8)
