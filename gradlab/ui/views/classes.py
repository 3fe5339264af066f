"""Class by class: which suffer, and what they turn into."""

import streamlit as st

from gradlab import report
from gradlab.figures.classes import MANY, class_bar_figure, class_heat_figure, confusion_figure
from gradlab.types import Curve, SweepResult
from gradlab.ui.components.chart import chart
from gradlab.ui.components.takeaway import sweep_stem


def classes(result: SweepResult, curve: Curve, k: int) -> None:
    """The accuracy of each class, at the chosen point and over all epsilons of its rule."""
    left, right = st.columns([3, 2])
    with left:
        chart(
            class_heat_figure(result, curve, k), "class_heat", alt="Accuracy of each class at each epsilon",
            stem=sweep_stem(result, "classes"), data=lambda: report.classes_to_csv(result, curve),
        )  # fmt: skip
    with right:
        chart(
            class_bar_figure(result, curve, k), "class_bars", alt="Accuracy of each class, clean and perturbed",
            stem=sweep_stem(result, "class-bars"), data=lambda: report.classes_to_csv(result, curve),
        )  # fmt: skip
    each = result.images / len(result.classes)
    st.caption(
        f"Accuracy on the images of each class, about {each:,.0f} a class of {result.images:,} in all: the fewer they "
        "are, the less a small difference between classes says. Framed: the chosen epsilon. The columns are equally "
        f"wide, however far their epsilons are apart.{_left_out(result)}"
    )


def confusion(result: SweepResult, curve: Curve, k: int) -> None:
    """What the network said before, and what it says at the chosen point."""
    chart(
        confusion_figure(result, curve, k), "confusion", alt="Which class turned into which",
        stem=sweep_stem(result, "confusion"), data=lambda: report.confusion_to_csv(result, curve, k),
    )  # fmt: skip
    moved = int((curve.predictions[k] != result.clean_predictions).sum())
    meaning = "Colours are shares of the row" if _many(result) else "Numbers are images, colours their share of the row"
    st.caption(
        "Rows: what the network said of the clean images, right or wrong; columns: what it says of the same images "
        f"after the step. {meaning}. {moved:,} of {result.images:,} images changed their class: those off the "
        f"diagonal.{_unnamed(result)}"
    )


def _left_out(result: SweepResult) -> str:
    if not _many(result):
        return ""
    return (
        f"{_unnamed(result)} The bars are those of the {MANY} classes, of {len(result.classes)}, whose accuracy the "
        "step changes most."
    )


def _unnamed(result: SweepResult) -> str:
    return " Not every class is named: the others show their names under the pointer." if _many(result) else ""


def _many(result: SweepResult) -> bool:
    return len(result.classes) > MANY
