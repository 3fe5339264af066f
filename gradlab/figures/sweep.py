"""Accuracy over signed epsilon: one line a rule, with the interval as a band, and a second after rounding to 8 bit."""

from typing import Literal

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gradlab.epsilon import format_epsilon
from gradlab.figures.signed import signed_axis, squeeze
from gradlab.figures.style import LAYOUT, NEUTRAL, RULE_COLOURS, RULE_DASHES, RULE_TITLES, UNIT_TITLES, translucent
from gradlab.statistics import wilson_interval
from gradlab.types import Curve, FloatArray, IntArray, Rule, SweepResult

Axis = Literal["epsilon", "l2"]


def sweep_figure(result: SweepResult, axis: Axis = "epsilon") -> go.Figure:
    """Accuracy over epsilon, in one panel for each unit; or, with `l2`, over the achieved distance in a single one.

    With `l2`, the rules meet at equal budget: x is the mean L2 distance over the images, after clipping, with the sign
    of epsilon. Where the sweep rounded, a thinner line with open markers says what 8 bit leave of each rule's effect.
    The attribute `meta` of a line is its rule.
    """
    units = ["l2"] if axis == "l2" else list(dict.fromkeys(curve.rule.unit for curve in result.curves))
    figure = make_subplots(rows=len(units), cols=1, shared_yaxes=True, vertical_spacing=0.24 / len(units))
    for curve in result.curves:
        row = 1 + (0 if axis == "l2" else units.index(curve.rule.unit))
        for trace in curve_traces(result, curve, axis):
            figure.add_trace(trace, row=row, col=1)
    if result.curves and result.eight_bit:
        figure.add_trace(_rounded_key(), row=1, col=1)
    for row, unit in enumerate(units, 1):
        title = "achieved mean L2" if axis == "l2" else UNIT_TITLES[unit]
        figure.update_xaxes(**signed_axis(unit, _reach(result, unit, axis), title), row=row, col=1)
        figure.add_vline(x=0, line_width=1, line_color=NEUTRAL, row=row, col=1)
        figure.add_hline(y=result.clean_accuracy, line_width=1, line_dash="dot", line_color=NEUTRAL, row=row, col=1)
    figure.update_yaxes(range=[-0.03, 1.03], tickformat=".0%", title_text="accuracy", fixedrange=True)
    figure.update_layout(**LAYOUT, height=170 + 250 * len(units), hovermode="closest", clickmode="event+select")
    return figure


def curve_traces(result: SweepResult, curve: Curve, axis: Axis, name: str = "") -> list[go.Scatter]:
    """A curve's band, its line and, where the sweep rounded, the line after rounding; named by `name`, or its rule."""
    unit = "l2" if axis == "l2" else curve.rule.unit
    where = np.sign(curve.epsilons) * curve.level("l2") if axis == "l2" else curve.epsilons
    x = squeeze(where, unit)
    correct = result.correct(curve)
    traces = [band(x, correct, result.images, curve.rule), _line(result, curve, x, correct, name)]
    if curve.rounded is not None:
        line = _line(result, curve, x, result.correct_rounded(curve), name, " after 8 bit")
        colour = RULE_COLOURS[curve.rule]
        line.update(
            line_width=1.2, showlegend=False, marker={"size": 11, "symbol": "circle-open", "line": {"color": colour}}
        )
        traces.append(line)
    return traces


def band(x: FloatArray, correct: IntArray, images: int, rule: Rule) -> go.Scatter:
    """The Wilson 95 % interval around a rule's accuracies, as an area."""
    low, high = wilson_interval(correct, images)
    return go.Scatter(
        x=np.concatenate([x, x[::-1]]), y=np.concatenate([high, low[::-1]]), fill="toself", mode="lines",
        fillcolor=translucent(RULE_COLOURS[rule], 0.18), line_width=0, hoverinfo="skip", showlegend=False,
        legendgroup=str(rule),
    )  # fmt: skip


def _line(
    result: SweepResult, curve: Curve, x: FloatArray, correct: IntArray, name: str, after: str = ""
) -> go.Scatter:
    colour, title = RULE_COLOURS[curve.rule], (name or RULE_TITLES[curve.rule]) + after
    low, high = wilson_interval(correct, result.images)
    notes = [
        [format_epsilon(e, curve.rule), f"{lo:.1%} to {hi:.1%}", f"{l2:.3g}"]
        for e, lo, hi, l2 in zip(curve.epsilons, low, high, curve.level("l2"), strict=True)
    ]
    return go.Scatter(
        x=x, y=correct / result.images, name=title, mode="lines+markers", legendgroup=str(curve.rule),
        line={"color": colour, "width": 2.5, "dash": RULE_DASHES[curve.rule]}, marker={"size": 7, "color": colour},
        selected={"marker": {"size": 13}}, unselected={"marker": {"opacity": 1}},
        customdata=notes, meta=str(curve.rule),
        hovertemplate=(
            f"<b>{title}</b><br>epsilon %{{customdata[0]}}<br>accuracy %{{y:.1%}} (%{{customdata[1]}})"
            f"<br>mean L2{' before rounding' if after else ''} %{{customdata[2]}}<extra></extra>"
        ),
    )  # fmt: skip


def _rounded_key() -> go.Scatter:
    """An entry of the legend that stands for the thin line of every rule."""
    return go.Scatter(
        x=[None], y=[None], name="after rounding to 8 bit", mode="lines+markers", hoverinfo="skip",
        line={"color": NEUTRAL, "width": 1.2}, marker={"size": 11, "symbol": "circle-open"},
    )  # fmt: skip


def _reach(result: SweepResult, unit: str, axis: Axis) -> float:
    if axis == "l2":
        return max(float(c.level("l2").max()) for c in result.curves)
    return max(float(np.abs(c.epsilons).max()) for c in result.curves if c.rule.unit == unit)
