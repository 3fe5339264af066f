"""Who sees the change, and what the network makes of it: both over the same axis, people's answers and accuracy."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gradlab.epsilon import PIXEL_LEVELS
from gradlab.figures.style import LAYOUT, NEUTRAL, RULE_COLOURS, RULE_TITLES, UNIT_TITLES, blank, translucent
from gradlab.psychometrics import TARGET
from gradlab.seen import on_axis, size_range, size_text
from gradlab.statistics import wilson_interval
from gradlab.types import Estimate, FloatArray, Seen, SeenAxis

ENOUGH = 5  # answers; of fewer an interval says nothing
_LARGEST = 22  # px, the dot of most answers
_RUG = -0.07  # where the thresholds of single people begin, a row a rule below 0

_TITLES = {"l2": "mean L2 of the change", "psnr": "median PSNR in dB", "ssim": "mean SSIM"}
_STEPS = (1, 2, 5)
_PSNRS = tuple(range(0, 130, 10))
_SSIMS = (0.999999, 0.99999, 0.9999, 0.999, 0.99, 0.9, 0.5, 0.0)


def seen_figure(found: Sequence[Seen], axis: SeenAxis = "epsilon") -> go.Figure:
    """The share of right answers with its 95 % band, the answers, the threshold, and the network's accuracy, by rule.

    With `epsilon` each unit has a panel of its own; else all rules meet at the sweep's mean L2, median PSNR or mean
    SSIM. The axis is logarithmic in what changes, and runs from little change on the left to much on the right. The
    attribute `meta` of a trace is its rule and what it is: `people`, `band`, `answers`, `threshold`, `network`, `at`,
    `persons`.

    Args:
        found: as `see` returns them, at least one.
        axis: what is on the horizontal axis; one of `axes_of` their networks.

    Raises:
        BadValueError: for an axis that the sweep did not measure.
    """
    units = list(dict.fromkeys(_unit(seen, axis) for seen in found))
    figure = make_subplots(rows=len(units), cols=1, vertical_spacing=0.24 / len(units))
    several = [seen for seen in found if len(seen.persons) > 1]
    for row, unit in enumerate(units, 1):
        members = [seen for seen in found if _unit(seen, axis) == unit]
        for seen in members:
            height = _RUG * (1 + several.index(seen)) if seen in several else None
            for trace in _traces(seen, axis, height):
                figure.add_trace(trace, row=row, col=1)
        figure.update_xaxes(**_x_axis(members, axis, unit), row=row, col=1)
        figure.add_hline(y=TARGET, line_width=1, line_color=NEUTRAL, row=row, col=1)
        if clean := members[0].network:
            figure.add_hline(y=clean.clean.share, line_width=1, line_dash="dot", line_color=NEUTRAL, row=row, col=1)
    low = _RUG * (len(several) + 0.5) if several else -0.03
    figure.update_yaxes(
        range=[low, 1.03], tickvals=[0, 0.25, 0.5, TARGET, 1], tickformat=".0%", title_text="right", fixedrange=True
    )
    figure.update_layout(**LAYOUT, height=190 + 270 * len(units), hovermode="closest")
    return figure


def _unit(seen: Seen, axis: SeenAxis) -> str:
    return seen.rule.unit if axis == "epsilon" else axis


def _traces(seen: Seen, axis: SeenAxis, height: float | None) -> list[go.Scatter]:
    """All of one rule, the lowest first; `height`: of the marks of single people, where there are several."""
    traces = [*_network(seen, axis), *_people(seen, axis), *_threshold(seen, axis)]
    if height is not None:
        traces.append(_persons(seen, axis, height))
    for trace in traces:
        trace.update(legendgroup=f"{seen.rule} {'network' if trace.meta[1] in {'network', 'at'} else 'people'}")
    return traces


def _people(seen: Seen, axis: SeenAxis) -> list[go.Scatter]:
    colour, curve = RULE_COLOURS[seen.rule], seen.curve
    x = _places(seen, axis, curve.intensities)
    kept = np.isfinite(x)
    edge = np.concatenate([x[kept], x[kept][::-1]])
    band = go.Scatter(
        x=edge, y=np.concatenate([curve.high[kept], curve.low[kept][::-1]]), fill="toself", mode="lines",
        fillcolor=translucent(colour, 0.18), line_width=0, hoverinfo="skip", showlegend=False,
        meta=[str(seen.rule), "band"],
    )  # fmt: skip
    notes = [
        [_where(seen, axis, size), f"{low:.0%} to {high:.0%}"]
        for size, low, high in zip(curve.intensities[kept], curve.low[kept], curve.high[kept], strict=True)
    ]
    line = go.Scatter(
        x=x[kept], y=curve.middle[kept], mode="lines", line={"color": colour, "width": 3}, customdata=notes,
        name=f"{RULE_TITLES[seen.rule]}: {_who(seen)}", meta=[str(seen.rule), "people"],
        hovertemplate=(
            f"<b>{RULE_TITLES[seen.rule]}, {_who(seen)}</b><br>%{{customdata[0]}}"
            "<br>right answers %{y:.1%} (%{customdata[1]})<extra></extra>"
        ),
    )  # fmt: skip
    if not seen.fit.trials:
        return []
    return [band, line, _answers(seen, axis)]


def _answers(seen: Seen, axis: SeenAxis) -> go.Scatter:
    """A dot for each size, or a few sizes, its area as many answers as it has."""
    colour, dots = RULE_COLOURS[seen.rule], seen.dots
    share = dots.right / dots.answered
    ends = np.array([wilson_interval(r, int(n)) for r, n in zip(dots.right, dots.answered, strict=True)]).reshape(-1, 2)
    many = dots.answered >= ENOUGH
    return go.Scatter(
        x=blank(_places(seen, axis, dots.sizes)), y=share, mode="markers", showlegend=False,
        meta=[str(seen.rule), "answers"],
        marker={
            "size": dots.answered, "sizemode": "area", "sizeref": 2 * dots.answered.max(initial=1) / _LARGEST**2,
            "sizemin": 3, "color": translucent(colour, 0.45), "line": {"color": colour, "width": 1},
        },
        error_y={
            "type": "data", "symmetric": False, "array": np.where(many, ends[:, 1] - share, 0),
            "arrayminus": np.where(many, share - ends[:, 0], 0), "width": 0, "thickness": 1,
            "color": translucent(colour, 0.6),
        },
        customdata=[
            [_where(seen, axis, size), int(right), int(count), f"{low:.0%} to {high:.0%}"]
            for size, right, count, (low, high) in zip(dots.sizes, dots.right, dots.answered, ends, strict=True)
        ],
        hovertemplate=(
            f"<b>{RULE_TITLES[seen.rule]}, answers</b><br>%{{customdata[0]}}"
            "<br>%{customdata[1]} of %{customdata[2]} right (%{customdata[3]})<extra></extra>"
        ),
    )  # fmt: skip


def _threshold(seen: Seen, axis: SeenAxis) -> list[go.Scatter]:
    """The interval as a bar at 75 %, the threshold on it; an open end is an arrow to the end of what was asked."""
    threshold = seen.fit.threshold
    if threshold.finding == "unknown":
        return []
    low, high = _within(threshold, seen.fit.span)
    sizes = [low, *([threshold.value] if threshold.value else []), high]
    symbols = [
        "line-ns-open" if threshold.low > 0 else "triangle-left",
        *(["diamond"] if threshold.value else []),
        "line-ns-open" if np.isfinite(threshold.high) else "triangle-right",
    ]
    text = f"threshold {threshold_text(seen)}"
    return [
        go.Scatter(
            x=blank(_places(seen, axis, np.array(sizes))), y=[TARGET] * len(sizes), mode="lines+markers",
            line={"color": RULE_COLOURS[seen.rule], "width": 5}, showlegend=False,
            meta=[str(seen.rule), "threshold"],
            marker={"size": 13, "symbol": symbols, "color": RULE_COLOURS[seen.rule], "line": {"width": 1.5}},
            hovertemplate=f"<b>{RULE_TITLES[seen.rule]}</b><br>{text}<extra></extra>",
        )
    ]  # fmt: skip


def threshold_text(seen: Seen) -> str:
    """The threshold with its interval, or the bound that is known, as epsilon."""
    threshold, how = seen.fit.threshold, (seen.rule, seen.descend)
    if threshold.value is not None:
        return f"{size_text(threshold.value, *how)} ({size_range(threshold.low, threshold.high, *how)})"
    if threshold.finding == "below":
        return f"smaller than {size_text(threshold.high, *how)}"
    return f"larger than {size_text(threshold.low, *how)}" if threshold.finding == "above" else "not known"


def _network(seen: Seen, axis: SeenAxis) -> list[go.Scatter]:
    """The accuracy with its Wilson band, and, ringed, where it is at the threshold."""
    network, colour = seen.network, RULE_COLOURS[seen.rule]
    if network is None:
        return []
    x, title = _places(seen, axis, network.sizes), f"{RULE_TITLES[seen.rule]}: network"
    kept = np.isfinite(x)
    band = go.Scatter(
        x=np.concatenate([x[kept], x[kept][::-1]]), y=np.concatenate([network.high[kept], network.low[kept][::-1]]),
        fill="toself", mode="lines", fillcolor=translucent(colour, 0.12), line_width=0, hoverinfo="skip",
        showlegend=False, meta=[str(seen.rule), "network"],
    )  # fmt: skip
    line = go.Scatter(
        x=x[kept], y=network.share[kept], mode="lines+markers", name=title, meta=[str(seen.rule), "network"],
        line={"color": colour, "width": 1.5, "dash": "dash"}, marker={"size": 6, "symbol": "square", "color": colour},
        customdata=[
            [_where(seen, axis, size), f"{low:.1%} to {high:.1%}"]
            for size, low, high in zip(network.sizes[kept], network.low[kept], network.high[kept], strict=True)
        ],
        hovertemplate=(
            f"<b>{title}</b><br>%{{customdata[0]}}<br>accuracy %{{y:.1%}} (%{{customdata[1]}})<extra></extra>"
        ),
    )  # fmt: skip
    if seen.at is None:
        return [band, line]
    place = blank(_places(seen, axis, np.array([seen.at.size])))[0]
    ring = go.Scatter(
        x=[place, place], y=[TARGET, seen.at.share], mode="lines+markers", showlegend=False,
        meta=[str(seen.rule), "at"], line={"color": colour, "width": 1.5, "dash": "dot"},
        marker={"size": [0, 15], "symbol": "circle-open", "color": colour, "line": {"width": 2.5}},
        hovertemplate=(
            f"<b>{title}</b><br>at the threshold, {_where(seen, axis, seen.at.size)}<br>accuracy "
            f"{seen.at.share:.1%}<extra></extra>"
        ),
    )  # fmt: skip
    return [band, line, ring]


def _persons(seen: Seen, axis: SeenAxis, height: float) -> go.Scatter:
    """A thin mark for each person who has a threshold of their own."""
    sizes = np.array([one.value for one in seen.persons if one.value is not None], dtype=np.float64)
    return go.Scatter(
        x=blank(_places(seen, axis, sizes)), y=[height] * len(sizes), mode="markers", showlegend=False,
        meta=[str(seen.rule), "persons"], customdata=[_where(seen, axis, size) for size in sizes],
        marker={"symbol": "line-ns-open", "size": 10, "color": RULE_COLOURS[seen.rule], "line": {"width": 1.5}},
        hovertemplate=f"<b>{RULE_TITLES[seen.rule]}</b><br>one person's threshold<br>%{{customdata}}<extra></extra>",
    )  # fmt: skip


def _within(threshold: Estimate, span: tuple[float, float]) -> tuple[float, float]:
    """The interval, its open ends at those of what was asked."""
    return threshold.low or span[0], threshold.high if np.isfinite(threshold.high) else span[1]


def _places(seen: Seen, axis: SeenAxis, sizes: FloatArray) -> FloatArray:
    return _stand(on_axis(seen.network, axis, sizes), axis)


def _stand(values: FloatArray, axis: SeenAxis) -> FloatArray:
    """Where values stand: little change on the left, much on the right."""
    if axis == "psnr":
        return -values
    with np.errstate(divide="ignore"):
        logs: FloatArray = np.log10(1 - values if axis == "ssim" else values)
    return logs


def _x_axis(members: Sequence[Seen], axis: SeenAxis, unit: str) -> dict[str, Any]:
    ends = np.concatenate([_places(seen, axis, _reach(seen)) for seen in members])
    low, high = float(np.nanmin(ends)), float(np.nanmax(ends))
    margin = 0.03 * (high - low)
    marks = [(x, text) for x, text in _ticks(axis, unit, high - low) if low - margin <= x <= high + margin]
    return {
        "range": [low - margin, high + margin],
        "tickvals": [x for x, _ in marks],
        "ticktext": [text for _, text in marks],
        "tickangle": 0,
        "title_text": f"{_title(members, axis, unit)} · more is seen →",
        "fixedrange": True,
        "zeroline": False,
    }


def _reach(seen: Seen) -> FloatArray:
    """What was asked, as far as the sweep goes where there is one."""
    far = seen.network.sizes[-1] if seen.network else np.inf
    return np.array([seen.fit.span[0], min(seen.fit.span[1], far)])


def _title(members: Sequence[Seen], axis: SeenAxis, unit: str) -> str:
    if axis != "epsilon":
        return _TITLES[axis]
    minus = "minus " if members[0].descend else ""
    return f"{minus}{UNIT_TITLES[unit]}"


def _ticks(axis: SeenAxis, unit: str, width: float) -> list[tuple[float, str]]:
    """Where to mark the axis and what to write there; of a wide one only the powers of ten and their halves."""
    if axis == "psnr":
        return [(-float(value), str(value)) for value in _PSNRS]
    if axis == "ssim":
        return [(float(_stand(np.array(value), axis)), f"{value:g}") for value in _SSIMS]
    if unit == "pixel":
        return [(float(np.log10(2.0**n / PIXEL_LEVELS)), f"{2.0**n:g}") for n in range(-4, 9)]
    steps = _STEPS if width < 2.2 else (1, 3)
    return [(float(np.log10(step * 10.0**n)), f"{step * 10.0**n:.6g}") for n in range(-6, 6) for step in steps]


def _where(seen: Seen, axis: SeenAxis, size: float) -> str:
    """A size for a hover text: as epsilon, and on the axis."""
    text = f"epsilon {size_text(float(size), seen.rule, seen.descend)}"
    if axis == "epsilon":
        return text
    value = float(on_axis(seen.network, axis, np.array([size]))[0])
    return f"{text}, {_TITLES[axis]} {value:.4g}"


def _who(seen: Seen) -> str:
    return "people" if seen.fit.people > 1 else "person"
