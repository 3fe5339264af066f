"""On the page *Landscape*: how far its axes reach, and which random direction its plane is spanned by."""

import streamlit as st

from gradlab.steps.epsilon import format_epsilon
from gradlab.types import Rule
from gradlab.ui import state, words
from gradlab.ui.controls.notices import show_notice
from gradlab.ui.words.landscape import REACH_HELP


def reach(rule: Rule) -> float:
    """The largest epsilon that is shown, on either side of 0; each rule has its own."""
    chosen = st.select_slider(
        f"Reach of the axes ± ({words.UNITS[rule.unit]})", state.reaches(rule), key=f"reach_{rule}",
        format_func=lambda size: format_epsilon(size, rule, signed=False), help=REACH_HELP,
    )  # fmt: skip
    show_notice("reach")
    return float(chosen)


def across() -> int:
    """The seed of the random direction, and a button for the next one."""
    seed = int(state.get("across"))
    st.button(
        "Another random direction", icon=":material/casino:", key="next_across",
        on_click=state.put, args=("across", (seed + 1) % state.DIRECTIONS_ACROSS),
        help=f"The plane is drawn anew with another r. This one has the seed {seed}.",
    )  # fmt: skip
    show_notice("across")
    return seed
