"""The axis that epsilons stand on: signed and logarithmic, so that 0.5/255 and 64/255 are both seen, and both sides."""

from typing import Any

import numpy as np

from gradlab.figures.style import UNIT_TITLES
from gradlab.steps.epsilon import PIXEL_LEVELS
from gradlab.types import FloatArray

# x ↦ sign(x) · log₁₀(1 + |x| / s), which is straight near 0, within ± s.
STRAIGHT = {"pixel": 1 / PIXEL_LEVELS, "gradient": 0.01, "l2": 0.1}
# As many as stand side by side on a phone.
_TICKS = {
    "pixel": [n / PIXEL_LEVELS for n in (0, 1, 2, 4, 8, 16, 32, 64)],
    "gradient": [0, 0.1, 1, 10, 100],
    "l2": [0, 0.2, 1, 3, 10, 30],
}
_FAR = {"pixel": [n / PIXEL_LEVELS for n in (0, 2, 8, 32, 128)]}  # in place of those, where the axis reaches further


def squeeze(values: FloatArray, unit: str) -> FloatArray:
    """Where signed values stand on the axis of a unit."""
    result: FloatArray = np.sign(values) * np.log10(1 + np.abs(values) / STRAIGHT[unit])
    return result


def signed_axis(unit: str, reach: float, title: str = "") -> dict[str, Any]:
    """Options of a horizontal axis from −`reach` to `reach`, in a rule's unit; its title names both directions."""
    marks = ticks(unit, reach)
    edge = float(squeeze(np.array([reach]), unit)[0]) * 1.04 or 1.0
    return {
        "tickvals": squeeze(np.array([epsilon for epsilon, _ in marks]), unit),
        "ticktext": [text for _, text in marks],
        "range": [-edge, edge],
        "tickangle": 0,
        "title_text": f"← descends · {title or UNIT_TITLES[unit]} · climbs →",
        "fixedrange": True,
        "zeroline": False,
    }


def ticks(unit: str, reach: float) -> list[tuple[float, str]]:
    """Signed epsilons to mark on such an axis, ascending, and what to write there."""
    near = _TICKS[unit]
    chosen = _FAR.get(unit, near) if reach > near[-1] * 1.01 else near
    positive = [tick for tick in chosen if tick <= reach * 1.01]
    signed = [*(-tick for tick in positive[:0:-1]), *positive]
    return [(float(tick), short_epsilon(tick, unit)) for tick in signed]


def short_epsilon(value: float, unit: str) -> str:
    """An epsilon as short as an axis needs it: pixel units as n of n/255."""
    sign = "−" if value < 0 else ""
    return f"{sign}{abs(value) * PIXEL_LEVELS if unit == 'pixel' else abs(value):.3g}"
