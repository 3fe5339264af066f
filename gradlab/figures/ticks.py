"""Ticks that have room on a phone: how many are named, and that none of them is turned.

Left to itself, plotly turns labels that it finds too near to each other, and finds so again each time that a page lays
itself out: then a label may stand askew that had room. Here each angle is given, and of the labels that a figure offers
those are kept that have room where it is narrowest.
"""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

PHONE = 342  # px, of a figure on a screen that is 390 px wide
_ENOUGH = 5  # of fewer names than these side by side, categories stand upright
_UPRIGHT = 90  # degrees
_LINE = 1.25  # em, the height of a line of type
_NARROW = ".,:|/"


def settle_ticks(figure: go.Figure, size: float, title: float) -> None:
    """Give every axis of a figure an angle, and the horizontal ones labels that have room.

    Args:
        figure: with all its traces and axes. It is changed; where the figure says in `layout.meta` how narrow it gets,
            in pixels, that counts, and else a phone.
        size: of the labels' type in pixels.
        title: of the axes' titles.
    """
    for trace in figure.data:
        if "colorbar" in trace:
            trace.colorbar.tickangle = 0
    for axis in (*figure.select_xaxes(), *figure.select_yaxes()):
        if axis.tickangle is None:
            axis.tickangle = 0
    room = (figure.layout.meta or PHONE) - _beside(figure, size, title)
    for axis in figure.select_xaxes():
        if axis.tickvals is not None and axis.range and (axis.ticktext or axis.tickformat):
            start, end = axis.domain or (0, 1)
            _thin(axis, room * (end - start), size)


def text_width(text: str, size: float) -> float:
    """About how wide a text is, in pixels; rather too wide."""
    return size * sum(0.3 if character in _NARROW else 0.57 for character in text)


def _thin(axis: Any, room: float, size: float) -> None:
    """Keep the labels that have room; categories of which too few have stand upright, and plotly leaves out some."""
    low, high, of_classes = *map(float, axis.range), axis.type == "category"
    texts = list(axis.ticktext or (format(value, axis.tickformat) for value in axis.tickvals))
    values = [float(n if of_classes else value) for n, value in enumerate(axis.tickvals)]
    places = [(value - low) / (high - low) * room for value in values]
    kept = _apart(places, [text_width(text, size) for text in texts], texts, size / 2)
    if of_classes and len(kept) < min(_ENOUGH, len(texts)):
        axis.update(tickangle=_UPRIGHT, tickvals=None, ticktext=None)
    else:
        axis.update(tickvals=[axis.tickvals[n] for n in kept], ticktext=[texts[n] for n in kept])


def _apart(places: Sequence[float], widths: Sequence[float], texts: Sequence[str], gap: float) -> list[int]:
    """Which labels do not touch, outward from 0, or from the first; of two that mirror each other, both or neither."""
    first = texts.index("0") if "0" in texts else 0
    kept = [first]
    for side in (range(first + 1, len(texts)), range(first - 1, -1, -1)):
        last = first
        for n in side:
            if abs(places[n] - places[last]) >= (widths[n] + widths[last]) / 2 + gap:
                last = n
                kept.append(n)
    said = {texts[n] for n in kept}
    return sorted(n for n in kept if (mirrored := _mirrored(texts[n])) not in texts or mirrored in said)


def _mirrored(text: str) -> str:
    return text.removeprefix("−") if text.startswith("−") else f"−{text}"


def _beside(figure: go.Figure, size: float, title: float) -> float:
    """Pixels beside the plot: its margins, what is written at its vertical axes, a colour bar."""
    margin = (figure.layout.margin.l or 0) + (figure.layout.margin.r or 0)
    bars = [trace for trace in figure.data if "colorbar" in trace and trace.showscale is not False]
    bar = any(trace.colorbar.orientation != "h" for trace in bars)
    names = max((text_width(name, size) for name in _names(figure)), default=0)
    titled = any(axis.title.text for axis in figure.select_yaxes())
    return float(margin + names + (_LINE * title + 8) * titled + (24 + text_width("100%", size)) * bar)


def _names(figure: go.Figure) -> list[str]:
    """What is written at the vertical axes, as far as it is known."""
    given = [text for axis in figure.select_yaxes() for text in axis.ticktext or ()]
    of_classes = [name for trace in figure.data for name in (trace.y if "y" in trace and trace.y is not None else ())]
    return given + [name for name in of_classes if isinstance(name, str)] or ["100%"]
