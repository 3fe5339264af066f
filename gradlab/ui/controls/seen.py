"""What of people's answers is drawn, and over which axis."""

from collections.abc import Sequence
from typing import cast

import streamlit as st

from gradlab.types import SeenAxis
from gradlab.ui import state
from gradlab.ui.controls.notices import show_notice
from gradlab.ui.words import seeing


def seen_axis(known: Sequence[SeenAxis]) -> SeenAxis:
    """What stands on the horizontal axis; of those that can be drawn, `epsilon` among them."""
    if state.get("seen_axis") not in known:
        state.put("seen_axis", "epsilon")
    choice = st.segmented_control(
        "Horizontal axis", known, key="seen_axis", required=True,
        format_func=seeing.AXES.__getitem__, help=seeing.AXES_HELP,
    )  # fmt: skip
    show_notice("seen_axis")
    return cast(SeenAxis, str(choice))


def guessers() -> None:
    """Whether people who guess are counted too; what it shows is `state.get("guessers")`."""
    st.toggle("Count those who guess too", key="guessers", help=seeing.GUESSERS_HELP)
    show_notice("guessers")
