"""The step on the page Explore: its rule, its signed size, and by how much its traces are amplified."""

import streamlit as st

from gradlab.errors import GradlabError
from gradlab.steps.epsilon import format_epsilon, parse_epsilon
from gradlab.types import Rule
from gradlab.ui import state, words
from gradlab.ui.controls.choose import choose, show_notice


def kind_of_noise() -> Rule:
    """The direction's rule; on the page itself, where a phone shows it too."""
    return Rule(choose("Kind of noise", "rule", words.RULES, words.RULE_HELP))


def epsilon(rule: Rule) -> float:
    """The signed step: a direction, a size on a slider, and the exact number."""
    left, middle, right = st.columns([2, 5, 2], vertical_alignment="bottom")
    with left:
        _direction()
    with middle:
        st.select_slider(
            f"Step size |ε| ({words.UNITS[rule.unit]})", state.sizes(rule), key=f"size_{rule}",
            format_func=lambda size: format_epsilon(size, rule, signed=False),
        )  # fmt: skip
    with right:
        _exact(rule)
    show_notice("epsilon")
    return state.epsilon()


def written_epsilon(rule: Rule) -> float:
    """The signed step where a handle is its slider: the direction, and the exact number."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width="content"):
            _direction()
        with st.container(width=160):
            _exact(rule)
        with st.container(width=360):
            gain()
    show_notice("epsilon")
    show_notice("rounded")
    return state.epsilon()


def _direction() -> None:
    title = words.direction_title(state.label_source())
    choose(title, "direction", words.DIRECTIONS, words.DIRECTION_HELP, notice="")


def _exact(rule: Rule) -> None:
    state.put("exact", state.epsilon_text(state.epsilon(), rule))
    st.text_input("Step size ε", key="exact", on_change=_exact_epsilon, help="Signed: `-8/255`, or `0.03`.")


def _exact_epsilon() -> None:
    try:
        state.put_epsilon(parse_epsilon(state.get("exact")), Rule(state.get("rule")))
    except GradlabError as error:
        state.put_notice("epsilon", f"{error}. The step stays as it was.")


def gain() -> int:
    """By how much differences are amplified; the same for every image and epsilon until it is changed here."""
    choice = st.select_slider(
        "Show noise stronger (display only)", state.GAINS, key="gain",
        format_func=lambda value: f"×{value}", help="The same for every image and ε: more noise looks like more.",
    )  # fmt: skip
    show_notice("gain")
    return int(choice)
