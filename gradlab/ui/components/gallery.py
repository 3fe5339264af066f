"""Small pictures of perturbed images, each with what the network said before and says now."""

import streamlit as st

from gradlab.figures.pixels import to_picture
from gradlab.types import Curve, SweepResult
from gradlab.ui import cached

SHOWN = 12


def gallery(result: SweepResult, curve: Curve, k: int) -> None:
    """The first images of a sweep at its k-th epsilon, those first whose prediction changed; each leads to Explore."""
    predictions = curve.predictions[k]
    changed = predictions != result.clean_predictions
    order = sorted(range(result.images), key=lambda n: not changed[n])[:SHOWN]
    columns = st.columns(6)
    for position, n in enumerate(order):
        place = int(result.indices[n])
        seen = cached.exploration(
            result.dataset, result.model, place, curve.rule, float(curve.epsilons[k]), result.label_source
        )
        view = seen.rounded if result.eight_bit else seen.perturbed
        before, after = (result.classes[int(label)] for label in (result.clean_predictions[n], predictions[n]))
        with columns[position % len(columns)]:
            st.image(
                to_picture(view.image, scale=6),
                output_format="PNG",
                width="stretch",
                alt=f"test image {place}, {after}",
            )
            arrow = f"{before} → **{after}**" if before != after else f"{after}, unchanged"
            truth = result.classes[int(result.labels[n])]
            st.caption(f"{'✓' if after == truth else '✗'} {arrow}  \ntrue: {truth} · image {place}")
