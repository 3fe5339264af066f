"""Accuracy over signed epsilon class by class: small panels side by side, each with a line for every rule."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gradlab.figures.signed import squeeze
from gradlab.figures.style import LAYOUT, NEUTRAL, as_written, blank, lay_out
from gradlab.figures.sweep import Axis, common_axis, places, reach_of, unit_of, units_of
from gradlab.statistics import class_accuracy
from gradlab.steps.epsilon import format_epsilon
from gradlab.types import Curve, FloatArray, SweepResult

ACROSS = 5
_ROW = 150  # pixels
_NARROWEST = 900  # pixels: on a phone it scrolls in a frame of its own


def class_panels_figure(result: SweepResult, classes: Sequence[int], axis: Axis = "epsilon") -> go.Figure:
    """A panel for each of the classes; dotted: what is right before anything is done.

    Rules of one unit share its axis. Rules of several units are each stretched to the same width, the smallest epsilon
    at the left end and the largest at the right. With `l2`, all meet at the achieved mean distance, over all classes.

    Args:
        result: of a sweep.
        classes: their places, in the order of the panels; at least one.
        axis: as for `sweep_figure`.
    """
    names, across = as_written(result.classes), min(ACROSS, len(classes))
    rows, members = -(-len(classes) // across), np.bincount(result.labels, minlength=len(result.classes))
    axis_options, title = _axis(result, axis)
    figure = make_subplots(
        rows=rows, cols=across, shared_xaxes="all", shared_yaxes="all", horizontal_spacing=0.02,
        vertical_spacing=0.3 / rows / (1 + 0.1 * rows), x_title=title, y_title=result.counted,
        subplot_titles=[f"{names[n]} <span style='opacity:0.7'>({members[n]:,})</span>" for n in classes],
    )  # fmt: skip
    figure.update_annotations(font_size=13)
    clean = class_accuracy(result.clean_predictions[None], result.labels, len(result.classes))[0]
    for curve in result.curves:
        shares = class_accuracy(curve.predictions, result.labels, len(result.classes))
        x = _positions(result, curve, axis)
        for place, n in enumerate(classes):
            line = _line(curve, x, shares[:, n], names[n], result.counted, named=place == 0)
            figure.add_trace(line, row=place // across + 1, col=place % across + 1)
    for place, n in enumerate(classes):
        where: dict[str, Any] = {"row": place // across + 1, "col": place % across + 1, "line_color": NEUTRAL}
        figure.add_vline(x=0, line_width=1, **where)
        if members[n]:
            figure.add_hline(y=float(clean[n]), line_width=1, line_dash="dot", **where)
    figure.update_xaxes(**axis_options, fixedrange=True, zeroline=False, showgrid=False, tickangle=0)
    figure.update_yaxes(range=[-0.05, 1.05], tickvals=[0, 0.5, 1], tickformat=".0%", fixedrange=True)
    # Room for the titles of the axes and the legend, in pixels, however many rows there are.
    height = 120 + (_ROW + 30) * rows
    return lay_out(
        figure, margin={"l": 64, "r": 8, "t": 64, "b": 56}, legend=LAYOUT["legend"] | {"y": 1 + 34 / (height - 120)},
        height=height, hovermode="closest", meta=_NARROWEST,
    )  # fmt: skip


def _line(curve: Curve, x: FloatArray, shares: FloatArray, name: str, counted: str, *, named: bool) -> go.Scatter:
    colour, title = curve.rule.row.colour, curve.rule.row.words
    return go.Scatter(
        x=x, y=blank(shares), name=title, mode="lines+markers", legendgroup=str(curve.rule), showlegend=named,
        line={"color": colour, "width": 2, "dash": curve.rule.row.dash}, meta=str(curve.rule),
        marker={"size": 6, "symbol": curve.rule.row.symbol, "color": colour, "maxdisplayed": 9},
        customdata=[format_epsilon(e, curve.rule) for e in curve.epsilons],
        hovertemplate=f"<b>{name}</b>, {title}<br>ε = %{{customdata}}<br>{counted} %{{y:.1%}}<extra></extra>",
    )  # fmt: skip


def _positions(result: SweepResult, curve: Curve, axis: Axis) -> FloatArray:
    """Where the epsilons of a rule stand."""
    unit = unit_of(curve, axis)
    x = squeeze(places(curve, axis), unit)
    if len(units_of(result.curves, axis)) == 1:
        return x
    stretched: FloatArray = x / (squeeze(np.array([reach_of(result.curves, unit, axis)]), unit)[0] or 1.0)
    return stretched


def _axis(result: SweepResult, axis: Axis) -> tuple[dict[str, Any], str]:
    """The ticks and the range of every panel's horizontal axis, and the title of all."""
    units = units_of(result.curves, axis)
    if len(units) > 1:
        options = {"tickvals": [-1, 0, 1], "ticktext": ["−", "0", "+"], "range": [-1.05, 1.05]}
        return options, "← towards · ε, each kind of noise in its own unit · away →"
    whole = common_axis(result.curves, units[0], axis)
    last = len(whole["ticktext"]) - 1
    kept = sorted({0, last // 4, last // 2, last - last // 4, last})
    options = {
        "tickvals": [float(whole["tickvals"][n]) for n in kept],
        "ticktext": [whole["ticktext"][n] for n in kept],
        "range": whole["range"],
    }
    return options, str(whole["title_text"])
