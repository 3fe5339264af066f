"""Class by class: which suffer at which epsilon, and what turns into what."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from gradlab.figures.signed import short_epsilon
from gradlab.figures.style import CLEAN_COLOUR, HEAT, HEAT_BAR, PERTURBED_COLOUR, as_written, blank, lay_out
from gradlab.statistics import class_accuracy, confusion
from gradlab.steps.epsilon import format_epsilon
from gradlab.types import Curve, FloatArray, IntArray, SweepResult

MANY = 20  # classes; with more, cells are too small for a number, and not every class is named
MOST = 100  # classes that a figure draws; of more, those that the step changes most
_LETTERS = 18  # of a class's name on an axis; under the pointer stands all of it


def class_heat_figure(result: SweepResult, curve: Curve, k: int) -> go.Figure:
    """Accuracy of each class at each epsilon of a rule; the k-th epsilon is framed.

    Columns are equally wide, whatever the distance of their epsilons. Of many classes, those that have images are
    drawn, `MOST` at most.
    """
    drawn = classes_with_images(result, curve, k)
    count, names = len(drawn), as_written([result.classes[n] for n in drawn])
    shares = class_accuracy(curve.predictions, result.labels, len(result.classes)).T[drawn]
    members = np.bincount(result.labels, minlength=len(result.classes))[drawn]
    notes = [[f"{format_epsilon(e, curve.rule)}, {n} images" for e in curve.epsilons] for n in members]
    figure = go.Figure(
        go.Heatmap(
            z=blank(shares), y=names, text=notes, zmin=0, zmax=1, colorscale=HEAT, xgap=1,
            ygap=_gap(count), colorbar=HEAT_BAR,
            hovertemplate=f"%{{y}}, ε = %{{text}}<br>{result.counted} %{{z:.1%}}<extra></extra>",
        )
    )  # fmt: skip
    figure.add_shape(
        type="rect", x0=k - 0.5, x1=k + 0.5, y0=-0.5, y1=count - 0.5, line={"color": PERTURBED_COLOUR, "width": 2.5}
    )
    middle = int(np.abs(curve.epsilons).argmin())
    ticks = [n for n in range(len(curve.epsilons)) if (n - middle) % 4 == 0]
    figure.update_xaxes(
        tickvals=ticks, ticktext=[short_epsilon(float(curve.epsilons[n]), curve.rule.unit) for n in ticks],
        title_text=f"← towards · {curve.rule.unit.row.title} · away →", tickangle=0, showgrid=False,
        zeroline=False, fixedrange=True, range=[-0.5, len(curve.epsilons) - 0.5],
    )  # fmt: skip
    return lay_out(_class_axis(figure, names), height=_height(count))


def class_bar_figure(result: SweepResult, curve: Curve, k: int) -> go.Figure:
    """Accuracy of each class before, and at the k-th epsilon.

    With more than `MANY` classes, only those whose accuracy has changed most are shown, the largest change first.
    """
    before, after = before_and_after(result, curve, k)
    shown = np.arange(len(before)) if len(before) <= MANY else most_changed(before, after)
    names = as_written([result.classes[n] for n in shown])
    figure = go.Figure(
        [
            _class_bars("clean", before[shown], names, CLEAN_COLOUR),
            _class_bars("perturbed", after[shown], names, PERTURBED_COLOUR),
        ]
    )
    figure.update_xaxes(
        range=[0, 1.18], tickformat=".0%", tickvals=[0, 0.5, 1], title_text=result.counted, fixedrange=True
    )
    options = {"barmode": "group", "bargap": 0.25, "bargroupgap": 0.05, "height": _height(len(shown))}
    return lay_out(_class_axis(figure, names), **options)


def before_and_after(result: SweepResult, curve: Curve, k: int) -> tuple[FloatArray, FloatArray]:
    """The accuracy of each class before the step, and at the k-th epsilon; NaN of those without images."""
    rows = np.stack([result.clean_predictions, curve.predictions[k]])
    before, after = class_accuracy(rows, result.labels, len(result.classes))
    return before, after


def most_changed(before: FloatArray, after: FloatArray, most: int = MANY) -> IntArray:
    """The places of so many classes with the largest change, of those that have images (the others are NaN)."""
    order: IntArray = np.argsort(-np.abs(after - before), kind="stable")  # NaN comes last
    return order[: min(most, int(np.isfinite(after).sum()))]


def classes_with_images(result: SweepResult, curve: Curve, k: int) -> IntArray:
    """The places of the classes whose accuracy is drawn, ascending: all, of many those that have images, `MOST`."""
    before, after = before_and_after(result, curve, k)
    return np.arange(len(before)) if len(before) <= MANY else np.sort(most_changed(before, after, MOST))


def classes_that_occur(result: SweepResult, curve: Curve, k: int) -> IntArray:
    """The places of the classes that are named before the step or after it, ascending; all, where they are few.

    Of more than `MOST`, those that most images leave or come to.
    """
    before, after = result.clean_predictions, curve.predictions[k].astype(np.int64)
    if len(result.classes) <= MANY:
        return np.arange(len(result.classes))
    occur, moved = np.union1d(before, after), before != after
    changes = np.bincount(np.concatenate([before[moved], after[moved]]), minlength=len(result.classes))[occur]
    drawn: IntArray = np.sort(occur[np.argsort(-changes, kind="stable")[:MOST]])
    return drawn


def confusion_figure(result: SweepResult, curve: Curve, k: int) -> go.Figure:
    """How many images went from each class to each, in the model's own eyes: rows before, columns at the k-th epsilon.

    Colours are shares of the row, numbers are counts; a cell without a number counts none. Of many classes, those are
    drawn that occur (`classes_that_occur`).
    """
    drawn = classes_that_occur(result, curve, k)
    count, names = len(drawn), as_written([result.classes[n] for n in drawn])
    whole = confusion(result.clean_predictions, curve.predictions[k].astype(np.int64), len(result.classes))
    counts = whole[np.ix_(drawn, drawn)]
    shares = counts / np.maximum(whole[drawn].sum(axis=1, keepdims=True), 1)
    figure = go.Figure(
        go.Heatmap(
            z=shares, x=names, y=names, text=np.where(counts > 0, counts.astype(str), ""),
            customdata=counts, zmin=0, zmax=1, colorscale=HEAT, xgap=_gap(count),
            ygap=_gap(count), texttemplate="%{text}" if count <= MANY else None,
            colorbar=HEAT_BAR,
            hovertemplate="%{y} → %{x}<br>%{customdata} images, %{z:.1%} of the row<extra></extra>",
        )
    )  # fmt: skip
    figure.update_xaxes(
        type="category", title_text="class after the step", tickangle=_angle(names), showgrid=False,
        fixedrange=True, **_named(names, 10),
    )  # fmt: skip
    figure.update_yaxes(title_text="class before")
    return lay_out(_class_axis(figure, names), height=_height(count) + 80)


def _class_bars(title: str, shares: FloatArray, classes: Sequence[str], colour: str) -> go.Bar:
    values = blank(shares)
    return go.Bar(
        name=title, y=classes, x=values, orientation="h", marker_color=colour, cliponaxis=False,
        text=["no images" if v is None else f"{v:.0%}" for v in values], textposition="outside",
        constraintext="none", textfont_size=11,
        hovertemplate="%{y}: %{x:.1%}<extra>" + title + "</extra>",
    )  # fmt: skip


def _height(classes: int) -> int:
    return 150 + (classes * 30 if classes <= MANY else 620)


def _gap(classes: int) -> int:
    """Pixels between cells."""
    return 1 if classes <= MANY else 0


def _named(names: Sequence[str], sparse: int = 5) -> dict[str, Any]:
    """Which classes of an axis are named: each `sparse`-th; where there are few, all that have room. Not at length."""
    short = [name if len(name) <= _LETTERS else f"{name[: _LETTERS - 1]}…" for name in names]
    every = 1 if len(names) <= MANY else sparse
    if short == list(names):
        return {} if every == 1 else {"dtick": every}
    return {"tickvals": list(range(0, len(names), every)), "ticktext": short[::every]}


def _angle(classes: Sequence[str]) -> int:
    """How the names below the columns are turned: level where they are as short as digits, else upright.

    Plotly leaves out the upright names that have no room, however wide the page is.
    """
    return 0 if max(map(len, classes)) <= 2 else -90


def _class_axis(figure: go.Figure, classes: Sequence[str]) -> go.Figure:
    """Names, even where they look like numbers: the classes of SVHN are digits."""
    figure.update_yaxes(
        type="category", autorange="reversed", showgrid=False, fixedrange=True, ticklabelstandoff=4,
        **{"dtick": 1} | _named(classes),
    )  # fmt: skip
    return figure
