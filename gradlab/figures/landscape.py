"""The loss landscape around one image: a curve along the gradient's direction, and a map of the plane."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gradlab.epsilon import PIXEL_LEVELS, format_epsilon
from gradlab.figures.style import HEAT, LAYOUT, NEUTRAL, RULE_COLOURS, RULE_TITLES, UNIT_TITLES, blank
from gradlab.terrain import LossLine, LossPlane, stand_ins
from gradlab.types import BoolArray, FloatArray, IntArray, Rule

# Okabe and Ito's, each light enough for black letters; the classes take them in the order of their distance from 0.
CLASS_COLOURS = ("#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#F0E442", "#D55E00")
OTHER_COLOUR = "#A6A6A6"
_NAMED = 0.07  # of the width: a shorter stretch shows its class under the pointer only
_ROOM = 2  # cells from its middle to its edge: a smaller area shows its class under the pointer only


def loss_line_figure(line: LossLine, classes: tuple[str, ...], epsilon: float) -> go.Figure:
    """The loss over the signed epsilon, what a linear loss would be, and below it the class that the network says.

    Args:
        line: what is drawn.
        classes: the class names.
        epsilon: the step that is marked, where it is within reach.
    """
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.86, 0.14], vertical_spacing=0.03)
    for trace in (_curve(line, classes), _straight(line), *_marks(line, classes, epsilon)):
        figure.add_trace(trace, row=1, col=1)
    for bar in _strip(line, classes):
        figure.add_trace(bar, row=2, col=1)
    figure.add_vline(x=0, line_width=1, line_color=NEUTRAL, row=1, col=1)
    figure.add_hline(
        y=float(line.loss[line.middle]), line_width=1, line_dash="dot", line_color=NEUTRAL, row=1, col=1
    )  # fmt: skip
    axis = _axis(line.rule, line.epsilons)
    figure.update_xaxes(**{**axis, "title_text": None}, row=1, col=1)
    figure.update_xaxes(**axis, row=2, col=1)
    figure.update_yaxes(title_text="loss, nats", range=_loss_range(line), fixedrange=True, row=1, col=1)
    figure.update_yaxes(showticklabels=False, showgrid=False, fixedrange=True, range=[-0.5, 0.5], row=2, col=1)
    figure.update_layout(**LAYOUT, height=430, barmode="overlay", hovermode="closest")
    return figure


def loss_plane_figure(plane: LossPlane, classes: tuple[str, ...], epsilon: float) -> go.Figure:
    """The loss over the plane as colours, the borders between the classes that the network says, and their names.

    A cell that is not computed yet has the colour of the nearest one that is.

    Args:
        plane: what is drawn.
        classes: the class names.
        epsilon: the step that is marked, where it is within reach.
    """
    near = stand_ins(plane.computed)
    said, loss = plane.predictions.ravel()[near], plane.loss.ravel()[near]
    x = _scaled(plane.rule, plane.epsilons)
    figure = go.Figure([_heat(plane, loss, said, x, classes), *_borders(said, x)])
    for mark in _plane_marks(plane, classes, epsilon):
        figure.add_trace(mark)
    for name, row, column in _places(said, classes):
        figure.add_annotation(
            x=x[column], y=x[row], text=name, showarrow=False, font={"color": "white", "size": 13},
            bgcolor="rgba(0,0,0,0.6)", borderpad=3,
        )  # fmt: skip
    axis, half = _axis(plane.rule, plane.epsilons), float(x[1] - x[0]) / 2
    edges = [float(x[0]) - half, float(x[-1]) + half]
    figure.update_xaxes(**{**axis, "range": edges}, showgrid=False, constrain="domain")
    figure.update_yaxes(
        title_text="η along a random direction r", range=edges, nticks=7, fixedrange=True, showgrid=False,
        zeroline=False, scaleanchor="x", constrain="domain", constraintoward="top",
    )  # fmt: skip
    figure.update_layout(**{**LAYOUT, "legend": {**LAYOUT["legend"], "y": 1.2}}, height=560, hovermode="closest")
    return figure


def class_colours(predictions: IntArray) -> dict[int, str]:
    """A colour for each class along a line, the clean image's first, then outwards; grey for those too many."""
    middle = len(predictions) // 2
    outward = np.argsort(np.abs(np.arange(len(predictions)) - middle), kind="stable")
    found = list(dict.fromkeys(int(k) for k in predictions[outward] if k >= 0))
    colours = dict(zip(found, CLASS_COLOURS, strict=False))
    return {k: colours.get(k, OTHER_COLOUR) for k in (*found, -1)}


def _scaled(rule: Rule, values: FloatArray) -> FloatArray:
    """Where epsilons stand: pixel units as n of n/255, so that the ticks are round."""
    scaled: FloatArray = values * (PIXEL_LEVELS if rule.unit == "pixel" else 1)
    return scaled


def _at(rule: Rule, value: float) -> float:
    return float(_scaled(rule, np.array([value]))[0])


def _axis(rule: Rule, epsilons: FloatArray) -> dict[str, Any]:
    """Linear, for a loss that is linear shall be a straight line; six ticks fit on a phone."""
    reach = _at(rule, float(epsilons[-1]))
    return {
        "range": [-reach * 1.02, reach * 1.02], "nticks": 7, "tickangle": 0, "fixedrange": True, "zeroline": False,
        "title_text": f"← descends · {UNIT_TITLES[rule.unit]} · climbs →",
    }  # fmt: skip


def _loss_range(line: LossLine) -> list[float]:
    """Of the loss alone: the straight line may leave it, and does."""
    finite = line.loss[np.isfinite(line.loss)]
    top = float(finite.max()) if len(finite) and finite.max() > 0 else 1.0
    return [-0.06 * top, 1.06 * top]


def _name(kind: int, classes: tuple[str, ...]) -> str:
    return classes[kind] if kind >= 0 else "no number"


def _named(predictions: IntArray, classes: tuple[str, ...]) -> list[str]:
    return [_name(kind, classes) for kind in predictions.tolist()]


def _curve(line: LossLine, classes: tuple[str, ...]) -> go.Scatter:
    notes = [
        [format_epsilon(e, line.rule), f"{straight:.4g}", name]
        for e, straight, name in zip(line.epsilons, line.straight, _named(line.predictions, classes), strict=True)
    ]
    return go.Scatter(
        x=_scaled(line.rule, line.epsilons), y=blank(line.loss), name="loss", mode="lines", meta="loss",
        line={"color": RULE_COLOURS[line.rule], "width": 3}, customdata=notes,
        hovertemplate=(
            f"<b>{RULE_TITLES[line.rule]}</b><br>epsilon %{{customdata[0]}}<br>loss %{{y:.4g}} nats"
            "<br>if it were linear %{customdata[1]}<br>network: %{customdata[2]}<extra></extra>"
        ),
    )  # fmt: skip


def _straight(line: LossLine) -> go.Scatter:
    return go.Scatter(
        x=_scaled(line.rule, line.epsilons), y=blank(line.straight), name="if it were linear", mode="lines",
        meta="straight", line={"color": NEUTRAL, "width": 2, "dash": "dash"}, hoverinfo="skip",
    )  # fmt: skip


def _mark(x: list[float], y: list[Any], name: str, symbol: str, text: list[str]) -> go.Scatter:
    return go.Scatter(
        x=x, y=y, name=name, mode="markers", meta=name, text=text, cliponaxis=False,
        marker={"symbol": symbol, "size": 13, "color": "white", "line": {"color": "black", "width": 2}},
        hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip


def _marks(line: LossLine, classes: tuple[str, ...], epsilon: float) -> list[go.Scatter]:
    """The clean image, the lowest loss on the negative side, and the chosen step where the curve reaches it."""
    clean = float(line.loss[line.middle])
    name = f"clean image: {_name(line.predictions[line.middle], classes)}"
    marks = [_mark([0.0], blank(np.array([clean])), name, "circle", [f"{name}<br>loss {clean:.4g} nats"])]
    if line.lowest != line.middle:
        marks.append(_line_mark(line, float(line.epsilons[line.lowest]), "lowest, descending", "triangle-down"))
    if epsilon and abs(epsilon) <= line.epsilons[-1]:
        marks.append(_line_mark(line, epsilon, "chosen ε", "diamond"))
    return marks


def _line_mark(line: LossLine, epsilon: float, name: str, symbol: str) -> go.Scatter:
    loss = float(np.interp(epsilon, line.epsilons, line.loss))
    note = f"{name}: {format_epsilon(epsilon, line.rule)}<br>loss {loss:.4g} nats"
    return _mark([_at(line.rule, epsilon)], blank(np.array([loss])), name, symbol, [note])


def _strip(line: LossLine, classes: tuple[str, ...]) -> list[go.Bar]:
    """A bar for each stretch of one class, from halfway to its neighbours, with its name where there is room."""
    colours, width = class_colours(line.predictions), float(line.epsilons[-1] - line.epsilons[0])
    half = width / (len(line.epsilons) - 1) / 2
    bars = []
    for first, last, kind in line.runs:
        left, right = float(line.epsilons[first]) - half, float(line.epsilons[last]) + half
        name = _name(kind, classes)
        ends = [format_epsilon(float(line.epsilons[k]), line.rule) for k in (first, last)]
        bars.append(go.Bar(
            x=[_at(line.rule, right - left)], base=_at(line.rule, left), y=[0], width=1, orientation="h",
            marker={"color": colours[kind], "line": {"width": 0}}, showlegend=False, meta=kind,
            text=name if (right - left) / width >= _NAMED else "", textposition="inside", insidetextanchor="middle",
            textangle=0, constraintext="none", textfont={"color": "black", "size": 13},
            hovertemplate=f"network: {name}<br>epsilon {ends[0]} to {ends[1]}<extra></extra>",
        ))  # fmt: skip
    return bars


def _heat(plane: LossPlane, loss: FloatArray, said: IntArray, x: FloatArray, classes: tuple[str, ...]) -> go.Heatmap:
    written = [format_epsilon(e, plane.rule) for e in plane.epsilons]
    notes = [
        [f"ε {e}, η {eta}<br>network: {name}" for e, name in zip(written, _named(row, classes), strict=True)]
        for eta, row in zip(written, said, strict=True)
    ]
    return go.Heatmap(
        z=blank(loss), x=x, y=x, text=notes, colorscale=HEAT, zmin=0, hoverongaps=False,
        colorbar={
            "orientation": "h", "y": 1.01, "yanchor": "bottom", "thickness": 12, "outlinewidth": 0,
            "tickfont": {"size": 12}, "title": {"text": "loss, nats", "side": "top"},
        },
        hovertemplate="%{text}<br>loss %{z:.4g} nats<extra></extra>",
    )  # fmt: skip


def _borders(said: IntArray, x: FloatArray) -> list[go.Scatter]:
    """The edges between cells of different classes: dark below light, to be seen on every colour of the map."""
    half = (x[1] - x[0]) / 2
    rows, columns = np.nonzero(np.diff(said, axis=1))
    upright = (x[columns] + half, x[rows] - half), (x[columns] + half, x[rows] + half)
    rows, columns = np.nonzero(np.diff(said, axis=0))
    level = (x[columns] - half, x[rows] + half), (x[columns] + half, x[rows] + half)
    xs, ys = (np.concatenate([_lines(side[0][n], side[1][n]) for side in (upright, level)]) for n in (0, 1))
    return [
        go.Scatter(
            x=xs, y=ys, mode="lines", line={"color": colour, "width": width}, hoverinfo="skip", showlegend=False,
            meta="border",
        )
        for colour, width in (("black", 4), ("white", 1.6))
    ]  # fmt: skip


def _lines(starts: FloatArray, ends: FloatArray) -> FloatArray:
    """Coordinates of separate lines, one after the other, as plotly takes them: NaN between."""
    joined: FloatArray = np.stack([starts, ends, np.full_like(starts, np.nan)], axis=1).ravel()
    return joined


def _places(said: IntArray, classes: tuple[str, ...]) -> list[tuple[str, int, int]]:
    """Each class that has room for its name, and the row and column where it stands: off the axis with the marks."""
    middle = len(said) // 2
    free = np.abs(np.arange(len(said)) - middle)[:, None] > 1
    found = [(kind, _innermost((said == kind) & free)) for kind in np.unique(said).tolist() if kind >= 0]
    return [(classes[kind], *place) for kind, place in found if place]


def _innermost(area: BoolArray) -> tuple[int, int] | None:
    """The cell that is furthest from the area's edge, twice as far sideways for a name is wide; None if none is."""
    core, depth = area, 0
    while area.any():
        core, depth = area, depth + 1
        around = np.pad(area, ((1, 1), (2, 2)))
        area = area & around[:-2, 2:-2] & around[2:, 2:-2] & around[1:-1, :-4] & around[1:-1, 4:]
    if depth < _ROOM:
        return None
    rows, columns = np.nonzero(core)
    nearest = int(((rows - rows.mean()) ** 2 + (columns - columns.mean()) ** 2).argmin())
    return int(rows[nearest]), int(columns[nearest])


def _plane_marks(plane: LossPlane, classes: tuple[str, ...], epsilon: float) -> list[go.Scatter]:
    name = f"clean image: {_name(plane.predictions[plane.middle, plane.middle], classes)}"
    marks = [_mark([0.0], [0.0], name, "circle", [name])]
    if epsilon and abs(epsilon) <= plane.epsilons[-1]:
        note = f"chosen ε: {format_epsilon(epsilon, plane.rule)}"
        marks.append(_mark([_at(plane.rule, epsilon)], [0.0], "chosen ε", "diamond", [note]))
    return marks
