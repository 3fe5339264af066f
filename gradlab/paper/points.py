"""One point of a curve, as the tables show it."""

from dataclasses import dataclass

import numpy as np

from gradlab.statistics import wilson_interval
from gradlab.types import Curve, Rule, SweepResult


@dataclass(frozen=True)
class Point:
    """How many images a step leaves right, and how large the step came out.

    Attributes:
        rule: which direction; None for the clean images.
        epsilon: the signed step, in the rule's unit; 0 for the clean images.
        correct: how many images are right.
        images: of how many.
        low: lower end of the Wilson 95 % interval of the accuracy.
        high: its upper end.
        l2: mean achieved L2 distance.
        linf: mean achieved L∞ distance.
        psnr: median, in dB; ∞ where nothing changed.
        ssim: mean; None where it was not measured, or the images are too small for one.
    """

    rule: Rule | None
    epsilon: float
    correct: int
    images: int
    low: float
    high: float
    l2: float
    linf: float
    psnr: float
    ssim: float | None

    @property
    def accuracy(self) -> float:
        """The share that is right."""
        return self.correct / self.images

    @property
    def error(self) -> float:
        """The share that is wrong."""
        return 1 - self.accuracy


def median_psnr_text(psnr: float, l2: float) -> str:
    """A median PSNR, in dB. It is ∞ where half of the images or more did not change; the others may have.

    Args:
        psnr: the median over the images.
        l2: the mean of their L2 distances: 0 where none of them changed.
    """
    if psnr != float("inf"):
        return f"{psnr:.1f} dB"
    return "∞ (half or more unchanged)" if l2 else "∞ (identical)"


def point(result: SweepResult, curve: Curve, k: int) -> Point:
    """The k-th point of a curve."""
    correct = int((curve.predictions[k] == result.labels).sum())  # of this row only: pages ask for many points
    low, high = wilson_interval(correct, result.images)
    l2, linf, psnr = (float(curve.level(name)[k]) for name in ("l2", "linf", "psnr"))
    ssim = None if curve.ssim is None else float(curve.level("ssim")[k])
    ssim = None if ssim is None or np.isnan(ssim) else ssim
    epsilon = float(curve.epsilons[k])
    return Point(curve.rule, epsilon, correct, result.images, float(low), float(high), l2, linf, psnr, ssim)


def clean_point(result: SweepResult) -> Point:
    """The images before anything is done to them."""
    correct = result.clean_correct
    low, high = wilson_interval(correct, result.images)
    return Point(None, 0.0, correct, result.images, float(low), float(high), 0.0, 0.0, float("inf"), 1.0)
