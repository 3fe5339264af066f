"""Two rules on the same images, and the mean accuracy of every rule."""

import streamlit as st

from gradlab import report
from gradlab.epsilon import format_epsilon
from gradlab.errors import BadValueError
from gradlab.figures.areas import area_figure
from gradlab.statistics import match_epsilon, mcnemar
from gradlab.types import Curve, SweepResult
from gradlab.ui import controls, words
from gradlab.ui.components.chart import chart
from gradlab.ui.components.takeaway import sweep_stem

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def rules(result: SweepResult, curve: Curve, k: int) -> None:
    """McNemar's test of the chosen point against a point of another rule; then the normalised areas."""
    others = [other.rule for other in result.curves if other.rule != curve.rule]
    if others:
        rule, match = controls.versus(curve, others)
        _pair(result, curve, k, result.curve(rule), match)
    else:
        st.info("Choose a second rule above to compare it with this one.", icon=":material/compare_arrows:")
    chart(
        area_figure(result), "areas", alt="Mean accuracy of each rule over its epsilons",
        stem=sweep_stem(result, "areas"), data=lambda: report.areas_to_csv(result),
    )  # fmt: skip
    st.caption(
        "Mean accuracy: the area under each curve on a linear epsilon axis, from 0 to its largest epsilon, divided by "
        "that width; dotted: clean accuracy. It depends on how far the epsilons reach: compare rules of one unit and "
        "one reach, or the same rule between networks."
    )


def _pair(result: SweepResult, a: Curve, k: int, b: Curve, match: str) -> None:
    spent_a, spent_b = (
        (a.epsilons, b.epsilons) if match == "epsilon" else (a.level("l2"), b.level("l2"))
    )  # fmt: skip
    try:
        j = match_epsilon(float(spent_a[k]), b.epsilons, spent_b, float(a.epsilons[k]))
    except BadValueError:
        st.info(f"{words.RULES[b.rule]} has no epsilon on that side of 0.", icon=":material/compare_arrows:")
        return
    test = mcnemar(a.predictions[k] == result.labels, b.predictions[j] == result.labels)
    st.table({"": ["ε", "mean L2", "right", "right where the other is wrong"],
              words.RULES[a.rule]: _column(result, a, k, test.only_a),
              words.RULES[b.rule]: _column(result, b, j, test.only_b)})  # fmt: skip
    st.caption(
        f"McNemar's exact test, two-sided, on the {test.only_a + test.only_b:,} of {result.images:,} images that only "
        f"one of the two leaves right: **p = {_p(test.p_value)}**. Matched by {words.MATCHES[match]}, to the nearest "
        "point of the grid. One pair of points was chosen out of many: such a p is no verdict on the rules as a whole."
    )


def _column(result: SweepResult, curve: Curve, k: int, only: int) -> list[str]:
    correct = int(result.correct(curve)[k])
    return [
        format_epsilon(float(curve.epsilons[k]), curve.rule),
        f"{float(curve.level('l2')[k]):.4g}",
        f"{correct:,} ({correct / result.images:.1%})",
        f"{only:,}",
    ]


def _p(value: float) -> str:
    if value >= 0.001:
        return f"{value:.3f}"
    digits, _, power = f"{value:.1e}".partition("e")
    return f"{digits} · 10{str(int(power)).translate(_RAISED)}" if value else "0, as far as float64 can tell"
