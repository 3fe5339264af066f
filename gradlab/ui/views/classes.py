"""Class by class: which suffer, at which epsilon."""

import numpy as np
import streamlit as st

from gradlab import report
from gradlab.figures.classes import MANY, MOST, before_and_after, class_bar_figure, class_heat_figure, most_changed
from gradlab.figures.panels import class_panels_figure
from gradlab.figures.said_classes import class_bar_said, class_heat_said, class_panels_said
from gradlab.figures.sweep import Axis
from gradlab.types import Curve, IntArray, SweepResult
from gradlab.ui import controls, state, words
from gradlab.ui.components.chart import chart
from gradlab.ui.components.takeaway import point_stem, sweep_stem


def classes(result: SweepResult, curve: Curve, k: int) -> None:
    """The accuracy of each class: at the chosen point, over all epsilons of its rule, and for every rule."""
    left, right = st.columns([3, 2])
    with left:
        chart(
            class_heat_figure(result, curve, k), "class_heat", said=class_heat_said(result, curve, k),
            stem=point_stem(result, curve, k, "classes"), data=lambda: report.classes_to_csv(result, curve),
        )  # fmt: skip
    with right:
        chart(
            class_bar_figure(result, curve, k), "class_bars", said=class_bar_said(result, curve, k),
            stem=point_stem(result, curve, k, "class-bars"), data=lambda: report.classes_to_csv(result, curve),
        )  # fmt: skip
    st.caption(
        f"{_what(result)}: {_members(result)}, {result.images:,} in all. The fewer "
        "images, the less a small difference between two classes says. The frame marks the chosen ε. The columns are "
        f"equally wide, however far apart their ε are.{_left_out(result)}"
    )
    _panels(result, curve, k)


def _what(result: SweepResult) -> str:
    if result.labelled:
        return "Accuracy on the images of each class"
    return "For each class that the network named before the step, the share of its images that keeps it"


def _members(result: SweepResult) -> str:
    counts = np.bincount(result.labels, minlength=len(result.classes))
    if len(counts) > MANY and not counts.all():
        return f"{np.count_nonzero(counts):,} of {len(counts):,} classes have any, {_range(counts[counts > 0])}"
    return _range(counts)


def _range(counts: IntArray) -> str:
    few, many = int(counts.min()), int(counts.max())
    return f"{few:,} a class" if few == many else f"{few:,} to {many:,} a class"


def _panels(result: SweepResult, curve: Curve, k: int) -> None:
    st.subheader("Each class over the step size")
    count = len(result.classes)
    usual = f"the {MANY} that change most" if count > MANY else "all"
    there = np.unique(result.labels).tolist() if count > MANY else None
    if there and len(there) <= MANY:
        usual = "all that have images"
    chosen = controls.classes(result.dataset, "Classes", usual, there)
    before, after = before_and_after(result, curve, k)
    changed = most_changed(before, after).tolist() if count > MANY else list(range(count))
    axis: Axis = "l2" if state.get("axis") == "l2" else "epsilon"
    # On a phone it scrolls in its own frame: see `look`.
    drawn = (chosen or changed)[:MANY]
    with st.container(key="panels"):
        chart(
            class_panels_figure(result, drawn, axis), "class_panels", said=class_panels_said(result, drawn),
            stem=sweep_stem(result, "class-curves", axis), data=lambda: report.classes_to_csv(result, *result.curves),
        )  # fmt: skip
    st.caption(
        f"Left of 0 the step leads towards {words.aim(result.label_source)}, right of 0 away from it. Dotted: "
        f"{'clean accuracy' if result.labelled else 'before the step'}. In brackets: how many images the class has. "
        f"{_axis_note(result, axis)}{_which(result, len(chosen))}"
    )


def _axis_note(result: SweepResult, axis: str) -> str:
    if axis == "l2":
        return "Across: the mean L2 over the images of all classes."
    if len({curve.rule.unit for curve in result.curves}) == 1:
        return "Across: ε, squeezed so that you can see small steps."
    return (
        "Each kind of noise is stretched over its own ε, in its own unit. Points above each other are not at equal "
        "change: for that, choose *achieved L2* as the axis."
    )


def _which(result: SweepResult, chosen: int) -> str:
    count = len(result.classes)
    if chosen > MANY:
        return f" You see the first {MANY} of the {chosen} chosen classes."
    if chosen or count <= MANY:
        return ""
    if np.unique(result.labels).size <= MANY:
        return ""
    return f" You see the {MANY} classes, of {count:,}, whose {result.counted} changes most at the chosen point."


def _left_out(result: SweepResult) -> str:
    if len(result.classes) <= MANY:
        return ""
    there = np.unique(result.labels).size
    if there <= MANY:
        return ""
    squares = f" The squares show {MOST}: those that change most." if there > MOST else ""
    return (
        f" Point at a class without a name to see it.{squares} The bars show the "
        f"{MANY} classes, of {len(result.classes):,}, whose {result.counted} the step changes most."
    )
