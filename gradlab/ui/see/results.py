"""After a test: from which step on the person sees the change."""

import streamlit as st

from gradlab.epsilon import format_epsilon
from gradlab.psychometrics import fit
from gradlab.types import Answers, Estimate, Response, Rule, SeeingStudy
from gradlab.ui import words


def results(study: SeeingStudy, responses: tuple[Response, ...]) -> None:
    """The thresholds of one person."""
    st.subheader("What you see")
    rows = [response.answer for response in responses]
    for scale in study.protocol.scales:
        found = fit(Answers.of(rows, scale.name), (scale.levels[0], scale.levels[-1]))
        st.markdown(f"**{words.RULES[Rule(scale.name)]}**: {_sentence(found.threshold, Rule(scale.name))}")


def _sentence(threshold: Estimate, rule: Rule) -> str:
    low, high = (format_epsilon(end, rule, signed=False) for end in (threshold.low, threshold.high))
    if threshold.value is not None:
        value = format_epsilon(threshold.value, rule, signed=False)
        return f"right in 75% of the trials at |ε| = {value} (95% interval {low} to {high})."
    return {
        "below": f"right in more than 75% of the trials already at |ε| = {high}.",
        "above": f"not yet right in 75% of the trials at |ε| = {low}.",
    }.get(threshold.finding, "too few answers to say.")
