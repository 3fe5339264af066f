"""What a sweep says of a network on one side of epsilon 0: its accuracy, and by how much the images changed there.

Both are known between the epsilons that were measured, too. For another axis than epsilon, the logarithm of L2, the
PSNR (itself a logarithm) and the logarithm of 1 − SSIM are interpolated linearly over the logarithm of the size, and
never turn back: exact wherever the change grows as a power of the step. Below the smallest size that was measured,
hardly anything is clipped yet, and the change is proportional to the step: L2 as the size, PSNR by 20 dB a factor of
ten, 1 − SSIM as its square. Beyond the largest size nothing is known: NaN.

Where the network was measured on the images that people were shown, such an axis speaks of these.
"""

import math
from typing import get_args

import numpy as np

from gradlab.errors import BadValueError
from gradlab.statistics import wilson_interval
from gradlab.types import Accuracy, Estimate, FloatArray, Rule, Seen, SeenAxis, SeenNetwork, SweepResult

SEEN_AXES: tuple[SeenAxis, ...] = get_args(SeenAxis)
AXIS_MEASURES = ("l2", "psnr", "ssim")
_SLOPES = {"l2": 1.0, "psnr": -20 / np.log(10), "ssim": 2.0}  # of what is interpolated, for a small step


def network_of(sweep: SweepResult, rule: Rule, descend: bool = False) -> SeenNetwork:
    """The accuracy over the size of the step, after rounding to 8 bit where the sweep rounded: people see it rounded.

    Sizes at which rounding is not defined (`rounding_defined`) are then left out.

    Args:
        sweep: of the network; it may be condensed.
        rule: one of its rules.
        descend: whether the epsilons below 0 are meant, instead of those above.

    Raises:
        UnknownNameError: when the sweep had no such rule.
        BadValueError: when it has no image, or no epsilon on that side that counts.
    """
    curve = sweep.curve(rule)
    right = sweep.correct(curve) if curve.rounded is None else sweep.correct_rounded(curve)
    order = np.argsort(np.abs(curve.epsilons), kind="stable")
    kept = order[(np.sign(curve.epsilons[order]) == (-1 if descend else 1)) & np.isfinite(right[order])]
    if not len(kept) or not sweep.images:
        side = "below" if descend else "above"
        raise BadValueError(
            f"expected a sweep of {rule} with images and an epsilon {side} 0, got {sweep.images} images"
        )
    counts = right[kept]
    low, high = wilson_interval(counts, sweep.images)
    clean_low, clean_high = wilson_interval(sweep.clean_correct, sweep.images)
    return SeenNetwork(
        dataset=sweep.dataset, model=sweep.model, labels=sweep.label_source, source=sweep.source, split=sweep.split,
        images=sweep.images, rounded=curve.rounded is not None,
        clean=Accuracy(0.0, sweep.clean_accuracy, float(clean_low), float(clean_high)),
        sizes=np.abs(curve.epsilons[kept]), share=counts / sweep.images, low=low, high=high,
        levels={name: curve.level(name)[kept] for name in AXIS_MEASURES if getattr(curve, name) is not None},
        labelled=sweep.labelled,
    )  # fmt: skip


def accuracy_at(network: SeenNetwork, size: float) -> Accuracy | None:
    """The accuracy at a size of the step; None beyond the largest that was measured.

    Between two sizes that were measured, accuracy and the ends of its interval are interpolated, linearly over the
    logarithm of the size; between 0 and the smallest one, over the size itself.

    Args:
        network: as `network_of` returns it.
        size: at least 0, in the rule's unit.
    """
    clean = network.clean
    sizes = [0.0, *network.sizes.tolist()]
    rows = [
        (clean.share, clean.low, clean.high),
        *zip(network.share.tolist(), network.low.tolist(), network.high.tolist(), strict=True),
    ]
    for place, known in enumerate(sizes):
        if math.isclose(size, known, rel_tol=1e-9):
            return Accuracy(size, *rows[place])
        if size < known:
            weight = _weight(size, sizes[place - 1], known)
            share, low, high = (
                (1 - weight) * a + weight * b for a, b in zip(rows[place - 1], rows[place], strict=True)
            )
            return Accuracy(size, share, low, high, ((sizes[place - 1], rows[place - 1][0]), (known, rows[place][0])))
    return None


def accuracies(
    network: SeenNetwork | None, threshold: Estimate
) -> tuple[Accuracy | None, tuple[Accuracy | None, Accuracy | None]]:
    """The accuracy at a threshold, and at both ends of its interval; None for what is not known."""
    at, low, high = (
        accuracy_at(network, size) if network and size and math.isfinite(size) else None
        for size in (threshold.value, threshold.low, threshold.high)
    )
    return at, (low, high)


def _weight(size: float, below: float, above: float) -> float:
    return math.log(size / below) / math.log(above / below) if below else size / above


def axes_of(networks: tuple[SeenNetwork | None, ...]) -> tuple[SeenAxis, ...]:
    """The axes that all of some rules can be drawn over: without a sweep, or where nothing changed, only epsilon."""
    return tuple(
        axis for axis in SEEN_AXES if axis == "epsilon" or all(one is not None and _told(one, axis) for one in networks)
    )


def on_axis(network: SeenNetwork | None, axis: SeenAxis, sizes: FloatArray) -> FloatArray:
    """Where sizes of the step stand on an axis.

    Args:
        network: as `network_of` returns it; `epsilon` needs none.
        axis: `epsilon` (the sizes themselves), `l2` (mean), `psnr` (median, dB; it falls) or `ssim` (mean; it falls).
        sizes: float64 (K,), above 0, in the rule's unit.

    Returns:
        float64 (K,); NaN beyond the largest size that was measured.

    Raises:
        BadValueError: for a measure without a sweep, or that the sweep did not take.
    """
    sizes = np.asarray(sizes, dtype=np.float64)
    if axis == "epsilon":
        return sizes
    if network is None or axis not in network.levels:
        raise BadValueError(
            f"expected a sweep that measured {axis}, got {'none' if network is None else 'one without'}"
        )
    known = _straight(axis, network.levels[axis])
    kept = np.isfinite(known)
    if not kept.any():
        return np.full(sizes.shape, np.nan)
    return _curved(axis, _interpolated(np.log(sizes), np.log(network.sizes[kept]), known[kept], _SLOPES[axis]))


def visible_psnr(seen: Seen) -> Estimate | None:
    """The PSNR from which on people see a rule's change, as they were measured: that of the images shown, in dB.

    The median over these images at the threshold, before rounding to 8 bit; its interval holds that of the threshold,
    and nothing of how the images differ among themselves. Against 34 or 40 dB, which others take for the limit of what
    is seen, it is a third convention, of these people, these images and this screen.

    Args:
        seen: as `see` returns it, with `shown`.

    Returns:
        Value and 95 % interval, the lower end from the larger size; an end beyond what was measured is 0 or ∞. None
        where only a bound of the threshold is known, or what the images shown are like there is not.
    """
    threshold, shown = seen.fit.threshold, seen.shown
    if threshold.value is None or shown is None or "psnr" not in axes_of((shown,)):
        return None
    sizes = np.array([threshold.value, threshold.high, threshold.low or np.nan])
    value, low, high = on_axis(shown, "psnr", sizes).tolist()
    if not math.isfinite(value):
        return None
    return Estimate(value, low if math.isfinite(low) else 0.0, high if math.isfinite(high) else math.inf)


def _told(network: SeenNetwork, axis: str) -> bool:
    return axis in network.levels and bool(np.isfinite(_straight(axis, network.levels[axis])).any())


def _interpolated(x: FloatArray, known_x: FloatArray, known_y: FloatArray, slope: float) -> FloatArray:
    onward = np.maximum.accumulate if slope > 0 else np.minimum.accumulate
    known_y = onward(known_y)
    within = np.interp(x, known_x, known_y)
    small = known_y[0] + slope * (x - known_x[0])
    found: FloatArray = np.where(x < known_x[0], small, np.where(x > known_x[-1] + 1e-9, np.nan, within))
    return found


def _straight(axis: str, values: FloatArray) -> FloatArray:
    values = np.asarray(values, dtype=np.float64)
    if axis == "psnr":
        return values
    with np.errstate(divide="ignore", invalid="ignore"):  # an SSIM may come out a last digit above 1
        logs: FloatArray = np.log(values if axis == "l2" else 1 - values)
    return logs


def _curved(axis: str, values: FloatArray) -> FloatArray:
    if axis == "psnr":
        return values
    grown: FloatArray = np.exp(values)
    return grown if axis == "l2" else 1 - grown
