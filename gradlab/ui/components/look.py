"""What a theme can't say: a denser page, and images that the browser never smooths."""

import numpy as np
import streamlit as st
from PIL import Image

from gradlab.figures.pixels import signed_picture

CHART = {"displayModeBar": False}  # how plotly shows a figure

_CSS = """
[data-testid="stMainBlockContainer"] { padding: 4.25rem clamp(1rem, 3vw, 3rem) 3rem; }
[data-testid="stSidebarUserContent"] h1 { padding-top: 0; }
[data-testid="stImage"] img { image-rendering: pixelated; border-radius: 6px; }
@media (max-width: 640px) {
  .st-key-gallery [data-testid="stHorizontalBlock"] { gap: 0.75rem; }
  .st-key-gallery [data-testid="stColumn"] { flex: 1 1 calc(33% - 0.75rem); min-width: calc(33% - 0.75rem); }
}
"""


def look() -> None:
    """Apply it to the page that is being drawn."""
    st.html(f"<style>{_CSS}</style>")


def icon() -> Image.Image:
    """The page's icon, of our own: Streamlit would fetch one of its icons from elsewhere. The signs of a gradient."""
    signs = np.random.default_rng(0).choice([-1.0, 1.0], (1, 8, 8))
    return signed_picture(signs, gain=1, scale=8)
