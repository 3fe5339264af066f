"""What figures of classes and of flips show, in one sentence with its numbers; see `said`."""

from collections.abc import Sequence

import numpy as np

from gradlab.figures.said import epsilon_text, listed, named, usual
from gradlab.statistics import class_accuracy, confusion, first_flip
from gradlab.steps.epsilon import format_epsilon
from gradlab.types import Curve, FloatArray, IntArray, Rule, SweepResult


def class_heat_said(result: SweepResult, curve: Curve, k: int) -> str:
    """Which class keeps least and which most at the framed epsilon, and what both had before."""
    before, after, members = _classes(result, curve, k)
    low, high = _ends(after)
    return (
        f"With {named(curve.rule)} at {epsilon_text(curve, k)}, {_of(result, low, before, after, members)} has the "
        f"lowest {result.counted} and {_of(result, high, before, after, members)} the highest."
    )


def class_bar_said(result: SweepResult, curve: Curve, k: int) -> str:
    """Which class changes most and which least."""
    before, after, members = _classes(result, curve, k)
    least, most = _ends(np.abs(after - before))
    return (
        f"With {named(curve.rule)} at {epsilon_text(curve, k)}, the {result.counted} of "
        f"{_of(result, most, before, after, members)} changes most and that of "
        f"{_of(result, least, before, after, members)} least."
    )


def class_panels_said(result: SweepResult, classes: Sequence[int]) -> str:
    """Between which accuracies the classes lie before the step and after the first rule's usual one."""
    clean = class_accuracy(result.clean_predictions[None], result.labels, len(result.classes))[0]
    members = int(np.isin(result.labels, list(classes)).sum())
    text = f"{result.counted.capitalize()} by class: clean {_range(result, clean, classes) or 'not known'}"
    for curve in result.curves:
        k = usual(curve)
        if k is not None and (after := _range(result, _classes(result, curve, k)[1], classes)):
            text += f", {after} with {named(curve.rule)} at {epsilon_text(curve, k)}"
            break
    return f"{text} ({members:,} images of {len(classes)} class{'es' * (len(classes) > 1)})."


def _range(result: SweepResult, shares: FloatArray, classes: Sequence[int]) -> str:
    known = [n for n in classes if np.isfinite(shares[n])]
    if not known:
        return ""
    low, high = min(known, key=lambda n: shares[n]), max(known, key=lambda n: shares[n])
    if low == high:
        return f"{shares[low]:.1%}"
    return f"{shares[low]:.1%} ({result.classes[low]}) to {shares[high]:.1%} ({result.classes[high]})"


def _classes(result: SweepResult, curve: Curve, k: int) -> tuple[FloatArray, FloatArray, IntArray]:
    """The accuracy of each class before and after, and how many images it has."""
    rows = np.stack([result.clean_predictions, curve.predictions[k]])
    before, after = class_accuracy(rows, result.labels, len(result.classes))
    return before, after, np.bincount(result.labels, minlength=len(result.classes))


def _ends(values: FloatArray) -> tuple[int, int]:
    return int(np.nanargmin(values)), int(np.nanargmax(values))


def _of(result: SweepResult, n: int, before: FloatArray, after: FloatArray, members: IntArray) -> str:
    images = f"{members[n]:,} image{'' if members[n] == 1 else 's'}"
    return f"{result.classes[n]} ({after[n]:.1%} of {images}, clean {before[n]:.1%})"


def confusion_said(result: SweepResult, curve: Curve, k: int) -> str:
    """How many images change their class, and what turns into what most often."""
    counts = _moved(result, curve, k)
    text = (
        f"With {named(curve.rule)} at {epsilon_text(curve, k)}, {counts.sum():,} of {result.images:,} images change "
        "their class"
    )
    if not counts.any():
        return f"{text}."
    before, after = divmod(int(counts.argmax()), len(counts))
    often = f"{result.classes[before]} to {result.classes[after]} ({counts[before, after]:,})"
    return f"{text}, most often from {often}."


def flow_said(result: SweepResult, curve: Curve, k: int) -> str:
    """Which class loses most images to others, and which gets most."""
    counts = _moved(result, curve, k)
    left, got = counts.sum(axis=1), counts.sum(axis=0)
    if not counts.any():
        return f"With {named(curve.rule)} at {epsilon_text(curve, k)}, all {result.images:,} images keep their class."
    most, into = int(left.argmax()), int(got.argmax())
    return (
        f"With {named(curve.rule)} at {epsilon_text(curve, k)}, most images leave {result.classes[most]} "
        f"({left[most]:,}) and most come to {result.classes[into]} ({got[into]:,}), of {counts.sum():,} that change "
        f"their class ({result.images:,} images)."
    )


def _moved(result: SweepResult, curve: Curve, k: int) -> IntArray:
    counts = confusion(result.clean_predictions, curve.predictions[k].astype(np.int64), len(result.classes))
    np.fill_diagonal(counts, 0)
    return counts


def flip_said(result: SweepResult) -> str:
    """For each rule the epsilon above 0 by which half of the images have flipped; or how many have at the largest."""
    told = []
    for curve in result.curves:
        side = 1 if (curve.epsilons > 0).any() else -1
        if (np.sign(curve.epsilons) == side).any():
            up, down = first_flip(curve.epsilons, curve.predictions, result.clean_predictions)
            told.append(_half(up if side > 0 else down, curve.epsilons, curve.rule, side))
    told = told or ["none, for there is no step"]
    return f"So many of {result.images:,} images have changed their class: {listed(told)}."


def flip_side_said(flips: FloatArray, rule: Rule, side: int, epsilons: FloatArray, complete: bool = True) -> str:
    """The same for one rule on one side of 0, and how many images never flip; arguments as for the figure.

    Args:
        flips: (N,), signed; NaN where an image never flips.
        rule: the direction.
        side: above or below 0.
        epsilons: those that were tried.
        complete: whether all of them were.
    """
    never = int(np.isnan(flips).sum())
    rest = f"{never:,} {'never flip' if complete else 'have not flipped so far'}"
    return f"So many of {len(flips):,} images have changed their class: {_half(flips, epsilons, rule, side)}; {rest}."


def _half(flips: FloatArray, epsilons: FloatArray, rule: Rule, side: int) -> str:
    outward = sorted((float(e) for e in epsilons if e * side > 0), key=abs)
    shares = [float((np.abs(flips) <= abs(e)).mean()) for e in outward]  # NaN is no flip
    k = next((n for n, share in enumerate(shares) if share >= 0.5), len(outward) - 1)
    far = ", the largest tried" if k == len(outward) - 1 and shares[k] < 0.5 else ""
    return f"{shares[k]:.1%} by ε = {format_epsilon(outward[k], rule)}{far} ({rule.row.words})"
