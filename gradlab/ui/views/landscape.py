"""What stands below the figures of a loss landscape: what they show, in words and numbers."""

import streamlit as st

from gradlab import report
from gradlab.figures.landscape import class_name
from gradlab.steps.epsilon import format_epsilon
from gradlab.types import LabelSource, LossLine, LossPlane
from gradlab.ui import words
from gradlab.ui.components.folded import how_measured

LINE_HELP = r"""
$L(\varepsilon) = -\log p_y\big(\mathrm{clip}(x + \varepsilon d,\, 0,\, 1)\big)$, the cross-entropy of the label $y$.

The gradient only knows the slope at $\varepsilon = 0$. Where the curve follows the dashed line, the loss is almost
linear, and the step does what the gradient promises. Where it leaves the line, the step is too long for that. Left of 0
the loss cannot fall below 0. If the step is too long, the loss **rises** again: the step carries the image out of its
class on the other side. We call a curve flat if it changes by no more than rounding in float32.
"""

PLANE_HELP = r"""
$L(\varepsilon, \eta) = -\log p_y\big(\mathrm{clip}(x + \varepsilon d + \eta r,\, 0,\, 1)\big)$, with a random direction
$r \perp d$, $\lVert r \rVert_2 = \lVert d \rVert_2$.

After Li et al. 2018, [*Visualizing the Loss Landscape of Neural Nets*](https://arxiv.org/abs/1712.09913), but in the
space of the image: they vary the weights. Equally long steps change much along $d$ and little along $r$.
"""

_LABEL_OF_THE_LOSS = {
    "true": "the true class",
    "predicted": "which the network predicts for the clean image",
    "target": "the chosen class",
}


def line_facts(line: LossLine, classes: tuple[str, ...], source: LabelSource) -> None:
    """Which loss it is, what each side does, and where the classes change."""
    classes = tuple(map(words.plain, classes))
    st.caption(
        f"Loss of **{classes[line.label]}**, {_LABEL_OF_THE_LOSS[source.kind]}, for this one image, in nats, at "
        f"{len(line.epsilons)} values of ε, evenly spaced within ±{_reach(line)} ({words.UNITS[line.rule.unit]}). "
        "Dashed: $L(0) + \\varepsilon\\,\\langle g, d\\rangle$, a straight line with a slope of "
        f"{report.slope_text(line.slope, line.rule)}. Dotted: the clean loss, {line.loss[line.middle]:.3g} nats. The "
        "strip: what the network says. Of the clean image it says "
        f"**{class_name(int(line.predictions[line.middle]), classes)}**."
    )
    below, above = line.changes
    st.caption(
        f"{words.label_note(source, True, '**Left of 0** the step')} {report.descent_text(line)} "
        f"{report.change_text(line, below, classes)}  \n"
        f"{words.label_note(source, False, '**Right of 0** the step')} {report.change_text(line, above, classes)}"
    )


def plane_facts(plane: LossPlane, classes: tuple[str, ...], source: LabelSource) -> None:
    """What r is, what a cell is, and how much of the plane each class has."""
    of, cells = len(plane.epsilons), plane.loss.size
    rest = "" if plane.complete else f" So far {plane.done:,} of {cells:,} are computed and stand for those near them."
    classes = tuple(map(words.plain, classes))
    st.caption(
        f"Loss of **{classes[plane.label]}**, {_LABEL_OF_THE_LOSS[source.kind]}, for this one image, in nats; {of} × "
        f"{of} cells, each computed on its own in float32. White lines: the borders between the classes that the "
        f"network says: {report.shares_text(plane, classes)}.{rest}"
    )
    # Where d points as the gradient does, r is at right angles to it: what is left then is rounding.
    across = plane.slope_across if abs(plane.slope_across) > 1e-6 * abs(plane.slope) else 0.0
    how_measured(
        f"r is random ±1 noise (seed {plane.across}) at right angles to d, and as long as d. So equal ε and η are "
        f"equal L2 before clipping. At the clean image, the slope is {report.slope_text(plane.slope, plane.rule)} "
        f"along d, {report.slope_text(across, plane.rule)} along r."
    )


def _reach(line: LossLine) -> str:
    return format_epsilon(float(line.epsilons[-1]), line.rule, signed=False)
