"""Two rules on the same images: a point of one curve against a point of another, and the mean accuracy of each."""

import numpy as np
import streamlit as st

from gradlab import report
from gradlab.figures.compare import Side
from gradlab.figures.said import area_said
from gradlab.figures.sweep import area_figure
from gradlab.statistics import TOLERATED_GAP, Comparison, McNemar, Outcome, compare, mcnemar, paired_difference
from gradlab.steps.epsilon import format_epsilon
from gradlab.types import Curve, SweepResult
from gradlab.ui import controls, words
from gradlab.ui.components.chart import chart
from gradlab.ui.components.takeaway import sweep_stem
from gradlab.ui.views.matched import Match, matching, solving

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_LEVEL = 0.05  # of a test, where the interval is of 95 %
_EXACT = 0.001  # a gap between two budgets that is not worth solving for


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
        st.info("Choose a second kind of noise above to compare it with this one.", icon=":material/compare_arrows:")
    chart(
        area_figure(result), "areas", said=area_said(result),
        stem=sweep_stem(result, "areas"), data=lambda: report.areas_to_csv(result),
    )  # fmt: skip
    st.caption(
        f"Mean {result.counted}: the area under each curve from 0 to its largest ε, divided by that width. Dotted: "
        f"{'clean accuracy' if result.labelled else 'all images'}. It depends on the largest ε: only compare kinds of "
        "noise with the same unit and the same largest ε, or one kind between networks. It has no interval, so a small "
        "difference says nothing."
    )


def pair(a: Side, k: int, b: Side, match: str) -> None:
    """The k-th point of a curve beside the matched one of another.

    Where the images are the same and the budgets are equal to a few per cent: the paired difference with its interval,
    what may be said of it, and McNemar's test. At a larger mismatch neither.
    """
    found = matching(a, k, b, match)
    if found is None:
        st.info(f"{b.name} has no ε on that side of 0.", icon=":material/compare_arrows:")
    elif _same_images(a, k, found):
        if abs(found.gap) > TOLERATED_GAP:
            st.table({"": ["ε", "mean L2", _is_right(a)], a.name: _column(a, k), b.name: _column(found.side, found.k)})
            st.caption(_too_far(a, b, found, match))
        else:
            _compared(a, k, found, match)
    if found and match == "l2" and not found.solved and abs(found.gap) > _EXACT:
        solving(a, k, b)


def _same_images(a: Side, k: int, found: Match) -> bool:
    """Whether both rest on the same images; where not, their figures are shown and nothing else."""
    b = found.side
    common = len(np.intersect1d(a.result.indices, b.result.indices))
    if common == a.result.images == b.result.images:
        return True
    st.table({"": ["ε", "mean L2", _is_right(a)], a.name: _column(a, k), b.name: _column(b, found.k)})
    st.info(
        f"The curves rest on {a.result.images:,} and {b.result.images:,} images, and only {common:,} are the same. A "
        "paired difference and McNemar's test need the same images.",
        icon=":material/compare_arrows:",
    )
    return False


def _compared(a: Side, k: int, found: Match, match: str) -> None:
    b = found.side
    _, first, second = np.intersect1d(a.result.indices, b.result.indices, return_indices=True)
    right_a, right_b = _right(a, k)[first], _right(b, found.k)[second]
    test, difference = mcnemar(right_a, right_b), paired_difference(right_a, right_b)
    alone = "right where the other is wrong" if a.result.labelled else "keep it only here"
    st.table({"": ["ε", "mean L2", _is_right(a), alone],
              a.name: [*_column(a, k), f"{test.only_a:,}"],
              b.name: [*_column(b, found.k), f"{test.only_b:,}"]})  # fmt: skip
    judged = compare(difference)
    right = "right" if a.result.labelled else "in their class"
    said = judged.words(_short(a), _short(b), right)
    st.markdown(f"{said[0].upper()}{said[1:]}.{_doubt(judged, test)}")
    st.caption(
        f"McNemar's exact test, two-sided, on the {test.only_a + test.only_b:,} of {a.result.images:,} images that "
        f"only one of the two leaves {right}: **p = {_p(test.p_value)}**. {_matched(a, k, found, match)} You chose one "
        "pair of points out of many. So neither p nor interval is a verdict on the "
        f"{'kinds of noise' if a.result.model == b.result.model else 'networks'} as a whole."
    )


def _doubt(judged: Comparison, test: McNemar) -> str:
    """Where so few images differ that the approximate interval and the exact test may not agree."""
    if judged.outcome not in (Outcome.A, Outcome.B) or test.p_value <= _LEVEL:
        return ""
    return (
        f" Only {test.only_a + test.only_b} images decide this: the interval is approximate, and the exact test below "
        "does not confirm it."
    )


def _matched(a: Side, k: int, found: Match, match: str) -> str:
    b = found.side
    if match == "epsilon":
        l2 = [float(side.curve.level("l2")[n]) for side, n in ((a, k), (b, found.k))]
        unequal = abs(l2[1] - l2[0]) > TOLERATED_GAP * l2[0]
        return f"Matched by step size{_off(found)}; mean L2 {l2[0]:.4g} and {l2[1]:.4g}" + (
            ": the two steps change the images by different amounts." if unequal else "."
        )
    if found.solved:
        return (
            f"Matched by mean L2: gradlab found the ε of {_short(b)} over these images, {found.wanted:.4g} and "
            f"{found.spent:.4g}."
        )
    return f"Matched by mean L2, to the nearest point that was measured{_off(found)}."


def _off(found: Match) -> str:
    if not found.gap:
        return ""
    more = "more" if found.gap > 0 else "less"
    return f", which is {abs(found.gap):.1%} {more} ({found.wanted:.4g} and {abs(found.spent):.4g})"


def _too_far(a: Side, b: Side, found: Match, match: str) -> str:
    of_what = words.MATCHES[match]
    return (
        f"No comparison: the nearest point of {_short(b)} has a {of_what} of {found.spent:.4g}, {_short(a)} has "
        f"{found.wanted:.4g}. They differ by more than {TOLERATED_GAP:.0%}, so a comparison might name the wrong one."
    )


def _is_right(side: Side) -> str:
    """What is counted of a network, as a row of a table."""
    return "right" if side.result.labelled else "keep their class"


def _short(side: Side) -> str:
    """`A` for `A: alexnet`: in a sentence that names both several times."""
    return side.name.partition(":")[0]


def _right(side: Side, k: int) -> np.ndarray:
    right: np.ndarray = side.curve.predictions[k] == side.result.labels
    return right


def _column(side: Side, k: int) -> list[str]:
    correct = int(_right(side, k).sum())
    return [
        format_epsilon(float(side.curve.epsilons[k]), side.curve.rule),
        f"{float(side.curve.level('l2')[k]):.4g}",
        f"{correct:,} ({correct / side.result.images:.1%})",
    ]


def _p(value: float) -> str:
    if value >= 0.001:
        return f"{value:.3f}"
    digits, _, power = f"{value:.1e}".partition("e")
    return f"{digits} · 10{str(int(power)).translate(_RAISED)}" if value else "0, as far as float64 can tell"
