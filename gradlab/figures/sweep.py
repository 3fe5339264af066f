"""Accuracy over signed epsilon: one line a rule, with the interval as a band, and a second after rounding to 8 bit."""

from collections.abc import Iterable
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gradlab.figures.ends import end_of, name_ends
from gradlab.figures.signed import signed_axis, squeeze
from gradlab.figures.style import ACCURACY_AXIS, NEUTRAL, area, blank, lay_out, translucent
from gradlab.statistics import normalised_area, wilson_interval
from gradlab.steps.epsilon import format_epsilon
from gradlab.types import Curve, FloatArray, IntArray, Rule, SweepResult

Axis = Literal["epsilon", "l2"]


def sweep_figure(result: SweepResult, axis: Axis = "epsilon") -> go.Figure:
    """Accuracy over epsilon, in one panel for each unit; or, with `l2`, over the achieved distance in a single one.

    With `l2`, the rules meet at equal budget: x is the mean L2 distance over the images, after clipping, with the sign
    of epsilon. Where the sweep rounded, a thinner line with open markers says what 8 bit leave of each rule's effect;
    it has a gap where rounding is not defined (`rounding_defined`).
    The attribute `meta` of a line is its rule.
    """
    units = units_of(result.curves, axis)
    figure = make_subplots(rows=len(units), cols=1, shared_yaxes=True, vertical_spacing=0.24 / len(units))
    for curve in result.curves:
        for trace in curve_traces(result, curve, axis):
            trace.showlegend = False  # its name stands at its end
            figure.add_trace(trace, row=1 + units.index(unit_of(curve, axis)), col=1)
    if result.curves and result.eight_bit:
        figure.add_trace(_rounded_key(), row=1, col=1)
    for row, unit in enumerate(units, 1):
        figure.update_xaxes(**common_axis(result.curves, unit, axis), row=row, col=1)
        figure.add_vline(x=0, line_width=1, line_color=NEUTRAL, row=row, col=1)
        figure.add_hline(y=result.clean_accuracy, line_width=1, line_dash="dot", line_color=NEUTRAL, row=row, col=1)
        ends = [(curve.rule, result.correct(curve)[-1]) for curve in result.curves if unit_of(curve, axis) == unit]
        name_ends(figure, [end_of(rule, right / result.images) for rule, right in ends], row)
    figure.update_yaxes(**ACCURACY_AXIS | {"title_text": result.counted})
    return lay_out(figure, height=170 + 250 * len(units), hovermode="closest", clickmode="event+select")


def unit_of(curve: Curve, axis: Axis) -> str:
    """The unit that a curve is drawn in: its rule's, or `l2`."""
    return "l2" if axis == "l2" else curve.steps_of.unit


def units_of(curves: Iterable[Curve], axis: Axis) -> list[str]:
    """The units that some curves are drawn in, each once."""
    return list(dict.fromkeys(unit_of(curve, axis) for curve in curves))


def places(curve: Curve, axis: Axis) -> FloatArray:
    """Where the points of a curve stand before they are squeezed, (K,): at epsilon, or at the mean L2 with its sign."""
    return np.sign(curve.epsilons) * curve.level("l2") if axis == "l2" else curve.epsilons


def reach_of(curves: Iterable[Curve], unit: str, axis: Axis) -> float:
    """How far from 0 the curves of a unit go, on either side; one of them at least."""
    return max(float(np.abs(places(curve, axis)).max()) for curve in curves if unit_of(curve, axis) == unit)


def common_axis(curves: Iterable[Curve], unit: str, axis: Axis) -> dict[str, Any]:
    """Options of the horizontal axis that the curves of a unit share."""
    return signed_axis(unit, reach_of(curves, unit, axis), "achieved mean L2" if axis == "l2" else "")


def curve_traces(result: SweepResult, curve: Curve, axis: Axis, name: str = "") -> list[go.Scatter]:
    """A curve's band, its line and, where the sweep rounded, the line after rounding; named by `name`, or its rule."""
    x = squeeze(places(curve, axis), unit_of(curve, axis))
    correct = result.correct(curve)
    traces = [band(x, correct, result.images, curve.rule), _line(result, curve, x, correct, name)]
    if curve.rounded is not None:
        line = _line(result, curve, x, result.correct_rounded(curve), name, " after 8 bit")
        colour = curve.rule.row.colour
        line.update(
            line_width=1.2,
            showlegend=False,
            marker={"size": 11, "symbol": f"{curve.rule.row.symbol}-open", "line": {"color": colour}},
        )
        traces.append(line)
    return traces


def band(x: FloatArray, correct: IntArray | FloatArray, images: int, rule: Rule) -> go.Scatter:
    """The Wilson 95 % interval around a rule's accuracies, as an area."""
    return area(x, *wilson_interval(correct, images), rule.row.colour, 0.18, legendgroup=str(rule))


def _line(
    result: SweepResult, curve: Curve, x: FloatArray, correct: IntArray | FloatArray, name: str, after: str = ""
) -> go.Scatter:
    colour, title = curve.rule.row.colour, (name or curve.rule.row.words) + after
    low, high = wilson_interval(correct, result.images)
    notes = [
        [format_epsilon(e, curve.steps_of), _interval(lo, hi), f"{l2:.3g}"]
        for e, lo, hi, l2 in zip(curve.epsilons, low, high, curve.level("l2"), strict=True)
    ]
    return go.Scatter(
        x=x, y=correct / result.images, name=title, mode="lines+markers", legendgroup=str(curve.rule),
        line={"color": colour, "width": 2.5, "dash": curve.rule.row.dash},
        marker={"size": 8, "color": colour, "symbol": curve.rule.row.symbol},
        selected={"marker": {"size": 13}}, unselected={"marker": {"opacity": 1}},
        customdata=notes, meta=str(curve.rule),
        hovertemplate=(
            f"<b>{title}</b><br>ε = %{{customdata[0]}}<br>{result.counted} %{{y:.1%}} (%{{customdata[1]}})"
            f"<br>mean L2{' before rounding' if after else ''} %{{customdata[2]}}<extra></extra>"
        ),
    )  # fmt: skip


def _interval(low: float, high: float) -> str:
    """The ends; of a point that rounding leaves undefined, so much."""
    return f"{low:.1%} to {high:.1%}" if np.isfinite(low) else "not defined"


def _rounded_key() -> go.Scatter:
    """An entry of the legend that stands for the thin line of every rule."""
    return go.Scatter(
        x=[None], y=[None], name="thin, open: after rounding to 8 bit", mode="lines+markers", hoverinfo="skip",
        line={"color": NEUTRAL, "width": 1.2}, marker={"size": 11, "symbol": "circle-open"},
    )  # fmt: skip


def area_figure(result: SweepResult) -> go.Figure:
    """Two bars a rule, climbing and descending (hatched), from 0 to its largest epsilon; dotted: the clean accuracy.

    A side without epsilons has no bar.
    """
    figure = go.Figure([_area_bars(result, side) for side in (1, -1)])
    figure.add_vline(x=result.clean_accuracy, line_width=1.5, line_dash="dot", line_color=NEUTRAL)
    figure.update_xaxes(
        range=[0, 1.1], tickformat=".0%", tickvals=[0, 0.25, 0.5, 0.75, 1], fixedrange=True,
        title_text=f"mean {result.counted} over epsilon",
    )  # fmt: skip
    figure.update_yaxes(autorange="reversed", fixedrange=True, ticklabelstandoff=6)
    return lay_out(figure, barmode="group", bargap=0.3, height=130 + 62 * len(result.curves))


def _area_bars(result: SweepResult, side: int) -> go.Bar:
    title = "away, ε > 0" if side > 0 else "towards, ε < 0"
    areas = [
        normalised_area(curve.epsilons, result.correct(curve) / result.images, result.clean_accuracy)
        for curve in result.curves
    ]
    shares = blank(np.array([up if side > 0 else down for up, down in areas]))
    colours = [curve.rule.row.colour for curve in result.curves]
    ends = [format_epsilon(float(curve.epsilons[-1 if side > 0 else 0]), curve.rule) for curve in result.curves]
    return go.Bar(
        name=title, y=[curve.rule.row.words for curve in result.curves], x=shares, orientation="h", cliponaxis=False,
        text=["" if share is None else f"{share:.1%}" for share in shares], textposition="outside",
        marker={
            "color": colours if side > 0 else [translucent(c, 0.45) for c in colours],
            "pattern": {"shape": "" if side > 0 else "/", "fgcolor": colours, "fgopacity": 1, "size": 8},
        },
        customdata=ends,
        hovertemplate="%{y}: %{x:.2%} from 0 to %{customdata}<extra>" + title + "</extra>",
    )  # fmt: skip
