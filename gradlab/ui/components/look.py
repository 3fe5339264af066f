"""What a theme can't say: a denser page, and images that the browser never smooths."""

import numpy as np
import streamlit as st
from PIL import Image

from gradlab.figures.pixels import signed_picture
from gradlab.ui import state

_CSS = """
[data-testid="stMainBlockContainer"] { padding: 4.25rem clamp(1rem, 3vw, 3rem) 3rem; }
[data-testid="stSidebarUserContent"] h1 { padding-top: 0; }
/* Five rules side by side. */
[data-testid="stSidebar"] [data-testid="stButtonGroup"] button { padding-inline: 0.4rem; }
[data-testid="stSidebar"] [data-testid="stButtonGroup"] button p { font-size: 0.8125rem; }
/* Streamlit writes on it in white; the primary colour of the dark theme is too light for that. */
[data-testid="stBaseButton-primary"] { background: #5850dc; border-color: #5850dc; }
[data-testid="stBaseButton-primary"]:hover { background: #463fc0; border-color: #463fc0; }
.js-plotly-plot .modebar { display: none; }
[data-testid="stImage"] img { image-rendering: pixelated; border-radius: 6px; }
/* As high as it will be: what stands below it does not jump when it is drawn. */
.st-key-lab { min-height: calc(25vw + 25rem); }
@media (max-width: 640px) {
  .st-key-lab { min-height: calc(100vw + 33rem); }
  .st-key-panels { overflow-x: auto; }
  .st-key-class_panels { width: 900px !important; max-width: none !important; }
  .st-key-gallery [data-testid="stHorizontalBlock"] { gap: 0.75rem; }
  .st-key-gallery [data-testid="stColumn"] { flex: 1 1 calc(33% - 0.75rem); min-width: calc(33% - 0.75rem); }
  .st-key-sides [data-testid="stHorizontalBlock"] { gap: 0.75rem; }
  .st-key-sides [data-testid="stColumn"] { flex: 0 0 calc(33% - 0.75rem); min-width: calc(33% - 0.75rem); }
  .st-key-sides [data-testid="stColumn"]:nth-child(4) { margin-left: 33%; }
}
"""


# Nothing but the page, and all of its type doubled: Streamlit's sizes are multiples of the root's.
_PRESENTING = """
html { font-size: 32px !important; }
[data-testid="stHeader"], [data-testid="stSidebar"], [data-testid="stToolbar"] { display: none; }
[data-testid="stMainBlockContainer"] { padding: 1rem clamp(1rem, 3vw, 3rem); }
.st-key-leave { position: fixed; right: 0.5rem; bottom: 0.5rem; width: auto; z-index: 100; opacity: 0.6; }
.st-key-leave:hover, .st-key-leave:focus-within { opacity: 1; }
"""


def look() -> None:
    """Apply it to the page that is being drawn."""
    presenting = bool(state.get("present"))
    st.html(f"<style>{_CSS}{_PRESENTING if presenting else ''}</style>")
    if presenting:
        st.button(
            "Leave", key="leave", icon=":material/close_fullscreen:", on_click=state.put, args=("present", False),
            help="Back to the page with its menu and sidebar",
        )  # fmt: skip


def icon() -> Image.Image:
    """The page's icon, of our own: Streamlit would fetch one of its icons from elsewhere. The signs of a gradient."""
    signs = np.random.default_rng(0).choice([-1.0, 1.0], (1, 8, 8))
    return signed_picture(signs, gain=1, scale=8)
