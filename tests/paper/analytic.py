"""Curves that are formulas: what is looked for on them is known."""

from collections.abc import Callable, Iterable

import numpy as np
from helpers import result

from gradlab.steps.epsilon import default_grid
from gradlab.types import Curve, Rule, SweepResult

IMAGES = 1000
# The order in which images fall: any share is half of those that an epsilon is chosen on, half of the others.
_BLOCK, _HALF = np.arange(IMAGES) // 100, np.arange(IMAGES) // 100 % 2
RANK = 2 * (_BLOCK // 2 * 100 + np.arange(IMAGES) % 100) + _HALF
Formula = Callable[[float], float]


def analytic_curve(rule: Rule, epsilons: Iterable[float], accuracy: Formula) -> Curve:
    """A curve that leaves the first accuracy(ε) · IMAGES images by RANK right (class 0) and calls the others 1."""
    grid = np.array(sorted(epsilons))
    right = np.array([round(accuracy(float(e)) * IMAGES) for e in grid])
    predictions = (right[:, None] <= RANK).astype(np.int16)
    size = np.abs(grid)[:, None].astype(np.float32)
    with np.errstate(divide="ignore"):
        psnr = -20 * np.log10(size)
    return Curve(
        rule=rule, epsilons=grid, predictions=predictions, rounded=predictions, probability=1 / (1 + size),
        l2=size * 10, linf=size, psnr=psnr, clipped=size * 0, ssim=1 / (1 + size),
    )  # fmt: skip


def analytic_result(
    formulas: dict[Rule, Formula], clean: float = 0.6, more: dict[Rule, list[float]] | None = None
) -> SweepResult:
    """A sweep over the default grids, and more epsilons; of IMAGES images of class 0."""
    curves = [
        analytic_curve(rule, {*default_grid(rule), *(more or {}).get(rule, [])}, formula)
        for rule, formula in formulas.items()
    ]
    empty = result(*curves, labels=(0,) * IMAGES, planned=IMAGES)
    before = (round(clean * IMAGES) <= RANK).astype(np.int64)
    return SweepResult(**vars(empty) | {"clean_predictions": before})
