"""Accuracy over signed epsilon: one line a rule, with the interval as a band."""

from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gradlab.epsilon import PIXEL_LEVELS, format_epsilon
from gradlab.figures.style import LAYOUT, RULE_COLOURS, RULE_DASHES, RULE_TITLES, UNIT_TITLES, translucent
from gradlab.statistics import wilson_interval
from gradlab.types import Curve, FloatArray, SweepResult

Axis = Literal["epsilon", "l2"]

# The axis is signed and logarithmic: x ↦ sign(x) · log₁₀(1 + |x| / s), which is straight near 0, within ± s.
_STRAIGHT = {"pixel": 1 / PIXEL_LEVELS, "gradient": 0.01, "l2": 0.1}
_TICKS = {
    "pixel": [n / PIXEL_LEVELS for n in (0, 1, 2, 4, 8, 16, 32, 64, 128, 255)],
    "gradient": [0, 0.01, 0.1, 1, 10, 100],
    "l2": [0, 0.2, 1, 3, 10, 30],
}


def sweep_figure(result: SweepResult, axis: Axis = "epsilon") -> go.Figure:
    """Accuracy over epsilon, in one panel for each unit; or, with `l2`, over the achieved distance in a single one.

    With `l2`, the rules meet at equal budget: x is the mean L2 distance over the images, after clipping, with the sign
    of epsilon.
    """
    units = ["l2"] if axis == "l2" else list(dict.fromkeys(curve.rule.unit for curve in result.curves))
    figure = make_subplots(rows=len(units), cols=1, shared_yaxes=True, vertical_spacing=0.24 / len(units))
    for curve in result.curves:
        row = 1 + (0 if axis == "l2" else units.index(curve.rule.unit))
        for trace in _line(result, curve, axis):
            figure.add_trace(trace, row=row, col=1)
    for row, unit in enumerate(units, 1):
        title = "achieved mean L2" if axis == "l2" else UNIT_TITLES[unit]
        _signed_axis(figure, row, unit, title, _reach(result, unit, axis))
        figure.add_vline(x=0, line_width=1, line_color="rgba(128,128,128,0.7)", row=row, col=1)
        figure.add_hline(
            y=result.clean_accuracy, line_width=1, line_dash="dot", line_color="rgba(128,128,128,0.7)",
            row=row, col=1,
        )  # fmt: skip
    figure.update_yaxes(range=[-0.03, 1.03], tickformat=".0%", title_text="accuracy", fixedrange=True)
    figure.update_layout(**LAYOUT, height=170 + 250 * len(units), hovermode="closest", clickmode="event+select")
    return figure


def _line(result: SweepResult, curve: Curve, axis: Axis) -> list[go.Scatter]:
    unit = "l2" if axis == "l2" else curve.rule.unit
    where = np.sign(curve.epsilons) * curve.l2.mean(axis=1) if axis == "l2" else curve.epsilons
    x = squeeze(where, unit)
    correct = result.correct(curve)
    low, high = wilson_interval(correct, result.images)
    colour, title = RULE_COLOURS[curve.rule], RULE_TITLES[curve.rule]
    notes = [
        [format_epsilon(e, curve.rule), f"{lo:.1%} to {hi:.1%}", f"{l2:.3g}"]
        for e, lo, hi, l2 in zip(curve.epsilons, low, high, curve.l2.mean(axis=1), strict=True)
    ]
    band = go.Scatter(
        x=np.concatenate([x, x[::-1]]), y=np.concatenate([high, low[::-1]]), fill="toself", mode="lines",
        fillcolor=translucent(colour, 0.18), line_width=0, hoverinfo="skip", showlegend=False,
        legendgroup=str(curve.rule),
    )  # fmt: skip
    line = go.Scatter(
        x=x, y=correct / result.images, name=title, mode="lines+markers", legendgroup=str(curve.rule),
        line={"color": colour, "width": 2.5, "dash": RULE_DASHES[curve.rule]}, marker={"size": 7, "color": colour},
        selected={"marker": {"size": 13}}, unselected={"marker": {"opacity": 1}},
        customdata=notes, meta=str(curve.rule),
        hovertemplate=(
            f"<b>{title}</b><br>epsilon %{{customdata[0]}}<br>accuracy %{{y:.1%}} (%{{customdata[1]}})"
            "<br>mean L2 %{customdata[2]}<extra></extra>"
        ),
    )  # fmt: skip
    return [band, line]


def squeeze(values: FloatArray, unit: str) -> FloatArray:
    """Where signed values stand on the axis of a unit."""
    result: FloatArray = np.sign(values) * np.log10(1 + np.abs(values) / _STRAIGHT[unit])
    return result


def _reach(result: SweepResult, unit: str, axis: Axis) -> float:
    if axis == "l2":
        return max(float(c.l2.mean(axis=1).max()) for c in result.curves)
    return max(float(np.abs(c.epsilons).max()) for c in result.curves if c.rule.unit == unit)


def _signed_axis(figure: go.Figure, row: int, unit: str, title: str, reach: float) -> None:
    positive = np.array([tick for tick in _TICKS[unit] if tick <= reach * 1.01], np.float64)
    ticks = np.concatenate([-positive[:0:-1], positive])
    edge = float(squeeze(np.array([reach]), unit)[0]) * 1.04 or 1.0
    options: dict[str, Any] = {
        "tickvals": squeeze(ticks, unit),
        "ticktext": [_tick(tick, unit) for tick in ticks],
        "range": [-edge, edge],
        "tickangle": 0,
        "title_text": f"← descends the loss · {title} · climbs →",
        "fixedrange": True,
        "zeroline": False,
    }
    figure.update_xaxes(**options, row=row, col=1)


def _tick(value: float, unit: str) -> str:
    sign = "−" if value < 0 else ""
    if unit == "pixel":
        return f"{sign}{round(abs(value) * PIXEL_LEVELS)}"
    return f"{sign}{abs(value):g}"
