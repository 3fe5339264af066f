"""Small pictures of perturbed images, each with what the network said before and says now."""

import streamlit as st

from gradlab.figures.pixels import to_picture
from gradlab.types import Curve, SweepResult
from gradlab.ui import cached

SHOWN = 12
COLUMNS = 6


def gallery(result: SweepResult, curve: Curve, k: int) -> None:
    """The first images of a sweep at its k-th epsilon, those first whose prediction changed."""
    predictions = curve.predictions[k]
    changed = predictions != result.clean_predictions
    order = sorted(range(result.images), key=lambda n: not changed[n])[:SHOWN]
    # Columns anew for each row, so that a long caption doesn't push the rows out of line.
    columns = [column for _ in range(0, len(order), COLUMNS) for column in st.columns(COLUMNS)]
    for column, n in zip(columns, order, strict=False):
        place = int(result.indices[n])
        seen = cached.exploration(
            result.dataset, result.model, place, curve.rule, float(curve.epsilons[k]), result.label_source
        )
        before, after = (result.classes[int(label)] for label in (result.clean_predictions[n], predictions[n]))
        with column:
            st.image(
                to_picture(seen.perturbed.image, scale=6),
                output_format="PNG",
                width="stretch",
                alt=f"test image {place}, {after}",
            )
            arrow = f"{before} → **{after}**" if before != after else f"{after}, unchanged"
            truth = result.classes[int(result.labels[n])]
            st.caption(f"{'✓' if after == truth else '✗'} {arrow}  \ntrue: {truth} · image {place}")
