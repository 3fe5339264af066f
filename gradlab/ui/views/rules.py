"""Two rules on the same images, and the mean accuracy of every rule."""

import streamlit as st

from gradlab import report
from gradlab.figures.compare import Side
from gradlab.figures.sweep import area_figure
from gradlab.types import Curve, SweepResult
from gradlab.ui import controls, words
from gradlab.ui.components.chart import chart
from gradlab.ui.components.takeaway import sweep_stem
from gradlab.ui.views.pair import pair


def rules(result: SweepResult, curve: Curve, k: int) -> None:
    """The chosen point against a point of another rule, image by image; then the normalised areas."""
    others = [other.rule for other in result.curves if other.rule != curve.rule]
    if others:
        left, right = st.columns([3, 2])
        with left:
            rule = controls.versus(curve.rule, others)
        with right:
            match = controls.match(curve.rule, rule, words.MATCHES, words.MATCHES_HELP)
        other = result.curve(rule)
        pair(Side(words.RULES[curve.rule], result, curve), k, Side(words.RULES[rule], result, other), match)
    else:
        st.info("Choose a second rule above to compare it with this one.", icon=":material/compare_arrows:")
    chart(
        area_figure(result), "areas", alt="Mean accuracy of each rule over its epsilons",
        stem=sweep_stem(result, "areas"), data=lambda: report.areas_to_csv(result),
    )  # fmt: skip
    st.caption(
        "Mean accuracy: the area under each curve on a linear epsilon axis, from 0 to its largest epsilon, divided by "
        "that width; dotted: clean accuracy. It depends on how far the epsilons reach: compare rules of one unit and "
        "one reach, or the same rule between networks. No interval is given for it: a small difference says nothing."
    )
