"""Class by class: which suffer at which epsilon, and what turns into what."""

import numpy as np
import plotly.graph_objects as go

from gradlab.figures.signed import short_epsilon
from gradlab.figures.style import CLEAN_COLOUR, HEAT, HEAT_BAR, PERTURBED_COLOUR, blank, lay_out
from gradlab.statistics import class_accuracy, confusion
from gradlab.steps.epsilon import format_epsilon
from gradlab.types import Curve, FloatArray, IntArray, SweepResult

MANY = 20  # classes; with more, cells are too small for a number, and not every class is named


def class_heat_figure(result: SweepResult, curve: Curve, k: int) -> go.Figure:
    """Accuracy of each class at each epsilon of a rule; the k-th epsilon is framed.

    Columns are equally wide, whatever the distance of their epsilons.
    """
    count = len(result.classes)
    shares = class_accuracy(curve.predictions, result.labels, count).T
    members = np.bincount(result.labels, minlength=count)
    notes = [[f"{format_epsilon(e, curve.rule)}, {n} images" for e in curve.epsilons] for n in members]
    figure = go.Figure(
        go.Heatmap(
            z=blank(shares), y=result.classes, text=notes, zmin=0, zmax=1, colorscale=HEAT, xgap=1,
            ygap=_gap(count), colorbar=HEAT_BAR,
            hovertemplate="%{y}, ε = %{text}<br>accuracy %{z:.1%}<extra></extra>",
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
    return lay_out(_class_axis(figure, count), height=_height(count))


def class_bar_figure(result: SweepResult, curve: Curve, k: int) -> go.Figure:
    """Accuracy of each class before, and at the k-th epsilon.

    With more than `MANY` classes, only those whose accuracy has changed most are shown, the largest change first.
    """
    count = len(result.classes)
    rows = np.stack([result.clean_predictions, curve.predictions[k]])
    before, after = class_accuracy(rows, result.labels, count)
    shown = np.arange(count) if count <= MANY else most_changed(before, after)
    names = tuple(result.classes[n] for n in shown)
    figure = go.Figure(
        [
            _class_bars("clean", before[shown], names, CLEAN_COLOUR),
            _class_bars("perturbed", after[shown], names, PERTURBED_COLOUR),
        ]
    )
    figure.update_xaxes(range=[0, 1.18], tickformat=".0%", tickvals=[0, 0.5, 1], title_text="accuracy", fixedrange=True)
    options = {"barmode": "group", "bargap": 0.25, "bargroupgap": 0.05, "height": _height(len(shown))}
    return lay_out(_class_axis(figure, len(shown)), **options)


def most_changed(before: FloatArray, after: FloatArray) -> IntArray:
    """The places of the `MANY` classes with the largest change; those without images (NaN) come last."""
    order: IntArray = np.argsort(-np.nan_to_num(np.abs(after - before), nan=-1.0), kind="stable")
    return order[:MANY]


def confusion_figure(result: SweepResult, curve: Curve, k: int) -> go.Figure:
    """How many images went from each class to each, in the model's own eyes: rows before, columns at the k-th epsilon.

    Colours are shares of the row, numbers are counts; a cell without a number counts none.
    """
    count = len(result.classes)
    counts = confusion(result.clean_predictions, curve.predictions[k].astype(np.int64), count)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure = go.Figure(
        go.Heatmap(
            z=shares, x=result.classes, y=result.classes, text=np.where(counts > 0, counts.astype(str), ""),
            customdata=counts, zmin=0, zmax=1, colorscale=HEAT, xgap=_gap(count),
            ygap=_gap(count), texttemplate="%{text}" if count <= MANY else None,
            colorbar=HEAT_BAR,
            hovertemplate="%{y} → %{x}<br>%{customdata} images, %{z:.1%} of the row<extra></extra>",
        )
    )  # fmt: skip
    figure.update_xaxes(
        type="category", title_text="class after the step", tickangle=_angle(result.classes), showgrid=False,
        fixedrange=True, dtick=_every(count, 10),
    )  # fmt: skip
    figure.update_yaxes(title_text="class before")
    return lay_out(_class_axis(figure, count), height=_height(count) + 80)


def _class_bars(title: str, shares: FloatArray, classes: tuple[str, ...], colour: str) -> go.Bar:
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


def _every(classes: int, sparse: int = 5) -> int | None:
    """From one named class to the next; None where there are few, and all that have room are named."""
    return None if classes <= MANY else sparse


def _angle(classes: tuple[str, ...]) -> int:
    """How the names below the columns are turned: level where they are as short as digits, else upright.

    Plotly leaves out the upright names that have no room, however wide the page is.
    """
    return 0 if max(map(len, classes)) <= 2 else -90


def _class_axis(figure: go.Figure, classes: int) -> go.Figure:
    """Names, even where they look like numbers: the classes of SVHN are digits."""
    figure.update_yaxes(
        type="category", autorange="reversed", showgrid=False, fixedrange=True, ticklabelstandoff=4,
        dtick=_every(classes) or 1,
    )  # fmt: skip
    return figure
