"""A point of one curve against a point of another, over the same images."""

import numpy as np
import streamlit as st

from gradlab.epsilon import format_epsilon
from gradlab.errors import BadValueError
from gradlab.figures.compare import Side
from gradlab.statistics import match_epsilon, mcnemar
from gradlab.ui import words

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def matching(a: Side, k: int, b: Side, match: str) -> int | None:
    """Which point of the second curve is matched to the k-th of the first; None where that side of 0 has none.

    Args:
        a: the first curve.
        k: the place of its point.
        b: the second.
        match: `epsilon`, or `l2` for the achieved mean distance.
    """
    spent_a, spent_b = (
        side.curve.epsilons if match == "epsilon" else side.curve.level("l2") for side in (a, b)
    )  # fmt: skip
    try:
        return match_epsilon(float(spent_a[k]), b.curve.epsilons, spent_b, float(a.curve.epsilons[k]))
    except BadValueError:
        return None


def pair(a: Side, k: int, b: Side, match: str) -> None:
    """The k-th point of a curve beside the matched one of another; McNemar's test where the images are the same."""
    j = matching(a, k, b, match)
    if j is None:
        st.info(f"{b.name} has no epsilon on that side of 0.", icon=":material/compare_arrows:")
        return
    _, first, second = np.intersect1d(a.result.indices, b.result.indices, return_indices=True)
    if not len(first) == a.result.images == b.result.images:
        st.table({"": ["ε", "mean L2", "right"], a.name: _column(a, k), b.name: _column(b, j)})
        st.info(
            f"The curves rest on {a.result.images:,} and {b.result.images:,} images, of which {len(first):,} are the "
            "same: McNemar's test needs the same images.",
            icon=":material/compare_arrows:",
        )
        return
    test = mcnemar(_right(a, k)[first], _right(b, j)[second])
    st.table({"": ["ε", "mean L2", "right", "right where the other is wrong"],
              a.name: [*_column(a, k), f"{test.only_a:,}"],
              b.name: [*_column(b, j), f"{test.only_b:,}"]})  # fmt: skip
    st.caption(
        f"McNemar's exact test, two-sided, on the {test.only_a + test.only_b:,} of {a.result.images:,} images that "
        f"only one of the two leaves right: **p = {_p(test.p_value)}**. Matched by {words.MATCHES[match]}, to the "
        "nearest point of the grid. One pair of points was chosen out of many: such a p is no verdict on the "
        f"{'rules' if a.result.model == b.result.model else 'networks'} as a whole."
    )


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
