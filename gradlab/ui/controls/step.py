"""The step: its rule, its signed size, and how strongly the noise is shown."""

import streamlit as st

from gradlab.errors import GradlabError
from gradlab.steps.epsilon import format_epsilon, parse_epsilon
from gradlab.types import Rule
from gradlab.ui import state, words
from gradlab.ui.controls.choose import choose, show_notice
from gradlab.ui.words import explore


def kind_of_noise() -> Rule:
    """The direction's rule; on the page itself, where a phone shows it too."""
    return Rule(choose("Kind of noise", "rule", words.RULES, words.RULE_HELP))


def epsilon(rule: Rule) -> float:
    """The signed step: a direction, a size on a slider, and the exact number."""
    left, middle, right = st.columns([2, 5, 2], vertical_alignment="bottom")
    with left:
        title = words.direction_title(state.label_source())
        choose(title, "direction", words.DIRECTIONS, words.DIRECTION_HELP, notice="", on_change=_moved)
    with middle:
        st.select_slider(
            f"Step size |ε| ({words.UNITS[rule.unit]})", state.sizes(rule), key=f"size_{rule}",
            format_func=lambda size: format_epsilon(size, rule, signed=False), on_change=_moved,
        )  # fmt: skip
    with right:
        state.put("exact", state.epsilon_text(state.epsilon(), rule))
        st.text_input(
            "Step size ε", key="exact", on_change=lambda: take_typed(state.get("exact"), rule),
            help="Signed: `-8/255`, or `0.03`.",
        )  # fmt: skip
    show_notice("epsilon")
    return state.epsilon()


def _moved() -> None:
    state.put_epsilon(state.epsilon(), Rule(state.get("rule")))


def begun_epsilon(rule: Rule) -> float:
    """The signed step on the page Explore: none, until somebody chooses one."""
    show_notice("epsilon")
    show_notice("rounded")
    return state.epsilon(rule) if state.get("moved") else 0.0


def take_typed(text: str, rule: Rule) -> None:
    """Take over a step size that somebody typed, or say why not. In pixel units `8` is 8/255, and the page says so."""
    try:
        value, whole = parse_epsilon(text), rule.unit.over
        if whole and "/" not in text and abs(value) >= 1:
            value = parse_epsilon(f"{text}{whole}")
            state.put_notice(
                "epsilon",
                f"{text.strip()} was read as {text.strip()}{whole}. A plain number below 1 is a share of the way from "
                f"black to white: {rule.unit.row.levels}{whole} is all of it.",
            )  # fmt: skip
        state.put_epsilon(value, rule, exact=True)
    except GradlabError as error:
        state.put_notice("epsilon", f"{error}. The step stays as it was.")


def gain() -> int:
    """How many times stronger the noise is shown; the same for every image and epsilon until it is changed here."""
    choice = st.select_slider(
        "Show noise stronger (display only)", state.GAINS, key="gain", format_func=lambda value: f"×{value}",
        help="The same for every image and step: larger noise looks larger. It changes nothing but the display.",
        width=320,
    )  # fmt: skip
    show_notice("gain")
    return int(choice)


def noise() -> bool:
    """Whether the noise is shown as darker or brighter, rather than as it was added."""
    return choose("Show the noise", "noise", explore.NOISES, explore.NOISES_HELP) == "signed"
