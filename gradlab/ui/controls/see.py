"""On the page *See it?*: what a test is made of."""

import streamlit as st

from gradlab.seeing.blind import Wish
from gradlab.types import LabelSource, Rule
from gradlab.ui import state, words
from gradlab.ui.controls.notices import show_notice
from gradlab.ui.words import seeing


def who() -> str:
    """Who takes the test: a key of `seeing.WHO`."""
    return _segments("who", "Who takes part", seeing.WHO, seeing.WHO_HELP)


def wish(labels: LabelSource) -> Wish:
    """All that is chosen; of `rules` there may be none."""
    left, right = st.columns(2, gap="large")
    with left:
        rules, descend = _rules(), _descend()
        trials = _one_of("trials", "Trials for each rule", state.TRIALS, seeing.TRIALS_HELP)
    with right:
        task = _segments("task", "What is asked", seeing.TASKS, seeing.TASKS_HELP)
        time = _segments("time", "Time for each image", seeing.TIMES, seeing.TIMES_HELP)
        width = _one_of("width", "Width of an image in px", state.WIDTHS, seeing.WIDTH_HELP)
        smooth = st.toggle("Enlarge smoothly", key="smooth", help=seeing.SMOOTH_HELP)
        show_notice("smooth")
    return Wish(
        rules=rules, labels=labels, descend=descend, method="abx" if task == "abx" else "2ifc", trials=trials,
        width=width, smooth=bool(smooth), seconds=None if time == "none" else float(time),
    )  # fmt: skip


def _rules() -> tuple[Rule, ...]:
    chosen = st.pills(
        "Rules to test", list(Rule), key="rules", selection_mode="multi",
        format_func=words.RULES.__getitem__, help=f"{seeing.TESTED_HELP}\n{words.RULE_HELP}",
    )  # fmt: skip
    show_notice("rules")
    return tuple(rule for rule in Rule if rule in chosen)


def _descend() -> bool:
    choice = _segments("direction", "Direction", words.DIRECTIONS, words.DIRECTION_HELP)
    return choice == state.DOWN


def _segments(key: str, title: str, names: dict[str, str], help: str) -> str:
    choice = st.segmented_control(title, list(names), key=key, required=True, format_func=names.__getitem__, help=help)
    show_notice(key)
    return str(choice)


def _one_of(key: str, title: str, numbers: tuple[int, ...], help: str) -> int:
    st.segmented_control(title, list(numbers), key=key, required=True, help=help)
    show_notice(key)
    return int(state.get(key))
