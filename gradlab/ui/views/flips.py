"""At which epsilon images change their class first."""

import streamlit as st

from gradlab.figures.flips import flip_figure
from gradlab.types import Curve, SweepResult
from gradlab.ui.components.look import CHART


def flips(result: SweepResult, curve: Curve, k: int) -> None:
    """A histogram for each rule; the chosen point plays no part."""
    st.plotly_chart(flip_figure(result), key="flips", config=CHART)
    st.caption(
        f"The share of the {result.images:,} images whose class first differs from that of the clean image at "
        "an epsilon, going outward from 0 over the epsilons tried; images that were right and wrong alike. An "
        "image that flips may come back further out."
    )
