"""What a theme can't say: a denser page, and images that the browser never smooths."""

import streamlit as st

_CSS = """
[data-testid="stMainBlockContainer"] { padding: 4.25rem clamp(1rem, 3vw, 3rem) 3rem; }
[data-testid="stSidebarUserContent"] h1 { padding-top: 0; }
[data-testid="stImage"] img { image-rendering: pixelated; border-radius: 6px; }
"""


def look() -> None:
    """Apply it to the page that is being drawn."""
    st.html(f"<style>{_CSS}</style>")
