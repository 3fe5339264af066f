"""What figures of accuracies show, in one sentence with its numbers: written above each, and read out in its place.

Plain text, made of a figure's data and of nothing else. A sentence says on how many images it rests, and gives epsilon
with its unit, or the change that was achieved.
"""

from collections.abc import Iterable
from functools import partial

import numpy as np

from gradlab.figures.compare import Side
from gradlab.figures.paper import SCALES
from gradlab.figures.sweep import Axis
from gradlab.statistics import normalised_area, wilson_interval
from gradlab.steps.epsilon import format_epsilon
from gradlab.types import Curve, FloatArray, Rule, SweepResult

_NAMES = {"l2": "mean L2", "linf": "mean L∞", "psnr": "median PSNR", "ssim": "mean SSIM"}


def named(rule: Rule) -> str:
    """A rule within a sentence: *sign*, but *the plain gradient*."""
    return f"the {rule.row.words}" if " " in rule.row.words else rule.row.words


def epsilon_text(curve: Curve, k: int) -> str:
    """The k-th epsilon of a curve: `ε = +8/255`."""
    return f"ε = {_written(curve, k)}"


def usual(curve: Curve, *sides: int) -> int | None:
    """The place of the epsilon nearest to the rule's usual step; None where there is none.

    Args:
        curve: whose epsilons.
        sides: of 0, 1 or −1, the first that has an epsilon counts; above it and then below unless they are given.
    """
    signs = np.sign(curve.epsilons)
    there = next((found for side in sides or (1, -1) if len(found := np.flatnonzero(signs == side))), ())
    if not len(there):
        return None
    return int(there[np.abs(np.abs(curve.epsilons[there]) - curve.steps_of.row.size).argmin()])


def share_text(right: float, images: int) -> str:
    """A share of the images; where their number is none, not defined."""
    return f"{right / images:.1%}" if np.isfinite(right) else "not defined"


def listed(parts: Iterable[str]) -> str:
    """Parts of a sentence one after the other: `a, b and c`."""
    *most, last = parts
    return f"{', '.join(most)} and {last}" if most else last


def on_images(images: int, rights: Iterable[float]) -> str:
    """The end of a sentence: on how many images its shares rest, and how far their intervals reach."""
    counts = np.array([right for right in rights if np.isfinite(right)])
    if not len(counts):
        return f"{images:,} images"
    low, high = wilson_interval(counts, images)
    reach = float(np.maximum(high - counts / images, counts / images - low).max())
    return f"{images:,} images, 95% intervals within ±{np.ceil(1000 * reach - 1e-9) / 10:.1f} points"


def _moves(result: SweepResult, after: float) -> str:
    """How accuracy changes: `accuracy falls from 85.5% to 4.0%`."""
    before, what = result.clean_correct, counted(result)
    old, new = share_text(before, result.images), share_text(after, result.images)
    if old == new or not np.isfinite(after):
        return f"{what} stays at {old}" if old == new else f"{what} is {new}"
    return f"{what} {'falls' if after < before else 'rises'} from {old} to {new}"


def counted(result: SweepResult) -> str:
    """What is counted, within a sentence: `accuracy`, or `the share that keeps its class`."""
    return result.counted if result.labelled else f"the {result.counted}"


def sweep_said(result: SweepResult, axis: Axis = "epsilon") -> str:
    """What the first rule's usual step does, and what the others do that change the images about as much.

    That is the measured point with the nearest mean L2 on the same side of 0; its own is always given.
    """
    return _at_one_change(result, "l2", None, axis == "epsilon")


def fair_said(result: SweepResult, measure: str, rounded: bool = False) -> str:
    """The same for a figure over the change that was made, by any of its measures, climbing."""
    return _at_one_change(result, measure, rounded, False)


def _at_one_change(result: SweepResult, measure: str, rounded: bool | None, with_epsilon: bool) -> str:
    clean, images = result.clean_correct, result.images
    first, k = next(((c, n) for c in result.curves if (n := usual(c)) is not None), (None, 0))
    if first is None:
        return f"Without a step, {counted(result)} is {share_text(clean, images)}; {on_images(images, [clean])}."
    side = float(first.epsilons[k])
    right = result.correct_rounded if rounded else result.correct
    level = float(first.level(measure)[k])
    counts = [float(right(first)[k])]
    text = (
        f"With {named(first.rule)}, {_moves(result, counts[0])}{' after rounding to 8 bit' if rounded else ''} "
        f"at {epsilon_text(first, k)} ({_note(measure, level)})"
    )
    others: list[str] = []
    for curve in result.curves:
        j = None if curve is first else _nearest(curve, measure, level, side)
        if j is None:
            continue
        counts.append(float(right(curve)[j]))
        where = f" at {epsilon_text(curve, j)}" if with_epsilon else ""
        change = _note(measure, float(curve.level(measure)[j])).removeprefix(f"{_NAMES[measure]} ")
        leaves = "" if others else "leaves "
        others.append(f"{named(curve.rule)} {leaves}{share_text(counts[-1], images)}{where} ({change})")
    beside = f"; at the nearest {_NAMES[measure]} that was measured, {listed(others)}" if others else ""
    return f"{text}{beside}; {on_images(images, counts)}."


def _note(measure: str, value: float) -> str:
    return SCALES[measure].note(value) if np.isfinite(value) else "most images unchanged"


def _nearest(curve: Curve, measure: str, wanted: float, side: float) -> int | None:
    """The place of the point on a side of 0 whose measure comes nearest."""
    with np.errstate(invalid="ignore"):
        gaps = np.abs(curve.level(measure) - wanted)
    there = np.flatnonzero((np.sign(curve.epsilons) == np.sign(side)) & np.isfinite(gaps))
    return int(there[gaps[there].argmin()]) if len(there) else None


def compare_said(a: Side, k: int, b: Side, j: int | None) -> str:
    """The two points that are ringed: the k-th of the first curve, the j-th of the second; None: it has none there."""
    points = [(a, k), *([] if j is None else [(b, j)])]
    return f"{'; '.join(_point_said(side, n) for side, n in points)}."


def _point_said(side: Side, k: int) -> str:
    curve, result = side.curve, side.result
    right = float(result.correct(curve)[k])
    is_right, clean = (
        ("is right on", f", and on {result.clean_accuracy:.1%} clean")
        if result.labelled
        else ("keeps the class of", "")
    )
    return (
        f"{side.name} {is_right} {share_text(right, result.images)} at {epsilon_text(curve, k)}, "
        f"{_note('l2', float(curve.level('l2')[k]))}{clean}; {on_images(result.images, [right, result.clean_correct])}"
    )


def area_said(result: SweepResult) -> str:
    """The mean accuracies on both sides of 0, with how far each rule's epsilons reach."""
    told = listed(map(partial(_areas, result), result.curves)) if result.curves else "no rule has a step"
    clean = f"; clean accuracy is {result.clean_accuracy:.1%}" if result.labelled else ""
    return f"Mean {result.counted} away from and towards the class: {told}{clean} ({result.images:,} images)."


def _areas(result: SweepResult, curve: Curve) -> str:
    shares: FloatArray = result.correct(curve) / result.images
    both = normalised_area(curve.epsilons, shares, result.clean_accuracy)
    up, down = (f"{area:.1%}" if np.isfinite(area) else "none" for area in both)
    return f"{named(curve.rule)} {up} and {down} (ε from {_written(curve, 0)} to {_written(curve, -1)})"


def _written(curve: Curve, k: int) -> str:
    return format_epsilon(float(curve.epsilons[k]), curve.steps_of)


def labels_said(true: SweepResult, predicted: SweepResult) -> str:
    """What a usual step towards the class does for the first rule, where that is the true one and the predicted one."""
    rules = {curve.rule for curve in predicted.curves}
    for one in true.curves:
        k = usual(one, -1)
        if k is None or one.rule not in rules:
            continue
        other = predicted.curve(one.rule)
        j = int(np.abs(other.epsilons - one.epsilons[k]).argmin())
        told, untold = float(true.correct(one)[k]), float(predicted.correct(other)[j])
        return (
            f"With {named(one.rule)}, a step towards the true class: "
            f"{_moves(true, told)} at {epsilon_text(one, k)}; one towards what "
            f"the network predicts: {_moves(predicted, untold)} at "
            f"{epsilon_text(other, j)}; {on_images(true.images, [told, untold])}."
        )
    return f"Without a step, {counted(true)} is {share_text(true.clean_correct, true.images)}; {true.images:,} images."
