"""Who sees the change, and what the network makes of it: both over the same axis, people's answers and accuracy."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gradlab.figures.style import LAYOUT, NEUTRAL, area, blank, lay_out, translucent
from gradlab.figures.thresholds_axis import places, unit_of, where, x_axis
from gradlab.seeing.psychometrics import TARGET
from gradlab.seeing.thresholds import threshold_text
from gradlab.types import Accuracy, Estimate, Seen, SeenAxis, SeenNetwork

_RUG = -0.07  # how far below 0 single people are marked, a row for each rule


def seen_figure(found: Sequence[Seen], axis: SeenAxis = "epsilon") -> go.Figure:
    """The share of right answers with its 95 % band, the answers, the threshold, and the network's accuracy, by rule.

    The accuracy on the images that people were shown is dashed, that on all of the sweep dotted (dashed where it is the
    only one); a level line of the same kind is the clean accuracy. Without labels the share that keeps its class
    stands for accuracy, and there is no such line.

    With `epsilon` each unit has a panel of its own; else all rules meet at the mean L2, the median PSNR or the mean
    SSIM of the images shown, or of all where those shown were not measured. The axis is logarithmic in what changes,
    and runs from little change on the left to much on the right. The attribute `meta` of a trace is its rule and what
    it is: `people`, `band`, `answers`, `threshold`, `shown`, `shown at`, `network`, `at`, `persons`.

    Args:
        found: as `see` returns them, at least one.
        axis: what is on the horizontal axis; one of `axes_of` their networks.

    Raises:
        BadValueError: for an axis that the sweep did not measure.
    """
    units = list(dict.fromkeys(unit_of(seen, axis) for seen in found))
    figure = make_subplots(rows=len(units), cols=1, vertical_spacing=0.24 / len(units))
    several = [seen for seen in found if len(seen.persons) > 1]
    for row, unit in enumerate(units, 1):
        members = [seen for seen in found if unit_of(seen, axis) == unit]
        for seen in members:
            height = _RUG * (1 + several.index(seen)) if seen in several else None
            for trace in traces_of(seen, axis, height):
                figure.add_trace(trace, row=row, col=1)
        figure.update_xaxes(**x_axis(members, axis, unit), row=row, col=1)
        figure.add_hline(y=TARGET, line_width=1, line_color=NEUTRAL, row=row, col=1)
        for share, dash in _clean(members[0]):
            figure.add_hline(y=share, line_width=1, line_dash=dash, line_color=NEUTRAL, row=row, col=1)
    low = _RUG * (len(several) + 0.5) if several else -0.03
    figure.update_yaxes(
        range=[low, 1.05],
        tickvals=[0, 0.25, 0.5, TARGET, 1],
        tickformat=".0%",
        title_text="share right",
        fixedrange=True,
    )
    height = 190 + 270 * len(units)
    return lay_out(figure, legend=LAYOUT["legend"] | {"y": 1 + 12 / height}, height=height, hovermode="closest")


def _clean(seen: Seen) -> list[tuple[float, str]]:
    """The accuracy before anything is done, on the images shown and on all, each with its curve's dash."""
    dashes = [FULL, THIN] if seen.shown else [FULL]
    known = [network for network in (seen.shown, seen.network) if network]
    return [(network.clean.share, dash) for network, dash in zip(known, dashes, strict=False) if network.labelled]


ENOUGH = 5  # answers; of fewer an interval says nothing
FULL, THIN = "dash", "dot"  # of the accuracy that belongs to what people see, and of another beside it
MANY = 12  # sizes; more get smaller squares
_LARGEST = 22  # px, the dot of most answers

_GROUPS = {"network": "network", "at": "network", "shown": "shown", "shown at": "shown"}


def traces_of(seen: Seen, axis: SeenAxis, height: float | None) -> list[go.Scatter]:
    """All of one rule, the lowest first; `height`: of the marks of single people, where there are several."""
    traces = [*_networks(seen, axis), *_people(seen, axis), *_threshold(seen, axis)]
    if height is not None:
        traces.append(_persons(seen, axis, height))
    for trace in traces:
        trace.update(legendgroup=f"{seen.rule} {_GROUPS.get(trace.meta[1], 'people')}")
    return traces


def _people(seen: Seen, axis: SeenAxis) -> list[go.Scatter]:
    colour, curve = seen.rule.row.colour, seen.curve
    x = places(seen, axis, curve.intensities)
    kept = np.isfinite(x)
    band = area(x[kept], curve.low[kept], curve.high[kept], colour, 0.18, meta=[str(seen.rule), "band"])
    notes = [
        [where(seen, axis, size), f"{low:.0%} to {high:.0%}"]
        for size, low, high in zip(curve.intensities[kept], curve.low[kept], curve.high[kept], strict=True)
    ]
    line = go.Scatter(
        x=x[kept], y=curve.middle[kept], mode="lines", line={"color": colour, "width": 3}, customdata=notes,
        name=f"{seen.rule.row.words}: {_who(seen)}", legendrank=1, meta=[str(seen.rule), "people"],
        hovertemplate=(
            f"<b>{seen.rule.row.words}, {_who(seen)}</b><br>%{{customdata[0]}}"
            "<br>right answers %{y:.1%} (%{customdata[1]})<extra></extra>"
        ),
    )  # fmt: skip
    if not seen.fit.trials:
        return []
    return [band, line, _answers(seen, axis)]


def _answers(seen: Seen, axis: SeenAxis) -> go.Scatter:
    """A dot for each size, or a few sizes, its area as many answers as it has."""
    colour, dots = seen.rule.row.colour, seen.dots
    many = dots.answered >= ENOUGH
    return go.Scatter(
        x=blank(places(seen, axis, dots.sizes)), y=dots.share, mode="markers", showlegend=False, cliponaxis=False,
        meta=[str(seen.rule), "answers"],
        marker={
            "size": dots.answered, "sizemode": "area", "sizeref": 2 * dots.answered.max(initial=1) / _LARGEST**2,
            "sizemin": 3, "symbol": seen.rule.row.symbol,
            "color": translucent(colour, 0.45), "line": {"color": colour, "width": 1},
        },
        error_y={
            "type": "data", "symmetric": False, "array": np.where(many, dots.high - dots.share, 0),
            "arrayminus": np.where(many, dots.share - dots.low, 0), "width": 0, "thickness": 1,
            "color": translucent(colour, 0.6),
        },
        customdata=[
            [where(seen, axis, size), int(right), int(count), f"{low:.0%} to {high:.0%}"]
            for size, right, count, low, high in zip(
                dots.sizes, dots.right, dots.answered, dots.low, dots.high, strict=True
            )
        ],
        hovertemplate=(
            f"<b>{seen.rule.row.words}, answers</b><br>%{{customdata[0]}}"
            "<br>%{customdata[1]} of %{customdata[2]} right (%{customdata[3]})<extra></extra>"
        ),
    )  # fmt: skip


def _threshold(seen: Seen, axis: SeenAxis) -> list[go.Scatter]:
    """The interval as a bar at 75 %, the threshold on it; an open end is an arrow to the end of what was asked."""
    threshold = seen.fit.threshold
    if threshold.finding == "unknown":
        return []
    low, high = _within(threshold, seen.fit.span)
    marks = [
        (low, "line-ns-open" if threshold.low > 0 else "triangle-left"),
        *([(threshold.value, "diamond")] if threshold.value else []),
        (high, "line-ns-open" if np.isfinite(threshold.high) else "triangle-right"),
    ]
    if low == high:  # a bound at the end of what was asked: nothing but the arrow
        marks = [mark for mark in marks if mark[1].startswith("triangle")]
    sizes, symbols = [size for size, _ in marks], [symbol for _, symbol in marks]
    text = f"threshold {threshold_text(seen)}"
    return [
        go.Scatter(
            x=blank(places(seen, axis, np.array(sizes))), y=[TARGET] * len(sizes), mode="lines+markers",
            line={"color": seen.rule.row.colour, "width": 4}, showlegend=False,
            meta=[str(seen.rule), "threshold"],
            marker={"size": 13, "symbol": symbols, "color": seen.rule.row.colour, "line": {"width": 1.5}},
            hovertemplate=f"<b>{seen.rule.row.words}</b><br>{text}<extra></extra>",
        )
    ]  # fmt: skip


def _networks(seen: Seen, axis: SeenAxis) -> list[go.Scatter]:
    """The accuracy on the images shown and, thinner, on all that were measured; alone, each is drawn in full."""
    traces = []
    if seen.network:
        name = f"network, all {seen.network.images:,}"
        look = _Look("network", name, THIN, 0) if seen.shown else _Look("network", name, FULL, 6)
        traces += _network(seen, axis, seen.network, seen.at, look)
    if seen.shown:
        look = _Look("shown", f"network, {seen.shown.images:,} shown", FULL, 4 if len(seen.shown.sizes) > MANY else 6)
        traces += _network(seen, axis, seen.shown, seen.shown_at, look)
    return traces


def _network(seen: Seen, axis: SeenAxis, network: SeenNetwork, at: Accuracy | None, look: "_Look") -> list[go.Scatter]:
    """The accuracy with its Wilson band, and, ringed, where it is at the threshold."""
    colour, title = seen.rule.row.colour, f"{seen.rule.row.words}: {look.name}"
    x, meta = places(seen, axis, network.sizes), [str(seen.rule), look.kind]
    kept = np.isfinite(x)
    band = area(x[kept], network.low[kept], network.high[kept], colour, 0.12, meta=meta)
    line = go.Scatter(
        x=x[kept], y=network.share[kept], mode="lines+markers" if look.squares else "lines", name=title, meta=meta,
        legendrank=2 if look.dash == FULL else 3, line={"color": colour, "width": 1.5, "dash": look.dash},
        marker={"size": look.squares, "symbol": "square", "color": colour},
        customdata=[
            [where(seen, axis, size), f"{low:.1%} to {high:.1%}"]
            for size, low, high in zip(network.sizes[kept], network.low[kept], network.high[kept], strict=True)
        ],
        hovertemplate=(
            f"<b>{title}</b><br>%{{customdata[0]}}<br>{network.counted} %{{y:.1%}} (%{{customdata[1]}})<extra></extra>"
        ),
    )  # fmt: skip
    return [band, line, *([] if at is None else [_ring(seen, axis, at, look, network.counted)])]


def _ring(seen: Seen, axis: SeenAxis, at: Accuracy, look: "_Look", counted: str) -> go.Scatter:
    """From the threshold down to the accuracy there."""
    colour = seen.rule.row.colour
    place = blank(places(seen, axis, np.array([at.size])))[0]
    return go.Scatter(
        x=[place, place], y=[TARGET, at.share], mode="lines+markers", showlegend=False,
        meta=[str(seen.rule), "at" if look.kind == "network" else "shown at"],
        line={"color": colour, "width": 1.5, "dash": "dot"},
        marker={
            "size": [0, 15 if look.dash == FULL else 10], "symbol": "circle-open", "color": colour,
            "line": {"width": 2.5 if look.dash == FULL else 1.5},
        },
        hovertemplate=(
            f"<b>{seen.rule.row.words}: {look.name}</b><br>at the threshold, {where(seen, axis, at.size)}"
            f"<br>{counted} {at.share:.1%}<extra></extra>"
        ),
    )  # fmt: skip


class _Look(NamedTuple):
    """How a network's accuracy is drawn: what it is, its name, its dash, and how large its squares are, in px."""

    kind: str
    name: str
    dash: str
    squares: int


def _persons(seen: Seen, axis: SeenAxis, height: float) -> go.Scatter:
    """A thin mark for each person who has a threshold of their own."""
    sizes = np.array([one.value for one in seen.persons if one.value is not None], dtype=np.float64)
    return go.Scatter(
        x=blank(places(seen, axis, sizes)), y=[height] * len(sizes), mode="markers", showlegend=False,
        meta=[str(seen.rule), "persons"], customdata=[where(seen, axis, size) for size in sizes],
        marker={"symbol": "line-ns-open", "size": 10, "color": seen.rule.row.colour, "line": {"width": 1.5}},
        hovertemplate=f"<b>{seen.rule.row.words}</b><br>one person's threshold<br>%{{customdata}}<extra></extra>",
    )  # fmt: skip


def _within(threshold: Estimate, span: tuple[float, float]) -> tuple[float, float]:
    """The interval, its open ends at those of what was asked."""
    return threshold.low or span[0], threshold.high if np.isfinite(threshold.high) else span[1]


def _who(seen: Seen) -> str:
    return "people" if seen.fit.people > 1 else "person"
