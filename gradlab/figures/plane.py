"""The loss over the plane of the gradient's direction and a random one: a map, with the borders between classes."""

import numpy as np
import plotly.graph_objects as go

from gradlab.figures.landscape import class_name, class_names, epsilon_axis, mark, scaled
from gradlab.figures.style import HEAT, LAYOUT, as_written, blank, lay_out
from gradlab.steps.epsilon import format_epsilon
from gradlab.types import BoolArray, FloatArray, IntArray, LossPlane
from gradlab.types.landscape import stand_ins

_ROOM = 2  # cells from its middle to its edge: a smaller area shows its class under the pointer only


def loss_plane_figure(plane: LossPlane, classes: tuple[str, ...], epsilon: float) -> go.Figure:
    """The loss over the plane as colours, the borders between the classes that the network says, and their names.

    A cell that is not computed yet has the colour of the nearest one that is.

    Args:
        plane: what is drawn.
        classes: the class names.
        epsilon: the step that is marked, where it is within reach.
    """
    classes = as_written(classes)
    near = stand_ins(plane.computed)
    said, loss = plane.predictions.ravel()[near], plane.loss.ravel()[near]
    x = scaled(plane.rule, plane.epsilons)
    figure = go.Figure([_heat(plane, loss, said, x, classes), *_borders(said, x)])
    figure.add_traces(_marks(plane, classes, epsilon))
    for name, row, column in _places(said, classes):
        figure.add_annotation(
            x=x[column], y=x[row], text=name, showarrow=False, font={"color": "white", "size": 13},
            bgcolor="rgba(0,0,0,0.6)", borderpad=3,
        )  # fmt: skip
    axis, half = epsilon_axis(plane.rule, plane.epsilons), float(x[1] - x[0]) / 2
    edges = [float(x[0]) - half, float(x[-1]) + half]
    figure.update_xaxes(**{**axis, "range": edges}, showgrid=False, constrain="domain")
    figure.update_yaxes(
        title_text="η along a random direction r", range=edges, nticks=7, fixedrange=True, showgrid=False,
        zeroline=False, scaleanchor="x", constrain="domain", constraintoward="top",
    )  # fmt: skip
    return lay_out(figure, legend={**LAYOUT["legend"], "y": 1.2}, height=560, hovermode="closest")


def _heat(plane: LossPlane, loss: FloatArray, said: IntArray, x: FloatArray, classes: tuple[str, ...]) -> go.Heatmap:
    # Of both steps the browser writes the numbers: a text for each cell would be most of what is sent.
    step = f":+.4~g}}{plane.rule.unit.over}"
    return go.Heatmap(
        z=blank(loss), x=x, y=x, text=[class_names(row, classes) for row in said], colorscale=HEAT, zmin=0,
        hoverongaps=False,
        colorbar={
            "orientation": "h", "y": 1.01, "yanchor": "bottom", "thickness": 12, "outlinewidth": 0,
            "tickfont": {"size": 12}, "nticks": 6, "title": {"text": "loss, nats", "side": "top"},
        },
        hovertemplate=(
            f"ε %{{x{step}, η %{{y{step}<br>loss %{{z:.4g}} nats<br>network: %{{text}}<extra></extra>"
        ),
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


def _marks(plane: LossPlane, classes: tuple[str, ...], epsilon: float) -> list[go.Scatter]:
    name = f"clean image: {class_name(int(plane.predictions[plane.middle, plane.middle]), classes)}"
    marks = [mark([0.0], [0.0], name, "circle", [name])]
    if epsilon and abs(epsilon) <= plane.epsilons[-1]:
        note = f"chosen ε: {format_epsilon(epsilon, plane.rule)}"
        marks.append(mark([plane.rule.unit.shown(epsilon)], [0.0], "chosen ε", "diamond", [note]))
    return marks
