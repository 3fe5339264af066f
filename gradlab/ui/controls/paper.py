"""On the page *Paper*: by which measure the rules are compared, before or after rounding."""

import streamlit as st

from gradlab.ui import words
from gradlab.ui.controls.notices import show_notice


def budget() -> tuple[str, bool]:
    """The measure, a key of `gradlab.paper.BUDGETS`, and whether the images are rounded to 8 bit."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="large"):
        measure = st.segmented_control(
            "Equal change, measured by", list(words.BUDGETS), key="budget", required=True,
            format_func=words.BUDGETS.__getitem__, help=words.BUDGETS_HELP,
        )  # fmt: skip
        rounded = st.toggle("After rounding to 8 bit", key="rounded", help=words.ROUNDED_ONLY_HELP)
    show_notice("budget")
    show_notice("rounded")
    return str(measure), bool(rounded)
