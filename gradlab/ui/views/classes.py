"""Class by class: which suffer, and what they turn into."""

import streamlit as st

from gradlab.figures.classes import class_bar_figure, class_heat_figure, confusion_figure
from gradlab.types import Curve, SweepResult
from gradlab.ui.components.look import CHART


def classes(result: SweepResult, curve: Curve, k: int) -> None:
    """The accuracy of each class, at the chosen point and over all epsilons of its rule."""
    left, right = st.columns([3, 2])
    with left:
        st.plotly_chart(class_heat_figure(result, curve, k), key="class_heat", config=CHART)
    with right:
        st.plotly_chart(class_bar_figure(result, curve, k), key="class_bars", config=CHART)
    st.caption(
        f"Accuracy on the images of each class, of {result.images} images in all: few a class, so that a small "
        "difference between classes says little. Framed: the chosen epsilon. The columns are equally wide, however far "
        "their epsilons are apart."
    )


def confusion(result: SweepResult, curve: Curve, k: int) -> None:
    """What the network said before, and what it says at the chosen point."""
    st.plotly_chart(confusion_figure(result, curve, k), key="confusion", config=CHART)
    moved = int((curve.predictions[k] != result.clean_predictions).sum())
    st.caption(
        f"Rows: what the network said of the clean images, right or wrong; columns: what it says of the same images "
        f"after the step. Numbers are images, colours their share of the row. {moved} of {result.images} images "
        "changed their class: those off the diagonal."
    )
