"""The comparison that the paper's abstract leaves open: all rules at equal change, and what a told label is worth."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gradlab.figures.ends import end_of, name_ends
from gradlab.figures.style import ACCURACY_AXIS, NEUTRAL, lay_out
from gradlab.figures.sweep import band
from gradlab.statistics import wilson_interval
from gradlab.steps.epsilon import PIXEL_LEVELS, format_epsilon
from gradlab.types import Curve, FloatArray, IntArray, Rule, SweepResult, Unit

SIDES = {1: "away, ε > 0", -1: "towards, ε < 0"}


@dataclass(frozen=True)
class _Scale:
    """How a measure is laid out from left, hardly changed, to right.

    Attributes:
        place: of a value, ascending with the change; not finite where there is no place for it.
        ticks: values that are named, from left to right.
        write: a value in a few characters.
        title: of the axis.
        note: a value with what it is over the images, for a hover text.
    """

    place: Callable[[FloatArray], FloatArray]
    ticks: tuple[float, ...]
    write: Callable[[float], str]
    title: str
    note: Callable[[float], str]


def _levels(value: float) -> str:
    return f"{value * PIXEL_LEVELS:.3g}"


SCALES = {
    "l2": _Scale(
        np.log10, (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30), lambda v: f"{v:.3g}", "mean L2", lambda v: f"mean L2 {v:.3g}",
    ),
    "linf": _Scale(
        np.log10, tuple(n / PIXEL_LEVELS for n in (0.25, 1, 2, 4, 8, 16, 32, 64, 128, 255)), _levels,
        "mean L∞ in n/255", lambda v: f"mean L∞ {_levels(v)}/{PIXEL_LEVELS}",
    ),
    "psnr": _Scale(
        np.negative, (70, 60, 50, 40, 30, 20, 10), lambda v: f"{v:.3g}", "median PSNR in dB",
        lambda v: f"median PSNR {v:.1f} dB",
    ),
    # Nines count: 0.999 is as far from 0.99 as that is from 0.9.
    "ssim": _Scale(
        lambda v: np.log10(1 - v), (0.9999, 0.999, 0.99, 0.9, 0.5, 0), lambda v: f"{v:.4g}", "mean SSIM",
        lambda v: f"mean SSIM {v:.4g}",
    ),
}  # fmt: skip


def fair_figure(result: SweepResult, measure: str, rounded: bool = False) -> go.Figure:
    """Accuracy of every rule over the change that it makes: a panel for climbing and one for descending the loss.

    More change is to the right, whatever the measure; where nothing changed, there is no place on the axis. The
    attribute `meta` of a line is its rule.

    Args:
        result: a sweep; with SSIM for that measure.
        measure: a key of `SCALES`.
        rounded: the accuracies after rounding to 8 bit, with a gap where that is not defined (`rounding_defined`); the
            measure is still that of the images before rounding.

    Raises:
        BadValueError: where the sweep did not measure SSIM, or did not round.
    """
    scale = SCALES[measure]
    figure = _panels(list(SIDES.values()))
    for row, side in enumerate(SIDES, 1):
        ends = []
        for curve in result.curves:
            area, line = _traces(result, curve, measure, side, rounded)
            line.showlegend = False  # its name stands at its end
            figure.add_traces([area, line], rows=row, cols=1)
            ends += [end_of(curve.rule, float(y)) for y in line.y[np.isfinite(line.y)][-1:]]
        name_ends(figure, ends, row)
    ticks = np.array(scale.ticks, np.float64)
    figure.update_xaxes(
        tickvals=scale.place(ticks), ticktext=[scale.write(tick) for tick in ticks], range=_range(figure, scale),
        title_text=f"{scale.title} · more change →",
    )  # fmt: skip
    _finish(figure, result)
    return figure


def _traces(result: SweepResult, curve: Curve, measure: str, side: int, rounded: bool) -> list[go.Scatter]:
    """Outward from 0: the band and the line of a rule on one side."""
    outward = np.flatnonzero(np.sign(curve.epsilons) == side)[::side]
    with np.errstate(divide="ignore", invalid="ignore"):
        x = SCALES[measure].place(curve.level(measure)[outward].astype(np.float64))
    outward, x = outward[np.isfinite(x)], x[np.isfinite(x)]
    correct = (result.correct_rounded(curve) if rounded else result.correct(curve))[outward]
    known = np.isfinite(correct)
    note = [SCALES[measure].note(float(curve.level(measure)[k])) for k in outward]
    line = _line(curve.rule, x, correct, result.images, curve.epsilons[outward], note, curve.steps_of)
    line.line.dash = curve.rule.row.dash
    return [band(x[known], correct[known], result.images, curve.rule), line]


def _line(
    rule: Rule,
    x: FloatArray,
    correct: IntArray | FloatArray,
    images: int,
    epsilons: FloatArray,
    note: list[str],
    steps_of: Rule | None = None,
) -> go.Scatter:
    low, high = wilson_interval(correct, images)
    title, colour = rule.row.words, rule.row.colour
    steps = [format_epsilon(float(e), steps_of or rule) for e in epsilons]
    written = [f"{lo:.1%} to {hi:.1%}" for lo, hi in zip(low, high, strict=True)]
    return go.Scatter(
        x=x, y=correct / images, name=title, mode="lines+markers", legendgroup=str(rule), meta=str(rule),
        line={"color": colour, "width": 2.5},
        marker={"size": 7, "color": colour, "symbol": rule.row.symbol},
        customdata=list(zip(steps, written, note, strict=True)),
        hovertemplate=(
            f"<b>{title}</b><br>ε = %{{customdata[0]}}<br>accuracy %{{y:.2%}} (%{{customdata[1]}})"
            "<br>%{customdata[2]}<extra></extra>"
        ),
    )  # fmt: skip


def labels_figure(true: SweepResult, predicted: SweepResult) -> go.Figure:
    """The negative direction, told the true labels against told what the network predicts: a panel for each rule.

    Args:
        true: a sweep with epsilons below 0, for the true labels.
        predicted: the same over the same images, for the predicted ones; rules that only one of them has are left out.
    """
    rules = [c.rule for c in true.curves if c.rule in {other.rule for other in predicted.curves}]
    figure = _panels([rule.row.words for rule in rules])
    for row, rule in enumerate(rules, 1):
        for name, result in (("true labels", true), ("predicted labels", predicted)):
            for trace in _descent(result, rule, name):
                figure.add_trace(trace, row=row, col=1)
        figure.update_xaxes(**_steps(rule, true), row=row, col=1)
    # The legend tells the labels apart, in no rule's colour; the panels' titles name the rules.
    for name, dash in _LABEL_DASHES.items():
        figure.add_trace(go.Scatter(
            x=[None], y=[None], name=name, mode="lines", line={"color": NEUTRAL, "width": 2.5, "dash": dash},
            hoverinfo="skip",
        ), row=1, col=1)  # fmt: skip
    _finish(figure, true)
    figure.update_layout(legend={"x": 1, "xanchor": "right"})  # on the left stands the name of the first panel
    return figure


_LABEL_DASHES = {"true labels": "solid", "predicted labels": "dot"}


def _descent(result: SweepResult, rule: Rule, name: str) -> list[go.Scatter]:
    curve = result.curve(rule)
    outward = np.flatnonzero(curve.epsilons < 0)[::-1]
    x, correct = np.log10(-curve.epsilons[outward]), result.correct(curve)[outward]
    line = _line(rule, x, correct, result.images, curve.epsilons[outward], [name] * len(outward))
    line.update(line_dash=_LABEL_DASHES[name], showlegend=False, name=name)
    return [band(x, correct, result.images, rule), line]


def _steps(rule: Rule, result: SweepResult) -> dict[str, Any]:
    """The axis of |epsilon|."""
    sizes = -result.curve(rule).epsilons[result.curve(rule).epsilons < 0]
    pixel = rule.unit is Unit.PIXEL
    ticks = np.array(
        [n / PIXEL_LEVELS for n in (0.25, 0.5, 1, 2, 4, 8, 16, 32, 64)] if pixel else [10.0**n for n in range(-3, 3)]
    )
    edge = 0.04 * (np.log10(sizes.max() / sizes.min()) or 1)
    return {
        "tickvals": np.log10(ticks), "ticktext": [_levels(t) if pixel else f"{t:g}" for t in ticks],
        "range": [np.log10(sizes.min()) - edge, np.log10(sizes.max()) + edge],
        "title_text": f"towards · {rule.unit.row.title.replace('ε', '|ε|')}",
    }  # fmt: skip


def _panels(titles: list[str]) -> go.Figure:
    figure = make_subplots(
        rows=len(titles), cols=1, vertical_spacing=0.36 / len(titles), subplot_titles=[f"<b>{t}</b>" for t in titles]
    )
    figure.update_annotations(font_size=14, x=0, xanchor="left")
    return figure


def _finish(figure: go.Figure, result: SweepResult) -> None:
    """What all panels have in common, the clean accuracy among it."""
    figure.add_hline(y=result.clean_accuracy, line_width=1.5, line_dash="dot", line_color=NEUTRAL)
    figure.update_yaxes(**ACCURACY_AXIS)
    figure.update_xaxes(fixedrange=True, zeroline=False, tickangle=0)
    lay_out(figure, height=720, hovermode="closest")


def _range(figure: go.Figure, scale: _Scale) -> list[float]:
    """From the first tick, or where the lines begin if that is further right, to where they end."""
    reached = np.concatenate([np.asarray(trace.x, np.float64) for trace in figure.data if trace.meta])
    first = scale.place(np.array(scale.ticks[:1], np.float64))[0]
    if not reached.size:  # nothing changed anywhere, or the images are too small for the measure
        return [float(first) - 1.0, float(first) + 1.0]
    low, high = max(float(reached.min()), float(first)), float(reached.max())
    edge = 0.03 * (high - low) or 1.0
    return [low - edge, high + edge]
