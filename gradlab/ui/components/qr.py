"""An address that a phone's camera reads."""

import html

import segno
import streamlit as st

_QUIET = 4  # modules of white around it, as the standard asks


def qr(address: str, alt: str) -> None:
    """Draw it, as wide as there is room: black on white, in dark mode too, with its quiet zone.

    Args:
        address: what it says.
        alt: what a person who doesn't see it is told that it is.
    """
    picture = segno.make(address, error="m", micro=False).svg_data_uri(
        scale=8, border=_QUIET, dark="#000", light="#fff", omitsize=True
    )
    st.html(
        f'<img src="{html.escape(picture)}" alt="{html.escape(alt)}" '
        'style="display: block; width: 100%; max-width: 22rem; border-radius: 6px">'
    )
