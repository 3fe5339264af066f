"""Which point of a second curve is compared with a point of a first: at equal epsilon, or at equal mean L2."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from gradlab.errors import BadValueError
from gradlab.figures.compare import Side
from gradlab.statistics import match_epsilon
from gradlab.steps.epsilon import format_epsilon
from gradlab.ui import cached, state
from gradlab.ui.jobs.equal import EqualJob, Equalled
from gradlab.ui.jobs.job import finished, watch


@dataclass(frozen=True, eq=False)
class Match:
    """The point of the second curve.

    Attributes:
        side: the second; where its epsilon was solved for, with a curve of that one point.
        k: the point's place on the curve of `side`.
        spent: what the first point has spent, epsilon or mean L2.
        wanted: what the second should have.
        solved: whether its epsilon was solved for.
    """

    side: Side
    k: int
    spent: float
    wanted: float
    solved: bool

    @property
    def gap(self) -> float:
        """By what share the second has spent more than the first; below 0: less."""
        return self.spent / self.wanted - 1 if self.wanted else (np.inf if self.spent else 0.0)


def matching(a: Side, k: int, b: Side, match: str) -> Match | None:
    """The point of the second curve that goes with the k-th of the first; None where that side of 0 has none.

    At equal mean L2 that is the one whose epsilon was solved for, once somebody has waited for it; until then the
    nearest of the curve.

    Args:
        a: the first curve.
        k: the place of its point.
        b: the second.
        match: `epsilon`, or `l2` for the achieved mean distance.
    """
    spent_a, spent_b = (
        side.curve.epsilons if match == "epsilon" else side.curve.level("l2") for side in (a, b)
    )  # fmt: skip
    wanted = float(spent_a[k])
    found = finished(equal_job(a, k, b)) if match == "l2" else None
    if found and found.result:
        (curve,) = found.result.curves
        return Match(Side(b.name, found.result, curve), 0, float(curve.level("l2")[0]), wanted, solved=True)
    try:
        j = match_epsilon(wanted, b.curve.epsilons, spent_b, float(a.curve.epsilons[k]))
    except BadValueError:
        return None
    return Match(b, j, float(spent_b[j]), wanted, solved=False)


def equal_job(a: Side, k: int, b: Side) -> EqualJob:
    """What is solved for: the second at the mean L2 of the first's k-th point."""
    l2, side = float(a.curve.level("l2")[k]), int(np.sign(a.curve.epsilons[k]))
    result = b.result
    return EqualJob(result.dataset, result.model, b.curve.rule, result.planned, result.label_source, l2, side)


def solving(a: Side, k: int, b: Side) -> None:
    """A button that solves for the epsilon, and its progress; or why there is none. The page runs anew when it is done.

    Args:
        a: the first curve.
        k: the place of its point, not at epsilon 0.
        b: the second.
    """
    job = equal_job(a, k, b)
    if found := finished(job):
        _unreached(b, found)
        return
    if not (a.result.complete and b.result.complete):
        return
    if cached.images_at_hand(b.result.dataset) < b.result.planned:
        st.caption("To find the ε of equal mean L2, gradlab needs the images at hand: choose fewer of them.")
        return
    title = f"Find the ε of {b.name} at equal mean L2"
    if state.under_way(job) or st.button(title, icon=":material/balance:", key="solve"):
        watch(job, lambda place, grown: place.caption(f"{grown.doing} …"))


def _unreached(b: Side, found: Equalled) -> None:
    if not found.equal.reached:
        st.info(
            f"{b.name} cannot change these images by a mean L2 of {found.equal.wanted:.4g}. Its direction allows "
            f"{found.equal.most:.4g} at most, at ε = {format_epsilon(found.equal.epsilon, b.curve.rule)} and beyond.",
            icon=":material/info:",
        )
