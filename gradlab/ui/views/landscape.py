"""What stands below the figures of a loss landscape: what they show, in words and numbers."""

import numpy as np
import streamlit as st

from gradlab.epsilon import PIXEL_LEVELS, format_epsilon
from gradlab.types import LabelSource, LossLine, LossPlane, Rule
from gradlab.ui import words

_NAMED = 5  # classes of a plane, the largest shares first


def line_facts(line: LossLine, classes: tuple[str, ...], source: LabelSource) -> None:
    """Which loss it is, what each side does, and where the classes change."""
    st.caption(
        f"Loss of **{classes[line.label]}**, {words.LABEL_OF_THE_LOSS[source.kind]}, for this one image, in nats, at "
        f"{len(line.epsilons)} epsilons, evenly spaced within ±{_written(line, -1, signed=False)} "
        f"({words.UNITS[line.rule.unit]}). Dashed: $L(0) + \\varepsilon\\,\\langle g, d\\rangle$, were the loss linear "
        f"and nothing clipped: a slope of {_slope(line.slope, line.rule)}. Dotted: the clean loss, "
        f"{line.loss[line.middle]:.3g} nats. The strip: what the network says, of the clean image "
        f"**{_class(line, line.middle, classes)}**."
    )
    below, above = line.changes
    st.caption(
        f"{words.label_note(source, True, '**−**')} {_descent(line)} {_change(line, below, classes)}  \n"
        f"{words.label_note(source, False, '**+**')} {_change(line, above, classes)}"
    )


def plane_facts(plane: LossPlane, classes: tuple[str, ...], source: LabelSource) -> None:
    """What r is, what a cell is, and how much of the plane each class has."""
    of, cells = len(plane.epsilons), plane.loss.size
    rest = "" if plane.complete else f" Only {plane.done:,} of {cells:,} are computed, and stand for those near them."
    st.caption(
        f"Loss of **{classes[plane.label]}**, {words.LABEL_OF_THE_LOSS[source.kind]}, for this one image, in nats; "
        f"{of} × {of} cells, each a forward pass of its own in float32. White lines: the borders between the classes "
        f"that the network says: {_shares(plane, classes)}.{rest}"
    )
    # Where d points as the gradient does, r is at right angles to it: what is left then is rounding.
    across = plane.slope_across if abs(plane.slope_across) > 1e-6 * abs(plane.slope) else 0.0
    st.caption(
        f"r: ±1 noise (seed {plane.across}), less what of it goes along d, scaled to the length of d, so that equal ε "
        "and η are equal L2 distances before clipping. At the clean image, the slope is "
        f"{_slope(plane.slope, plane.rule)} along d, {_slope(across, plane.rule)} along r."
    )


def _written(line: LossLine, place: int, signed: bool = True) -> str:
    return format_epsilon(float(line.epsilons[place]), line.rule, signed)


def _slope(slope: float, rule: Rule) -> str:
    """Nats per level of 255, or per unit of epsilon."""
    pixel = rule.unit == "pixel"
    value = f"{slope / PIXEL_LEVELS if pixel else slope:.3g}".replace("-", "−")
    return f"{value} nats per {'1/255' if pixel else 'unit of ε'}"


def _descent(line: LossLine) -> str:
    if line.lowest == line.middle:
        return "No negative step of this grid lowers the loss."
    lowest = f"Lowest loss {line.loss[line.lowest]:.3g} nats at ε = {_written(line, line.lowest)}"
    if line.lowest == 0:
        return f"{lowest}, where the axis ends: it may fall further."
    if line.too_far is None:
        return f"{lowest}; beyond it rises again, but stays below the clean loss as far as the axis reaches."
    far = _written(line, line.too_far)
    return f"{lowest}; beyond it rises again, and at {far} it is above the clean loss: the step is too long."


def _change(line: LossLine, place: int | None, classes: tuple[str, ...]) -> str:
    if place is None:
        return "The class does not change as far as the axis reaches."
    return f"The class changes first at ε = {_written(line, place)}, to **{_class(line, place, classes)}**."


def _class(line: LossLine, place: int, classes: tuple[str, ...]) -> str:
    kind = int(line.predictions[place])
    return classes[kind] if kind >= 0 else "no number"


def _shares(plane: LossPlane, classes: tuple[str, ...]) -> str:
    kinds, counts = np.unique(plane.predictions[plane.predictions >= 0], return_counts=True)
    order = np.argsort(-counts, kind="stable")
    parts = [f"{counts[k] / plane.done:.1%} {classes[int(kinds[k])]}" for k in order[:_NAMED]]
    return ", ".join([*parts, f"the rest {len(order) - _NAMED} other classes"] if len(order) > _NAMED else parts)
