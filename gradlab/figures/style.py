"""What all figures share: colours that belong to no rule, and how large type is. A rule brings its own colour."""

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go

from gradlab.figures.ticks import settle_ticks
from gradlab.types import FloatArray

CLEAN_COLOUR = "#56B4E9"
PERTURBED_COLOUR = "#D55E00"
NEUTRAL = "#8A8A8A"  # lines that belong to no rule: seen on white and on the dark theme
HEAT = "Cividis"  # shares: even steps to the eye, with any kind of colour vision, and seen on white and on black
HEAT_BAR: dict[str, Any] = {"tickformat": ".0%", "thickness": 12, "outlinewidth": 0, "tickfont": {"size": 12}}

ACCURACY_AXIS: dict[str, Any] = {
    "range": [-0.03, 1.03], "tickformat": ".0%", "title_text": "accuracy", "fixedrange": True,
}  # fmt: skip

_TEXT, _TICK = 14, 12  # px
_LEGEND, _AROUND = 10, 110  # px: how far above the plot a legend is, and what a figure is higher than its plot
_PHONE, _ENLARGED_PHONE = 350, 318  # px, of a figure on a screen that is 390 px wide, less some for safety

LAYOUT: dict[str, Any] = {
    "margin": {"l": 8, "r": 8, "t": 36, "b": 8},
    "legend": {"orientation": "h", "yanchor": "bottom", "y": 1.02, "xanchor": "left", "x": 0},
    "hoverlabel": {"align": "left"},
    "font": {"size": _TEXT},
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
}


def as_written(classes: Sequence[str]) -> tuple[str, ...]:
    """Names of classes for plotly, which takes some HTML in a text for what it is."""
    return tuple(escape(name, quote=False) for name in classes)


def lay_out(figure: go.Figure, **layout: Any) -> go.Figure:
    """Give a figure, whose traces and axes are all there, what all have in common; and `layout`, which is its own.

    The room that it has on the right already stays.
    """
    margin = LAYOUT["margin"] | ({"r": figure.layout.margin.r} if figure.layout.margin.r else {})
    above = 1 + _LEGEND / max(1, layout["height"] - _AROUND)
    figure.update_layout(**(LAYOUT | {"margin": margin, "legend": LAYOUT["legend"] | {"y": above}} | layout))
    for axes in (figure.update_xaxes, figure.update_yaxes):
        axes(tickfont_size=_TICK)
    settle_ticks(figure, _TICK, _TEXT, _PHONE)
    return figure


def enlarged(figure: go.Figure, factor: float) -> go.Figure:
    """The same figure with all its type `factor` times as large: taller, with bolder lines, and with fewer ticks."""
    if figure.layout.height:
        figure.layout.height *= factor
    if figure.layout.margin.t:
        figure.layout.margin.t *= factor  # what is written above the panels stands in it
    if (figure.layout.margin.r or 0) > LAYOUT["margin"]["r"]:
        figure.layout.margin.r *= _less(factor)  # names at the ends of lines
    # Said here and not left to the layout's font: a page's theme has sizes of its own for these.
    for axes in (figure.update_xaxes, figure.update_yaxes):
        axes(tickfont_size=_TICK * factor, title_font_size=_TEXT * factor)
    figure.update_layout(legend_font_size=_TEXT * factor)
    bars = [trace.colorbar.tickfont for trace in figure.data if "colorbar" in trace]
    texts = [trace.textfont for trace in figure.data if "textfont" in trace]
    notes = [note.font for note in figure.layout.annotations if not note.name]
    for font in (figure.layout.font, *notes, *bars, *texts):
        if font.size:
            font.size *= factor
    for name in figure.select_annotations(lambda note: note.name):
        name.font.size *= _less(factor)  # beside the plot: with all of it, no tick but 0 would have room
    figure.for_each_xaxis(lambda axis: axis.update(nticks=max(2, round(axis.nticks / factor))) if axis.nticks else None)
    figure.update_xaxes(dtick=None, selector={"type": "category"})  # as many as have room
    for trace in figure.data:
        if "colorbar" in trace and trace.colorbar.nticks:
            trace.colorbar.nticks = max(2, round(trace.colorbar.nticks / factor))
        if trace.type == "scatter":
            _embolden(trace, 1 + 0.6 * (factor - 1))
    settle_ticks(figure, _TICK * factor, _TEXT * factor, _ENLARGED_PHONE)
    return figure


def _embolden(trace: go.Scatter, factor: float) -> None:
    if trace.line.width:
        trace.line.width *= factor
    if trace.marker.size is not None:
        trace.marker.size = np.multiply(trace.marker.size, factor).tolist()


def _less(factor: float) -> float:
    return 1 + 0.4 * (factor - 1)


def translucent(colour: str, alpha: float) -> str:
    """`#rrggbb` as `rgba(...)`."""
    red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha})"


def area(x: FloatArray, low: FloatArray, high: FloatArray, colour: str, alpha: float, **more: Any) -> go.Scatter:
    """What lies between two curves over x, (K,) each, without a border; nothing shows under the pointer."""
    return go.Scatter(
        x=np.concatenate([x, x[::-1]]), y=np.concatenate([high, low[::-1]]), fill="toself", mode="lines",
        fillcolor=translucent(colour, alpha), line_width=0, hoverinfo="skip", showlegend=False, **more,
    )  # fmt: skip


def blank(values: FloatArray) -> list[Any]:
    """The values as lists, None for NaN: plotly leaves that out."""
    blanked = values.astype(object)
    blanked[np.isnan(values)] = None
    return list(blanked.tolist())
