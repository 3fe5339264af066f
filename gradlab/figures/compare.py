"""Two curves on one chart: two rules of one network, or one rule of two networks."""

from dataclasses import dataclass

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gradlab.figures.ends import End, name_ends
from gradlab.figures.style import ACCURACY_AXIS, NEUTRAL, lay_out
from gradlab.figures.sweep import Axis, common_axis, curve_traces, unit_of, units_of
from gradlab.types import Curve, SweepResult

DASHES = ("solid", "dash")  # of the first side and of the second
SYMBOLS = ("circle", "diamond")
CLEAN_DASHES = ("dot", "dashdot")


@dataclass(frozen=True, eq=False)
class Side:
    """One of the two.

    Attributes:
        name: what tells it from the other, such as `A: alexnet`; where both have one rule, that is written after it.
        result: the sweep that the curve is of.
        curve: one of its curves.
    """

    name: str
    result: SweepResult
    curve: Curve


def compare_figure(
    sides: tuple[Side, Side],
    axis: Axis = "epsilon",
    marked: tuple[int | None, int | None] = (None, None),
    solved: Side | None = None,
) -> go.Figure:
    """Accuracy over epsilon; in two panels where the units differ, unless the axis is the achieved `l2`.

    A rule keeps its colour: the first side is solid with circles, the second dashed with diamonds. A level line stands
    at the clean accuracy of each network. The attribute `meta` of a line is its side's name.

    Args:
        sides: the first and the second.
        axis: `epsilon`, or `l2`: the mean L2 distance over the images, after clipping, with the sign of epsilon.
        marked: of each side, the place of a point to be ringed.
        solved: the second side with a curve of one point, at an epsilon that its own does not have: ringed.
    """
    curves = [side.curve for side in sides]
    units = units_of(curves, axis)
    figure = make_subplots(rows=len(units), cols=1, shared_yaxes=True, vertical_spacing=0.24 / len(units))
    same = sides[0].curve.rule == sides[1].curve.rule
    for n, (side, k) in enumerate(zip(sides, marked, strict=True)):
        for trace in _traces(side, n, axis, k, same):
            figure.add_trace(trace, row=1 + units.index(unit_of(side.curve, axis)), col=1)
    if solved is not None:
        ring = _ring(solved, 1, curve_traces(solved.result, solved.curve, axis)[1], 0)
        figure.add_trace(ring, row=1 + units.index(unit_of(solved.curve, axis)), col=1)
    for row, unit in enumerate(units, 1):
        figure.update_xaxes(**common_axis(curves, unit, axis), row=row, col=1)
        figure.add_vline(x=0, line_width=1, line_color=NEUTRAL, row=row, col=1)
        there = [(n, side) for n, side in enumerate(sides) if unit_of(side.curve, axis) == unit]
        name_ends(figure, [_end(side, SYMBOLS[n]) for n, side in there], row)
    for side, dash in zip(sides, CLEAN_DASHES, strict=True):
        if side is sides[0] or side.result.model != sides[0].result.model:
            figure.add_hline(y=side.result.clean_accuracy, line_width=1.2, line_dash=dash, line_color=NEUTRAL)
    figure.update_yaxes(**ACCURACY_AXIS | {"title_text": sides[0].result.counted})
    return lay_out(figure, height=170 + 250 * len(units), hovermode="closest")


def _end(side: Side, symbol: str) -> End:
    """Named as briefly as the legend allows: `A` for `A: alexnet`."""
    share = float(side.result.correct(side.curve)[-1]) / side.result.images
    return End(share, side.name.partition(":")[0], symbol, side.curve.rule.row.colour)


def _traces(side: Side, n: int, axis: Axis, k: int | None, same: bool) -> list[go.Scatter]:
    name = f"{side.name}, {side.curve.rule.row.words}" if same else side.name
    band, line, *_ = curve_traces(side.result, side.curve, axis, name)
    line.update(line_dash=DASHES[n], marker_symbol=SYMBOLS[n], meta=side.name, legendgroup=side.name)
    band.update(legendgroup=side.name)
    if k is None:
        return [band, line]
    return [band, line, _ring(side, n, line, k)]


def _ring(side: Side, n: int, line: go.Scatter, k: int) -> go.Scatter:
    """Around the k-th point of a line."""
    return go.Scatter(
        x=[line.x[k]], y=[line.y[k]], mode="markers", showlegend=False, hoverinfo="skip",
        legendgroup=side.name,
        marker={"size": 17, "symbol": f"{SYMBOLS[n]}-open", "color": side.curve.rule.row.colour,
                "line": {"width": 2.5}},
    )  # fmt: skip
