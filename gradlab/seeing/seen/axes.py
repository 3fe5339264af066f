"""The same sizes of a step on another axis: by how much the images of the sweep changed at them.

Between the sizes that were measured, the logarithm of L2, the PSNR (itself a logarithm) and the logarithm of 1 − SSIM
are interpolated linearly over the logarithm of the size, and never turn back: exact wherever the change grows as a
power of the step. Below the smallest size that was measured, nothing is clipped yet worth mentioning, and the change is
proportional to the step: L2 as the size, PSNR by 20 dB a factor of ten, 1 − SSIM as its square. Beyond the largest size
nothing is known: NaN.

Where the network was measured on the images that people were shown, these are what such an axis speaks of.
"""

import math
from typing import get_args

import numpy as np

from gradlab.errors import BadValueError
from gradlab.types import Estimate, FloatArray, Seen, SeenAxis, SeenNetwork

SEEN_AXES: tuple[SeenAxis, ...] = get_args(SeenAxis)
AXIS_MEASURES = ("l2", "psnr", "ssim")
_SLOPES = {"l2": 1.0, "psnr": -20 / np.log(10), "ssim": 2.0}  # of what is interpolated, for a small step


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
