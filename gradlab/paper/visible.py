"""Image by image: which changes are small enough to pass unseen, and what they do.

A median says nothing of the images that flip: a step of `raw` changes some a lot and most hardly, and those that it
changes a lot are those that flip. So a limit is put to each image: where the step changes it to a PSNR below, the image
counts as not attacked, and is right or wrong as it was before.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from gradlab.paper.aims import halves
from gradlab.paper.points import Point, point
from gradlab.statistics import spread, wilson_interval
from gradlab.steps.epsilon import PIXEL_LEVELS
from gradlab.types import BoolArray, Curve, FloatArray, Rule, SweepResult

# In dB: what is changed by less (a higher PSNR) counts as unseen. Conventions: no number settles what a person sees;
# `gradlab.seeing.thresholds.visible_psnr` gives what people were measured to see.
CONVENTIONS: Mapping[str, float] = {"40": 40.0, "34": 34.0}
DEFAULT = "40"
LIMIT = CONVENTIONS[DEFAULT]
NARROW = 1.25  # a bracket whose ends differ by less than this factor is not narrowed further


def levels_text(limit: float) -> str:
    """A PSNR as the change of every value that comes to it, in n/255."""
    return f"{10 ** (-limit / 20) * PIXEL_LEVELS:.3g}/{PIXEL_LEVELS}"


@dataclass(frozen=True)
class Flipped:
    """The images that a step turns from right to wrong.

    Attributes:
        images: how many.
        seen: how many of these it changes to a PSNR below the limit.
        limit: in dB.
        psnr: the 5th percentile of their PSNR, the median and the 95th, in dB.
        ssim: of their SSIM, likewise; None where it was not measured.
    """

    images: int
    seen: int
    limit: float
    psnr: tuple[float, float, float] | None
    ssim: tuple[float, float, float] | None


def of_each(curve: Curve, measure: str, images: int) -> FloatArray | None:
    """A measure of each image, (K, N); None where it was not measured, or is known of all images together only."""
    values: FloatArray | None = getattr(curve, measure)
    return None if values is None or values.shape[1] != images else values


def unseen_right(result: SweepResult, curve: Curve, limit: float) -> BoolArray:
    """Which images are right where only those count as attacked that are changed to `limit` dB or more: bool (K, N)."""
    before = result.clean_predictions == result.labels
    right: BoolArray = np.where(curve.psnr >= limit, curve.predictions == result.labels, before)
    return right


def unseen_point(result: SweepResult, curve: Curve, k: int, limit: float) -> Point:
    """The k-th point of a curve, of which only the changes that pass unseen count."""
    correct = int(unseen_right(result, curve, limit)[k].sum())
    low, high = wilson_interval(correct, result.images)
    return replace(point(result, curve, k), correct=correct, low=float(low), high=float(high))


def lowest_unseen(result: SweepResult, side: int = 1, limit: float = LIMIT) -> Point | None:
    """The epsilon of `raw` that does most where only changes that pass unseen count.

    On the side of 1 the fewest images are right there, on the side of −1 the most. It is chosen on one half of the
    images and reported on the other, see `gradlab.paper.aims`.

    Args:
        result: a sweep with `raw` and the PSNR of each image, as the part of a baseline that is at equal change.
        side: of 0.
        limit: in dB.

    Returns:
        None where there is no such curve, or no epsilon on that side.
    """
    curves = [
        curve for curve in result.curves if curve.rule == Rule.RAW and of_each(curve, "psnr", result.images) is not None
    ]
    choose, report = halves(result)
    if not curves or not len(report):
        return None
    only = replace(result, curves=tuple(curves[:1]))
    seen, part = only.part(choose), only.part(report)
    k = _best(seen, seen.curves[0], side, limit)
    return None if k is None else unseen_point(part, part.curves[0], k, limit)


def flipped(result: SweepResult, curve: Curve, k: int, limit: float) -> Flipped:
    """How many images the k-th point of a curve turns from right to wrong, and how many of these it changes visibly."""
    turned = (result.clean_predictions == result.labels) & (curve.predictions[k] != result.labels)
    psnr = curve.psnr[k][turned]
    ssim = None if (known := of_each(curve, "ssim", result.images)) is None else known[k][turned]
    return Flipped(int(turned.sum()), int((psnr < limit).sum()), limit, _spread(psnr), _spread(ssim))


def unseen_proposals(result: SweepResult) -> list[float]:
    """Epsilons of `raw` above 0, not measured yet, that would tell more closely where `lowest_unseen` is."""
    wanted = {
        epsilon
        for curve in result.curves
        if curve.rule == Rule.RAW and of_each(curve, "psnr", result.images) is not None
        for limit in CONVENTIONS.values()
        for epsilon in _beside(curve, _best(result, curve, 1, limit))
    }
    return sorted(wanted)


def _best(result: SweepResult, curve: Curve, side: int, limit: float) -> int | None:
    """The point of a curve on one side of 0 that does most; of several as good, the nearest to 0."""
    outward = np.flatnonzero(np.sign(curve.epsilons) == side)[::side]
    if not len(outward):
        return None
    counts = unseen_right(result, curve, limit).sum(axis=1)[outward]
    return int(outward[counts.argmin() if side > 0 else counts.argmax()])


def _beside(curve: Curve, best: int | None) -> list[float]:
    """The middles between a point and its neighbours above 0, on a logarithmic scale."""
    sizes = curve.epsilons[curve.epsilons > 0]
    if best is None:
        return []
    at = int(np.flatnonzero(sizes == curve.epsilons[best])[0])
    pairs = [(sizes[k], sizes[k + 1]) for k in (at - 1, at) if 0 <= k < len(sizes) - 1]
    return [float(f"{np.sqrt(a * b):.3g}") for a, b in pairs if b / a > NARROW]


def _spread(values: FloatArray | None) -> tuple[float, float, float] | None:
    return None if values is None or not len(values) else spread(values)
