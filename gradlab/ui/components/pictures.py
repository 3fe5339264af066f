"""Large pictures with hard pixels, side by side."""

from collections.abc import Sequence

import streamlit as st
from PIL import Image


def pictures(panels: Sequence[tuple[str, Image.Image, str]]) -> None:
    """One column for each (title, picture, caption); on a phone they stand below each other.

    The pictures come enlarged by a whole multiple; the style keeps the browser from smoothing them when it fits them
    to the column.
    """
    for column, (title, picture, caption) in zip(st.columns(len(panels)), panels, strict=True):
        with column:
            st.markdown(f"**{title}**")
            st.image(picture, output_format="PNG", width="stretch", alt=f"{title}: {caption}")
            st.caption(caption)
