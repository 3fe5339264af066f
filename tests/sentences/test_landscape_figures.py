"""What the pointer finds on a figure of the loss landscape, point by point."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from random_landscapes import NAMES, lines
from random_results import drawn
from reading import EPSILON, NUMBER, epsilon_of, read, says

from gradlab.figures.landscape import loss_line_figure
from gradlab.types import LossLine


@drawn
@given(lines(), st.floats(-1, 1))
def test_the_strip_of_classes(line: LossLine, share: float) -> None:
    strips = [trace for trace in loss_line_figure(line, NAMES, 0.0).data if trace.type == "bar"]
    scale, slack = 255 if line.rule.unit == "pixel" else 1, 1e-3 * float(line.epsilons[-1])
    for place, kind in zip(line.epsilons, line.predictions.tolist(), strict=True):
        (over,) = [bar for bar in strips if bar.base < place * scale < bar.base + bar.x[0]]
        said = read(r"network: (?P<name>.+)<br>ε = (?P<low>.+) to (?P<high>.+)<extra></extra>", over.hovertemplate)
        assert said["name"] == (NAMES[kind] if kind >= 0 else "no number")
        assert epsilon_of(said["low"]) - slack <= place <= epsilon_of(said["high"]) + slack


@drawn
@given(lines(), st.one_of(st.floats(-1, 1), st.just(1.0)))
def test_the_marks(line: LossLine, share: float) -> None:
    figure, scale = (
        loss_line_figure(line, NAMES, share * float(line.epsilons[-1])),
        255 if line.rule.unit == "pixel" else 1,
    )
    for mark in (one for one in figure.data if "mode" in one and one.mode == "markers" and one.y[0] is not None):
        note = rf"(?P<what>.+?)(?:: (?P<at>{EPSILON}))?<br>loss (?P<about>about )?(?P<loss>{NUMBER}) nats"
        said, at = read(note, mark.text[0]), mark.x[0] / scale
        if "at" in said:
            assert abs(epsilon_of(said["at"]) - at) <= 1e-3 * abs(at)
        nearest = np.abs(line.epsilons - at).argsort(kind="stable")[:2]
        measured = bool(abs(line.epsilons[nearest[0]] - at) <= 1e-9 * abs(at))
        assert measured == ("about" not in said)
        around = line.loss[nearest[:1] if measured else nearest]
        assert says(said["loss"], float(np.clip(mark.y[0], around.min(), around.max())))
