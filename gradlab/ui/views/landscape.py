"""What stands below the figures of a loss landscape: what they show, in words and numbers."""

import streamlit as st

from gradlab import report
from gradlab.figures.landscape import class_name
from gradlab.steps.epsilon import format_epsilon
from gradlab.types import LabelSource, LossLine, LossPlane
from gradlab.ui import words

LINE_HELP = r"""
$L(\varepsilon) = -\log p_y\big(\mathrm{clip}(x + \varepsilon d,\, 0,\, 1)\big)$, the cross-entropy of the label $y$.

The gradient knows the slope at $\varepsilon = 0$ only. Where the curve follows the dashed line, the loss is as good as
linear and the step does what the gradient promises; where it leaves it, the step was too long for that. On the negative
side the loss cannot fall below 0, and where the step is too long it **rises** again: the image is carried out of the
region of its class on the other side. Where it neither rises nor falls by more than rounding in float32, it is called
flat.
"""

PLANE_HELP = r"""
$L(\varepsilon, \eta) = -\log p_y\big(\mathrm{clip}(x + \varepsilon d + \eta r,\, 0,\, 1)\big)$, with a random direction
$r \perp d$, $\lVert r \rVert_2 = \lVert d \rVert_2$.

After Li et al. 2018, [*Visualizing the Loss Landscape of Neural Nets*](https://arxiv.org/abs/1712.09913), but in the
space of the image: they vary the weights. Steps of equal length change much along $d$ and little along $r$.
"""

_LABEL_OF_THE_LOSS = {
    "true": "the true label",
    "predicted": "which the network predicts for the clean image",
    "target": "the target",
}


def line_facts(line: LossLine, classes: tuple[str, ...], source: LabelSource) -> None:
    """Which loss it is, what each side does, and where the classes change."""
    st.caption(
        f"Loss of **{classes[line.label]}**, {_LABEL_OF_THE_LOSS[source.kind]}, for this one image, in nats, at "
        f"{len(line.epsilons)} epsilons, evenly spaced within ±{_reach(line)} "
        f"({words.UNITS[line.rule.unit]}). Dashed: $L(0) + \\varepsilon\\,\\langle g, d\\rangle$, were the loss linear "
        f"and nothing clipped: a slope of {report.slope_text(line.slope, line.rule)}. Dotted: the clean loss, "
        f"{line.loss[line.middle]:.3g} nats. The strip: what the network says, of the clean image "
        f"**{class_name(int(line.predictions[line.middle]), classes)}**."
    )
    below, above = line.changes
    st.caption(
        f"{words.label_note(source, True, '**−**')} {report.descent_text(line)} "
        f"{report.change_text(line, below, classes)}  \n"
        f"{words.label_note(source, False, '**+**')} {report.change_text(line, above, classes)}"
    )


def plane_facts(plane: LossPlane, classes: tuple[str, ...], source: LabelSource) -> None:
    """What r is, what a cell is, and how much of the plane each class has."""
    of, cells = len(plane.epsilons), plane.loss.size
    rest = "" if plane.complete else f" Only {plane.done:,} of {cells:,} are computed, and stand for those near them."
    st.caption(
        f"Loss of **{classes[plane.label]}**, {_LABEL_OF_THE_LOSS[source.kind]}, for this one image, in nats; "
        f"{of} × {of} cells, each a forward pass of its own in float32. White lines: the borders between the classes "
        f"that the network says: {report.shares_text(plane, classes)}.{rest}"
    )
    # Where d points as the gradient does, r is at right angles to it: what is left then is rounding.
    across = plane.slope_across if abs(plane.slope_across) > 1e-6 * abs(plane.slope) else 0.0
    st.caption(
        f"r: ±1 noise (seed {plane.across}), less what of it goes along d, scaled to the length of d, so that equal ε "
        "and η are equal L2 distances before clipping. At the clean image, the slope is "
        f"{report.slope_text(plane.slope, plane.rule)} along d, {report.slope_text(across, plane.rule)} along r."
    )


def _reach(line: LossLine) -> str:
    return format_epsilon(float(line.epsilons[-1]), line.rule, signed=False)
