"""On a finished curve: the point that is looked at, in which view, and what it is compared with."""

from typing import Any

import streamlit as st

from gradlab.steps.epsilon import format_epsilon
from gradlab.types import Curve, Rule, SweepResult
from gradlab.ui import state, words
from gradlab.ui.controls.notices import show_notice


def curve_point(result: SweepResult) -> tuple[Curve, int]:
    """A rule and one of its epsilons, chosen here or by a click on the curve."""
    rules = [curve.rule for curve in result.curves]
    left, right = st.columns([3, 5], vertical_alignment="bottom")
    # The rule of Explore may not be among these; it is left as it is until another is chosen here.
    state.put("point_rule", state.get("rule") if state.get("rule") in rules else rules[0])
    with left:
        rule = st.segmented_control(
            "Rule", rules, key="point_rule", required=True, on_change=_point_rule_chosen,
            format_func=words.RULES.__getitem__,
        )  # fmt: skip
        show_notice("rule")
    curve = result.curve(Rule(str(rule)))
    epsilons = curve.epsilons.tolist()
    state.put("point", min(epsilons, key=lambda e: abs(e - state.epsilon(curve.rule))))
    with right:
        chosen = st.select_slider(
            "Epsilon", epsilons, key="point", on_change=_point_moved,
            format_func=lambda e: format_epsilon(e, curve.rule),
        )  # fmt: skip
        show_notice("epsilon")
    return curve, epsilons.index(chosen)


def _point_rule_chosen() -> None:
    state.put("rule", Rule(state.get("point_rule")))


def _point_moved() -> None:
    state.put_epsilon(state.get("point"), Rule(state.get("point_rule")))


def adopt_click(event: Any, rules: list[str | None], result: SweepResult) -> None:
    """Take over the point of a curve that was clicked, once for each click.

    Args:
        event: what the chart returned.
        rules: of each trace of the chart, the rule that it belongs to.
        result: what the chart shows.
    """
    points = event["selection"]["points"] if event else []
    if not points or points == state.get("clicked"):
        return
    state.put("clicked", points)
    curve = result.curve(Rule(rules[points[0]["curve_number"]]))
    state.put_epsilon(float(curve.epsilons[points[0]["point_index"]]), curve.rule)


def view() -> str:
    """What is shown of the sweep, below its curve. One view at a time, for a hidden one would be computed as well."""
    choice = st.segmented_control(
        "View", list(words.VIEWS), key="view", required=True,
        format_func=words.VIEWS.__getitem__, help=words.VIEWS_HELP,
    )  # fmt: skip
    show_notice("view")
    return str(choice)


def versus(rule: Rule, others: list[Rule]) -> Rule:
    """The rule that the chosen one is compared with."""
    if state.get("versus") not in others:
        state.put("versus", others[0])
    other = st.segmented_control(
        f"Compare {words.RULES[rule]} with", others, key="versus", required=True, format_func=words.RULES.__getitem__
    )
    show_notice("versus")
    return Rule(str(other))


def match(one: Rule, other: Rule, titles: dict[str, str], help: str) -> str:
    """By what the points of two rules are matched, which may be the same rule: `l2`, or `epsilon` of the same unit."""
    matches = [match for match in titles if match == "l2" or other.unit == one.unit]
    if state.get("match") not in matches:
        state.put("match", "l2")
    choice = st.segmented_control(
        "At equal", matches, key="match", required=True, format_func=titles.__getitem__, help=help
    )
    show_notice("match")
    return str(choice)
