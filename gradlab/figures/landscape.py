"""The loss along the gradient's direction: a curve, its tangent, and the class that the network says."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gradlab.figures.style import NEUTRAL, as_written, blank, lay_out
from gradlab.steps.epsilon import format_epsilon
from gradlab.types import FloatArray, IntArray, LossLine, Rule

# Okabe and Ito's, each light enough for black letters; the classes take them in the order of their distance from 0.
CLASS_COLOURS = ("#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#F0E442", "#D55E00")
OTHER_COLOUR = "#A6A6A6"
_NAMED = 0.07  # of the width: a shorter stretch shows its class under the pointer only


def loss_line_figure(line: LossLine, classes: tuple[str, ...], epsilon: float) -> go.Figure:
    """The loss over the signed epsilon, what a linear loss would be, and below it the class that the network says.

    Args:
        line: what is drawn.
        classes: the class names.
        epsilon: the step that is marked, where it is within reach.
    """
    classes = as_written(classes)
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.86, 0.14], vertical_spacing=0.03)
    for trace in (_curve(line, classes), _straight(line), *_marks(line, classes, epsilon)):
        figure.add_trace(trace, row=1, col=1)
    for bar in _strip(line, classes):
        figure.add_trace(bar, row=2, col=1)
    figure.add_vline(x=0, line_width=1, line_color=NEUTRAL, row=1, col=1)
    figure.add_hline(
        y=float(line.loss[line.middle]), line_width=1, line_dash="dot", line_color=NEUTRAL, row=1, col=1
    )  # fmt: skip
    axis = epsilon_axis(line.rule, line.epsilons)
    figure.update_xaxes(**{**axis, "title_text": None}, row=1, col=1)
    figure.update_xaxes(**axis, row=2, col=1)
    figure.update_yaxes(title_text="loss, nats", range=_loss_range(line), fixedrange=True, row=1, col=1)
    figure.update_yaxes(showticklabels=False, showgrid=False, fixedrange=True, range=[-0.5, 0.5], row=2, col=1)
    return lay_out(figure, height=430, barmode="overlay", hovermode="closest")


def class_colours(predictions: IntArray) -> dict[int, str]:
    """A colour for each class along a line, the clean image's first, then outwards; grey for those too many."""
    middle = len(predictions) // 2
    outward = np.argsort(np.abs(np.arange(len(predictions)) - middle), kind="stable")
    found = list(dict.fromkeys(int(k) for k in predictions[outward] if k >= 0))
    colours = dict(zip(found, CLASS_COLOURS, strict=False))
    return {k: colours.get(k, OTHER_COLOUR) for k in (*found, -1)}


def _loss_range(line: LossLine) -> list[float]:
    """The range of the loss alone: the straight line leaves it."""
    finite = line.loss[np.isfinite(line.loss)]
    top = float(finite.max()) if len(finite) and finite.max() > 0 else 1.0
    return [-0.06 * top, 1.06 * top]


def _curve(line: LossLine, classes: tuple[str, ...]) -> go.Scatter:
    notes = [
        [format_epsilon(e, line.rule), f"{straight:.4g}", name]
        for e, straight, name in zip(line.epsilons, line.straight, class_names(line.predictions, classes), strict=True)
    ]
    return go.Scatter(
        x=scaled(line.rule, line.epsilons), y=blank(line.loss), name="loss", mode="lines", meta="loss",
        line={"color": line.rule.row.colour, "width": 3}, customdata=notes,
        hovertemplate=(
            f"<b>{line.rule.row.words}</b><br>ε = %{{customdata[0]}}<br>loss %{{y:.4g}} nats"
            "<br>if it were linear %{customdata[1]}<br>network: %{customdata[2]}<extra></extra>"
        ),
    )  # fmt: skip


def _straight(line: LossLine) -> go.Scatter:
    return go.Scatter(
        x=scaled(line.rule, line.epsilons), y=blank(line.straight), name="if it were linear", mode="lines",
        meta="straight", line={"color": NEUTRAL, "width": 2, "dash": "dash"}, hoverinfo="skip",
    )  # fmt: skip


def _marks(line: LossLine, classes: tuple[str, ...], epsilon: float) -> list[go.Scatter]:
    """The clean image, the lowest loss on the negative side, and the chosen step where the curve reaches it."""
    clean = float(line.loss[line.middle])
    name = f"clean image: {class_name(int(line.predictions[line.middle]), classes)}"
    marks = [mark([0.0], blank(np.array([clean])), name, "circle", [f"{name}<br>loss {clean:.4g} nats"])]
    if line.lowest != line.middle:
        marks.append(_line_mark(line, float(line.epsilons[line.lowest]), "lowest, towards", "triangle-down"))
    if epsilon and abs(epsilon) <= line.epsilons[-1]:
        marks.append(_line_mark(line, epsilon, "chosen ε", "diamond"))
    return marks


def _line_mark(line: LossLine, epsilon: float, name: str, symbol: str) -> go.Scatter:
    loss = float(np.interp(epsilon, line.epsilons, line.loss))
    about = "" if np.isclose(line.epsilons, epsilon, rtol=1e-9, atol=0).any() else "about "  # between two points
    note = f"{name}: {format_epsilon(epsilon, line.rule)}<br>loss {about}{loss:.4g} nats"
    return mark([line.rule.unit.shown(epsilon)], blank(np.array([loss])), name, symbol, [note])


def _strip(line: LossLine, classes: tuple[str, ...]) -> list[go.Bar]:
    """A bar for each stretch of one class, from halfway to its neighbours, with its name where there is room."""
    colours, width = class_colours(line.predictions), float(line.epsilons[-1] - line.epsilons[0])
    half = width / (len(line.epsilons) - 1) / 2
    bars = []
    for first, last, kind in line.runs:
        left, right = float(line.epsilons[first]) - half, float(line.epsilons[last]) + half
        name = class_name(kind, classes)
        ends = [format_epsilon(float(line.epsilons[k]), line.rule) for k in (first, last)]
        bars.append(go.Bar(
            x=[line.rule.unit.shown(right - left)], base=line.rule.unit.shown(left), y=[0], width=1, orientation="h",
            marker={"color": colours[kind], "line": {"width": 0}}, showlegend=False, meta=kind,
            text=name if (right - left) / width >= _NAMED else "", textposition="inside", insidetextanchor="middle",
            textangle=0, constraintext="none", textfont={"color": "black", "size": 13},
            hovertemplate=f"network: {name}<br>ε = {ends[0]} to {ends[1]}<extra></extra>",
        ))  # fmt: skip
    return bars


def scaled(rule: Rule, values: FloatArray) -> FloatArray:
    """Where epsilons (K,) stand on an axis: pixel units as n of n/255, so that the ticks are round."""
    places: FloatArray = values * rule.unit.row.levels
    return places


def epsilon_axis(rule: Rule, epsilons: FloatArray) -> dict[str, Any]:
    """Options of the horizontal axis: linear, so that a linear loss is a straight line; seven ticks fit on a phone."""
    reach = rule.unit.shown(float(epsilons[-1]))
    return {
        "range": [-reach * 1.02, reach * 1.02], "nticks": 7, "tickangle": 0, "fixedrange": True, "zeroline": False,
        "title_text": f"← towards · {rule.unit.row.title} · away →",
    }  # fmt: skip


def class_name(kind: int, classes: tuple[str, ...]) -> str:
    """What a prediction is called; −1 is none."""
    return classes[kind] if kind >= 0 else "no number"


def class_names(predictions: IntArray, classes: tuple[str, ...]) -> list[str]:
    """The same for many, (K,)."""
    return [class_name(kind, classes) for kind in predictions.tolist()]


def mark(x: list[float], y: list[Any], name: str, symbol: str, text: list[str]) -> go.Scatter:
    """A point of interest: white with a black edge, to be seen on every colour. `text` shows under the pointer."""
    return go.Scatter(
        x=x, y=y, name=name, mode="markers", meta=name, text=text, cliponaxis=False,
        marker={"symbol": symbol, "size": 13, "color": "white", "line": {"color": "black", "width": 2}},
        hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip
