"""What a curve is made of; then the point of it that is looked at, in which view, and what it is compared with."""

from typing import Any

import streamlit as st

from gradlab.figures.sweep import Axis
from gradlab.images.registry import called, image_set
from gradlab.images.splits import twin_mask, without_twins
from gradlab.steps.epsilon import format_epsilon
from gradlab.types import Curve, LabelSource, Rule, SweepResult
from gradlab.ui import cached, state, words
from gradlab.ui.controls.choose import choose, choose_rules, show_notice
from gradlab.ui.jobs.sweep import beforehand


def sweep_choices(dataset: str, model: str, labels: LabelSource) -> tuple[tuple[Rule, ...], int, bool, Axis]:
    """Rules, number of images, whether they are rounded as well, and the horizontal axis."""
    left, right = st.columns([3, 2])
    with left:
        rules = choose_rules("Kinds of noise", "rules", words.RULE_HELP)
        chosen_axis = axis()
    with right:
        ready = beforehand(dataset, model, tuple(map(Rule, rules)), labels)
        limit = images(dataset, ready.images if ready else None)
        rounded = st.toggle("Also as saved (8 bit)", key="rounded", help=words.ROUNDED_HELP)
        show_notice("rounded")
    return rules, limit, bool(rounded), chosen_axis


def counted(result: SweepResult) -> SweepResult:
    """The result with or without the images that have a twin in the train split, where these are known."""
    mask = twin_mask(result)
    if mask is None or not mask.any():
        return result
    left_out = st.toggle("Without twins", key="without_twins", help=words.TWINS_HELP)
    return without_twins(result) if left_out else result


def axis() -> Axis:
    """What stands on the horizontal axis of a curve."""
    choice = choose("Horizontal axis", "axis", words.AXES, words.AXES_HELP)
    return "l2" if choice == "l2" else "epsilon"


def images(dataset: str, ready: int | None, *, transfer: bool = False) -> int:
    """How many images; all the `ready` ones, measured beforehand, where there are any and nobody chose otherwise."""
    about = called(dataset), image_set(dataset).labelled
    help = words.transfer_limit_help(*about) if transfer else words.limit_help(*about, ready is not None)
    most, usual = cached.most_images(dataset)
    few = {most} if most < state.USUAL_LIMIT else set()
    choices = sorted({limit for limit in state.LIMITS if limit <= most} | few | ({ready} if ready else set()))
    chosen = state.get("limit")
    if chosen == ready:
        # So that nobody who then turns to an unmeasured curve has to wait for as many images.
        state.put("limit", None)
    elif chosen and chosen not in choices:
        state.put_notice("limit", f"You asked for {chosen:,} images; {most:,} are at hand.")
        state.put("limit", None if ready else choices[-1])
    state.put("images", state.get("limit") or ready or min(usual, choices[-1]))
    if len(choices) == 1:
        st.markdown(f"Images: {choices[0]:,}", help=help)
        show_notice("limit")
        return choices[0]
    limit = st.select_slider(
        "Images", choices, key="images", help=help, on_change=lambda: state.put("limit", state.get("images")),
        format_func=lambda n: words.measured_beforehand(n) if n == ready else f"{n:,}",
    )  # fmt: skip
    show_notice("limit")
    return int(limit)


def curve_point(result: SweepResult) -> tuple[Curve, int]:
    """A rule and one of its epsilons, chosen here or by a click on the curve."""
    rules = [curve.rule for curve in result.curves]
    left, right = st.columns([3, 5], vertical_alignment="bottom")
    # The rule of Explore may not be among these; it is left as it is until another is chosen here.
    state.put("point_rule", state.get("rule") if state.get("rule") in rules else rules[0])
    with left:
        rule = choose(
            "Kind of noise", "point_rule", words.RULES, among=rules, notice="rule", on_change=_point_rule_chosen
        )
    curve = result.curve(Rule(rule))
    epsilons = curve.epsilons.tolist()
    state.put("point", min(epsilons, key=lambda e: abs(e - state.epsilon(curve.rule))))
    with right:
        chosen = st.select_slider(
            "Step size ε", epsilons, key="point", on_change=lambda: state.put_epsilon(state.get("point"), curve.rule),
            format_func=lambda e: format_epsilon(e, curve.rule),
        )  # fmt: skip
        show_notice("epsilon")
    return curve, epsilons.index(chosen)


def _point_rule_chosen() -> None:
    state.put("rule", Rule(state.get("point_rule")))


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


def view(labelled: bool) -> str:
    """What is shown of the sweep, below its curve. One view at a time, since a hidden one would be computed too."""
    return choose("View", "view", words.VIEWS, words.views_help(labelled))


def versus(rule: Rule, others: list[Rule]) -> Rule:
    """The rule that the chosen one is compared with."""
    if state.get("versus") not in others:
        state.put("versus", others[0])
    return Rule(choose(f"Compare {words.RULES[rule]} with", "versus", words.RULES, among=others))


def match(one: Rule, other: Rule, titles: dict[str, str], help: str) -> str:
    """How the points of two rules (or of one rule twice) are matched: `l2`, or `epsilon` where the unit is the same."""
    matches = [match for match in titles if match == "l2" or other.unit == one.unit]
    if state.get("match") not in matches:
        state.put("match", "l2")
    return choose("At equal", "match", titles, help, among=matches)
