"""At which epsilon images change their class first."""

import streamlit as st

from gradlab import report
from gradlab.figures.flips import flip_figure
from gradlab.types import Curve, SweepResult
from gradlab.ui.components.chart import chart
from gradlab.ui.components.takeaway import sweep_stem


def flips(result: SweepResult, curve: Curve, k: int) -> None:
    """A histogram for each rule; the chosen point plays no part."""
    chart(
        flip_figure(result), "flips", alt="At which epsilon images change their class first",
        stem=sweep_stem(result, "flips"), data=lambda: report.flips_to_csv(result),
    )  # fmt: skip
    st.caption(
        f"The share of the {result.images:,} images whose class first differs from that of the clean image at "
        "an epsilon, going outward from 0 over the epsilons tried; images that were right and wrong alike. An "
        "image that flips may come back further out."
    )
