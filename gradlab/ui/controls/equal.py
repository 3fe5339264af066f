"""Another kind of noise at an equal change: a step size at which the image changes by as much as before."""

from dataclasses import dataclass

import streamlit as st

from gradlab.steps.epsilon import format_epsilon
from gradlab.types import LabelSource, Rule
from gradlab.ui import cached, state, words
from gradlab.ui.controls.choose import choose, show_notice
from gradlab.ui.words import explore

_REACHED = 0.01  # share of a distance by which it may be missed before that is said


@dataclass(frozen=True)
class Stood:
    """Where the handle stood: on which image (data set, network, place, labels), under which rule, at which epsilon."""

    of: tuple[str, str, int, LabelSource]
    rule: Rule
    epsilon: float


@dataclass(frozen=True)
class Carried:
    """What became of a step when the rule changed.

    Attributes:
        start: where a hand had put it: rules that are tried in turn are all solved from there.
        now: where it is since.
        said: what was done, in a sentence.
    """

    start: Stood
    now: Stood
    said: str


def kind_at_equal_change() -> Rule:
    """The rule, and whether another one keeps the change of the image."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        rule = Rule(choose("Kind of noise", "rule", words.RULES, words.RULE_HELP, on_change=_turned))
        st.toggle("Equal change", key="equal", help=explore.EQUAL_HELP)
    show_notice("equal")
    return rule


def _turned() -> None:
    state.put("rule_turned", True)


def keep_the_change(dataset: str, model: str, place: int, rule: Rule, labels: LabelSource) -> None:
    """After another rule was chosen: the step at which it changes the image by as much as the one before."""
    before: Stood | None = state.get("stood")
    turned = state.get("rule_turned")
    state.put("rule_turned", False)
    here = Stood((dataset, model, place, labels), rule, state.epsilon(rule))
    if turned and state.get("equal") and state.get("moved") and before and before.of == here.of and before.rule != rule:
        carried: Carried | None = state.get("carried")
        start = carried.start if carried and carried.now == before else before
        carried = _carry(start, here)
        if carried.now.epsilon != here.epsilon:
            state.put_epsilon(carried.now.epsilon, rule)
        state.put("carried", carried)


def said_of_change(now: Stood) -> str:
    """What became of the change when the rule did, if the step has stood there since; else what will become of it."""
    carried: Carried | None = state.get("carried")
    if carried and carried.now == now:
        return carried.said
    return explore.EQUAL if state.get("equal") else explore.UNEQUAL


def _carry(start: Stood, here: Stood) -> Carried:
    dataset, model, place, labels = here.of
    rule, was = here.rule, f"{words.RULES[start.rule]} at ε = {format_epsilon(start.epsilon, start.rule)}"
    l2 = _l2(start)
    if rule == start.rule:
        return Carried(start, start, f"Back where you had put it: the image changes by L2 {l2:.3g}.")
    if rule in state.get("pinned"):
        return Carried(
            start, here,
            f"Not an equal change: ε was typed, or came by the link, and stays. L2 is {_l2(here):.3g} here, {l2:.3g} "
            f"under {was}.",
        )  # fmt: skip
    up, down = cached.equal_l2(dataset, model, place, rule, l2, labels)
    now = Stood(here.of, rule, down if start.epsilon < 0 else up)
    reached = _l2(now)
    if abs(reached - l2) > _REACHED * l2:
        return Carried(
            start, now, f"Not an equal change: {words.RULES[rule]} changes this image by L2 {reached:.3g} at most; "
            f"{was} changed it by {l2:.3g}.",
        )  # fmt: skip
    return Carried(start, now, f"Equal change: L2 is {l2:.3g}, as under {was}. ε was solved for.")


def _l2(stood: Stood) -> float:
    dataset, model, place, labels = stood.of
    seen = cached.exploration(dataset, model, place, stood.rule, stood.epsilon, labels)
    return float(seen.perturbed.measures["l2"])
