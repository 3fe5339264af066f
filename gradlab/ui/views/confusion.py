"""Which images change their class: from what to what, in both directions, and at which epsilon first."""

import numpy as np
import streamlit as st

from gradlab import report
from gradlab.figures.classes import MANY, MOST, classes_that_occur, confusion_figure
from gradlab.figures.flips import flip_figure
from gradlab.figures.flows import LARGEST, OTHERS, flow_figure, flows
from gradlab.figures.said_classes import confusion_said, flip_said, flow_said
from gradlab.steps.epsilon import format_epsilon
from gradlab.types import Curve, SweepResult
from gradlab.ui import words
from gradlab.ui.components.chart import chart
from gradlab.ui.components.takeaway import point_stem, sweep_stem

_BOTH = "Images that were right and images that were wrong both count. "


def confusion(result: SweepResult, curve: Curve, k: int) -> None:
    """A heat map and the flows at the chosen point; beside them, the same at the same size on the other side of 0."""
    points = [k, *np.flatnonzero((curve.epsilons == -curve.epsilons[k]) & (curve.epsilons != 0)).tolist()]
    for column, point in zip(st.columns(2, gap="medium"), points, strict=False):
        with column:
            st.markdown(
                f"**ε = {_text(curve, point)}{_direction(result, curve, point)}**: {_moved(result, curve, point)}"
            )
            _heat(result, curve, point, "" if point == k else "-other-side")
    many = max(len(classes_that_occur(result, curve, point)) for point in points) > MANY
    unit = "Colours are shares of the row" if many else "Numbers are images, colours their share of the row"
    unnamed = " Point at a class without a name to see it." if many else ""
    st.caption(
        "Rows: what the network said of the clean images, right or wrong. Columns: what it says of the same images "
        f"after the step. {unit}. Images off the diagonal changed their class.{unnamed}{_absent(result, curve, points)}"
    )
    for column, point in zip(st.columns(2, gap="medium"), points, strict=False):
        with column:
            _flows(result, curve, point, "" if point == k else "-other-side")
    st.caption(
        "The same as flows, from the class before (left) to the class after (right). Colours show images that changed "
        f"their class, by the class they leave. Grey images kept theirs.{_drawn(result, curve, points)}"
    )


def _absent(result: SweepResult, curve: Curve, points: list[int]) -> str:
    """What the squares leave out, of many classes."""
    drawn = max(len(classes_that_occur(result, curve, k)) for k in points)
    if drawn == len(result.classes):
        return ""
    if drawn < MOST:
        return f" Of {len(result.classes):,} classes you see those that the network names."
    return f" Of {len(result.classes):,} classes you see the {MOST} at most that most images leave or come to."


def _heat(result: SweepResult, curve: Curve, k: int, side: str) -> None:
    chart(
        confusion_figure(result, curve, k), f"confusion{side}", said=confusion_said(result, curve, k),
        stem=point_stem(result, curve, k, "confusion"), data=lambda: report.confusion_to_csv(result, curve, k),
    )  # fmt: skip


def _flows(result: SweepResult, curve: Curve, k: int, side: str) -> None:
    if not flows(result, curve, k).links:
        st.info(f"At {_text(curve, k)} no image changed its class.", icon=":material/compare_arrows:")
        return
    chart(
        flow_figure(result, curve, k), f"flows{side}", said=flow_said(result, curve, k),
        stem=point_stem(result, curve, k, "flows"), data=lambda: report.confusion_to_csv(result, curve, k),
    )  # fmt: skip


def _text(curve: Curve, k: int) -> str:
    return format_epsilon(float(curve.epsilons[k]), curve.rule)


def _direction(result: SweepResult, curve: Curve, k: int) -> str:
    epsilon, to = curve.epsilons[k], words.aim(result.label_source)
    return f", away from {to}" if epsilon > 0 else f", towards {to}" if epsilon < 0 else ""


def _moved(result: SweepResult, curve: Curve, k: int) -> str:
    moved = int((curve.predictions[k] != result.clean_predictions).sum())
    return f"{moved:,} of {result.images:,} images changed their class"


def _drawn(result: SweepResult, curve: Curve, points: list[int]) -> str:
    """What the flows leave out."""
    if all(flows(result, curve, k).images == result.images for k in points):
        return ""
    counts = " and ".join(f"{flows(result, curve, k).images:,} at {_text(curve, k)}" for k in points)
    return (
        f" Of {len(result.classes):,} classes you see those where the {LARGEST} largest changes start. Whatever else "
        f"leaves them goes to *{OTHERS}*. That is {counts} of {result.images:,} images."
    )


def flips(result: SweepResult, curve: Curve, k: int) -> None:
    """A histogram for each rule; the chosen point plays no part."""
    chart(
        flip_figure(result), "flips", said=flip_said(result),
        stem=sweep_stem(result, "flips"), data=lambda: report.flips_to_csv(result),
    )  # fmt: skip
    st.caption(
        f"The share of the {result.images:,} images that first change their class at each ε, going outward from 0 over "
        f"the ε that were tried. {_BOTH * result.labelled}An image that flips may come back further out."
    )
