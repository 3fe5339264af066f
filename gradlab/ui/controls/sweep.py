"""What a curve is made of: rules, number of images, rounding, and the horizontal axis."""

import streamlit as st

from gradlab.figures.sweep import Axis
from gradlab.types import Rule
from gradlab.ui import cached, state, words
from gradlab.ui.controls.notices import show_notice


def sweep_choices(dataset: str) -> tuple[tuple[Rule, ...], int, bool, Axis]:
    """All four choices."""
    left, right = st.columns([3, 2])
    with left:
        rules = st.pills(
            "Rules", list(Rule), key="rules", selection_mode="multi",
            format_func=words.RULES.__getitem__, help=words.RULE_HELP,
        )  # fmt: skip
        show_notice("rules")
        axis = st.segmented_control(
            "Horizontal axis", list(words.AXES), key="axis", required=True,
            format_func=words.AXES.__getitem__, help=words.AXES_HELP,
        )  # fmt: skip
        show_notice("axis")
    with right:
        limit = _limit(dataset)
        rounded = st.toggle("Also after rounding to 8 bit", key="rounded", help=words.ROUNDED_HELP)
        show_notice("rounded")
    return (
        tuple(Rule(rule) for rule in Rule if rule in rules),
        limit,
        bool(rounded),
        "l2" if axis == "l2" else "epsilon",
    )


def _limit(dataset: str) -> int:
    most = cached.images_at_hand(dataset)
    choices = [limit for limit in state.LIMITS if limit <= most]
    if state.get("limit") not in choices:
        state.put_notice("limit", f"{state.get('limit')} images were asked for; {most} are at hand.")
        state.put("limit", choices[-1])
    limit = st.select_slider("Images", choices, key="limit", help=words.LIMIT_HELP)
    show_notice("limit")
    return int(limit)
