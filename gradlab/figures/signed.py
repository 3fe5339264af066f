"""The axis that epsilons stand on: signed and logarithmic, so that 0.5/255 and 64/255 are both seen, and both sides."""

from typing import Any

import numpy as np

from gradlab.types import FloatArray, Unit


def squeeze(values: FloatArray, unit: str) -> FloatArray:
    """Where signed values stand on the axis of a unit: x ↦ sign(x) · log₁₀(1 + |x| / s), straight within ± s."""
    result: FloatArray = np.sign(values) * np.log10(1 + np.abs(values) / Unit(unit).row.straight)
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
        "title_text": f"← towards · {title or Unit(unit).row.title} · away →",
        "fixedrange": True,
        "zeroline": False,
    }


def ticks(unit: str, reach: float) -> list[tuple[float, str]]:
    """Signed epsilons to mark on such an axis, ascending, and what to write there."""
    row = Unit(unit).row
    chosen = row.far or row.ticks if reach > row.ticks[-1] * 1.01 else row.ticks
    positive = [tick for tick in chosen if tick <= reach * 1.01]
    signed = [*(-tick for tick in positive[:0:-1]), *positive]
    return [(float(tick), short_epsilon(tick, unit)) for tick in signed]


def short_epsilon(value: float, unit: str) -> str:
    """An epsilon as short as an axis needs it: pixel units as n of n/255, and a very large one as 1e9."""
    sign = "−" if value < 0 else ""
    return f"{sign}{Unit(unit).shown(abs(value)):.3g}".replace("e+0", "e").replace("e+", "e")
