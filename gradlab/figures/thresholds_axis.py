"""The horizontal axis: where sizes of a step stand on it, and what is written there."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradlab.seeing.thresholds import on_axis, size_text
from gradlab.steps.epsilon import PIXEL_LEVELS
from gradlab.types import FloatArray, Seen, SeenAxis, Unit

_TITLES = {"l2": "mean L2", "psnr": "median PSNR in dB", "ssim": "mean SSIM"}
_PSNRS = tuple(range(0, 130, 10))
_SSIMS = (0.999999, 0.99999, 0.9999, 0.9997, 0.999, 0.997, 0.99, 0.97, 0.9, 0.7, 0.5, 0.0)
_WIDE = 2.2  # powers of ten; on a wider axis fewer steps of each are marked


def unit_of(seen: Seen, axis: SeenAxis) -> str:
    """Which panel a rule is drawn in: that of its unit, or of all."""
    return seen.rule.unit if axis == "epsilon" else axis


def places(seen: Seen, axis: SeenAxis, sizes: FloatArray) -> FloatArray:
    """Where sizes of the step stand; NaN beyond what was measured."""
    return _stand(on_axis(seen.measured, axis, sizes), axis)


def _stand(values: FloatArray, axis: SeenAxis) -> FloatArray:
    """Where values stand: little change on the left, much on the right."""
    if axis == "psnr":
        return -values
    with np.errstate(divide="ignore"):
        logs: FloatArray = np.log10(1 - values if axis == "ssim" else values)
    return logs


def x_axis(members: Sequence[Seen], axis: SeenAxis, unit: str) -> dict[str, Any]:
    """Options of the axis that some rules share: it reaches as far as was asked."""
    ends = np.concatenate([places(seen, axis, _reach(seen)) for seen in members])
    ends = ends[np.isfinite(ends)]
    low, high = float(ends.min(initial=np.inf)), float(ends.max(initial=-np.inf))
    if not low < high:  # nothing of what was asked stands on this axis, or all of it in one place
        low, high = (low - 1, low + 1) if low == high else (-1.0, 1.0)
    margin = 0.03 * (high - low)
    marks = [(x, text) for x, text in _ticks(axis, unit, high - low) if low - margin <= x <= high + margin]
    return {
        "range": [low - margin, high + margin],
        "tickvals": [x for x, _ in marks],
        "ticktext": [text for _, text in marks],
        "tickangle": 0,
        "title_text": f"{_title(members, axis, unit)} · change →",
        "fixedrange": True,
        "zeroline": False,
    }


def _reach(seen: Seen) -> FloatArray:
    """What was asked, as far as the sweep goes where there is one."""
    far = seen.measured.sizes[-1] if seen.measured else np.inf
    return np.array([seen.fit.span[0], min(seen.fit.span[1], far)])


def _title(members: Sequence[Seen], axis: SeenAxis, unit: str) -> str:
    if axis != "epsilon":
        return f"{_TITLES[axis]}, {'images shown' if members[0].shown else 'all images'}"
    minus = "minus " if members[0].descend else ""
    return f"{minus}{Unit(unit).row.title}"


def _ticks(axis: SeenAxis, unit: str, width: float) -> list[tuple[float, str]]:
    """Where to mark the axis and what to write there; of a wide one only the powers of ten and their halves."""
    if axis == "psnr":
        return [(-float(value), str(value)) for value in _PSNRS]
    if axis == "ssim":
        return [(float(_stand(np.array([value]), axis)[0]), f"{value:g}") for value in _SSIMS]
    if unit == Unit.PIXEL:
        return [(float(np.log10(2.0**n / PIXEL_LEVELS)), f"{2.0**n:g}") for n in range(-4, 9)]
    steps = (1, 2, 5) if width < _WIDE else (1, 3)
    return [(float(np.log10(step * 10.0**n)), f"{step * 10.0**n:.6g}") for n in range(-6, 6) for step in steps]


def where(seen: Seen, axis: SeenAxis, size: float) -> str:
    """A size for a hover text: as ε, and on the axis."""
    text = f"ε = {size_text(float(size), seen.rule, seen.descend)}"
    if axis == "epsilon":
        return text
    value = float(on_axis(seen.measured, axis, np.array([size]))[0])
    return f"{text}, {_TITLES[axis]} {value:.4g}" if np.isfinite(value) else text
