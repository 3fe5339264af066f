"""Ticks that have room on a phone: how many are named, and that none of them is turned.

Left to itself, plotly turns labels that it finds too near to each other, and finds so again each time that a page lays
itself out: then a label may stand askew that had room. Here each angle is given, and of the labels that a figure offers
those are kept that have room where it is narrowest: the ends, the middle, and what stands well between.
"""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

_ENOUGH = 5  # of fewer names than these side by side, categories stand upright
_UPRIGHT = 90  # degrees
_LINE = 1.25  # em, the height of a line of type
_GAP = 0.4  # em, between labels at least
_WIDE = "−+"
_NARROW = ".,:|/"


def settle_ticks(figure: go.Figure, size: float, title: float, phone: float) -> None:
    """Give every axis of a figure an angle, and the horizontal ones labels that have room.

    Args:
        figure: with all its traces and axes. It is changed; where the figure says in `layout.meta` how narrow it gets,
            in pixels, that counts, and else a phone.
        size: of the labels' type in pixels.
        title: of the axes' titles.
        phone: how wide a figure is on a phone.
    """
    for trace in figure.data:
        if "colorbar" in trace:
            trace.colorbar.tickangle = 0
    for axis in (*figure.select_xaxes(), *figure.select_yaxes()):
        if axis.tickangle is None:
            axis.tickangle = 0
    room = (figure.layout.meta or phone) - _beside(figure, size, title)
    for axis in figure.select_xaxes():
        if axis.tickvals is not None and axis.range and (axis.ticktext or axis.tickformat):
            start, end = axis.domain or (0, 1)
            names = [str(name) for name in figure.data[0].x] if axis.type == "category" else []
            _thin(axis, room * (end - start), size, names)


def text_width(text: str, size: float) -> float:
    """About how wide a text is, in pixels, in the fonts that are usual on pages; rather too wide."""
    return size * sum(0.34 if character in _NARROW else 0.8 if character in _WIDE else 0.57 for character in text)


def _thin(axis: Any, room: float, size: float, names: list[str]) -> None:
    """Keep the labels that have room; where too few names do, they stand upright and plotly leaves some out."""
    low, high = map(float, axis.range)
    texts = list(axis.ticktext or (format(value, axis.tickformat) for value in axis.tickvals))
    values = [float(names.index(value) if names else value) for value in axis.tickvals]
    places = [(value - low) / (high - low) * room for value in values]
    kept = _apart(places, [text_width(text, size) for text in texts], texts, _GAP * size)
    if names and len(kept) < min(_ENOUGH, len(texts)):
        axis.update(tickangle=_UPRIGHT, tickvals=None, ticktext=None)
    else:
        axis.update(tickvals=[axis.tickvals[n] for n in kept], ticktext=[texts[n] for n in kept])


def _apart(places: Sequence[float], widths: Sequence[float], texts: Sequence[str], gap: float) -> list[int]:
    """Which labels do not touch: 0, or else the first; the outermost; then outward, as many as have room between.

    Of two that mirror each other, both or neither.
    """
    first, last = texts.index("0") if "0" in texts else 0, len(texts) - 1
    kept: list[int] = []
    for n in (first, last, 0, *range(first + 1, last), *range(first - 1, 0, -1)):
        if all(abs(places[n] - places[k]) >= (widths[n] + widths[k]) / 2 + gap for k in kept):
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
