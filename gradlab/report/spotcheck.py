"""How far answers in a faster precision can be believed: what a sweep asked again in float32, and what follows."""

from typing import Any

import numpy as np

from gradlab.report.table import picked
from gradlab.statistics import clopper_pearson
from gradlab.types import Curve, SweepResult

ONE_SIDED = 0.05  # how often the bound may be too low


def spot_check_to_dict(result: SweepResult) -> dict[str, Any]:
    """The counts of `SweepResult`, and how many of the answers that rest on the faster precision alone may be wrong.

    `wrong_share_high` bounds the share that is wrong of all answers that weren't in doubt, checked or not: one-sided,
    95 %, after Clopper and Pearson (see `clopper_pearson`). `wrong_high` is how many of `unchecked` that comes to: all
    that the share allows, without those that were found. Both None where nothing was checked and there is something to.
    For a part of a baseline, these are the numbers of the whole baseline.
    """
    counts = picked(result, "checked", "disagreed", "unchecked")
    share = None
    if result.checked:
        share = float(clopper_pearson(result.disagreed, result.checked, tail=ONE_SIDED)[1])
    allowed = None if share is None else share * (result.checked + result.unchecked) - result.disagreed
    wrong = 0.0 if not result.unchecked else None if allowed is None else min(allowed, float(result.unchecked))
    return {**counts, "wrong_share_high": share, "wrong_high": wrong}


def spot_check_text(result: SweepResult) -> str:
    """The same in a sentence or two without a full stop; empty where nothing but float32 was ever asked."""
    of, high = " of the whole baseline" if result.condensed else "", spot_check_to_dict(result)["wrong_high"]
    if high is None:
        return f"None of the other answers{of}, {result.unchecked:,} at most, was asked again as a check"
    if not result.checked:
        return ""
    wrong = f"{result.disagreed:,} {'was' if result.disagreed == 1 else 'were'}" if result.disagreed else "none was"
    found = (
        f"Of the answers{of} that were not in doubt, {result.checked:,}, chosen at random, were asked again in "
        f"float32: {wrong} wrong"
    )
    if not result.unchecked:
        return f"{found}, so all were measured in float32" if result.disagreed else found
    share = high / result.unchecked
    return (
        f"{found}. So, with 95 % confidence, at most {int(high):,} of the other {result.unchecked:,} are wrong "
        f"({share * 100:{'.2g' if share < 0.1 else '.0f'}}%)"
    )


def precision_text(result: SweepResult) -> str:
    """In which precision the perturbed images were asked about, and what is known of its answers."""
    exact, check = result.precision == "float32", spot_check_text(result)
    text = result.precision if exact else f"{result.precision}; close calls were made again in float32"
    return f"{text}. {check}." if check else text


def agreement(first: SweepResult, second: SweepResult) -> tuple[int, int]:
    """How many predictions are the same, and how many were compared.

    Compared is each image that is in both, clean and at each epsilon that both have of a rule, before rounding.
    """
    _, a, b = np.intersect1d(first.indices, second.indices, return_indices=True)
    pairs = [(first.clean_predictions[a], second.clean_predictions[b])]
    others = {(curve.rule, curve.equal_to): curve for curve in second.curves}
    for curve in first.curves:
        if other := others.get((curve.rule, curve.equal_to)):
            pairs.append(_shared(curve, other, a, b))
    return sum(int((x == y).sum()) for x, y in pairs), sum(x.size for x, _ in pairs)


def _shared(first: Curve, second: Curve, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    _, rows, others = np.intersect1d(first.epsilons, second.epsilons, return_indices=True)
    return first.predictions[np.ix_(rows, a)], second.predictions[np.ix_(others, b)]
