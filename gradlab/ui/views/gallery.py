"""Small pictures of perturbed images, each with what the network said before and says now."""

import numpy as np
import streamlit as st

from gradlab.figures.pixels import to_picture, whole_scale
from gradlab.images.load import Source
from gradlab.images.registry import called, image_set
from gradlab.types import BoolArray, Curve, SweepResult, is_photograph
from gradlab.ui import cached, words

SHOWN = 12
COLUMNS, WIDER = 6, 4  # side by side; of photographs, which are drawn at their own size
_WIDTH = 192  # px: how wide a small image is drawn at most, before it is fitted to its column


def gallery(result: SweepResult, curve: Curve, k: int) -> None:
    """The first images of a sweep at its k-th epsilon, those first whose prediction changed."""
    predictions = curve.predictions[k]
    here, source = cached.showable(result)
    chosen = _first(here, predictions != result.clean_predictions)
    if chosen:
        _pictures(result, curve, k, chosen, source)
    if not here.all():
        st.caption(_where(result, int(here.sum())))


def _pictures(result: SweepResult, curve: Curve, k: int, chosen: list[int], source: Source) -> None:
    places, predictions = tuple(result.indices[chosen].tolist()), curve.predictions[k]
    seen = cached.stepped(
        result.dataset, result.model, places, curve.rule, float(curve.epsilons[k]), result.label_source, source
    )
    scale = whole_scale(seen.images.shape[-1], _WIDTH)
    large = is_photograph(seen.images.shape)
    across = WIDER if large else COLUMNS
    with st.container(key="photographs_gallery" if large else "gallery"):
        # Columns anew for each row, so that a long caption doesn't push the rows out of line.
        columns = [column for _ in range(0, len(chosen), across) for column in st.columns(across)]
        for column, n, place, image in zip(columns, chosen, places, seen.images, strict=False):
            before, after = (result.classes[int(label)] for label in (result.clean_predictions[n], predictions[n]))
            with column:
                st.image(
                    to_picture(image / np.float32(255), scale),
                    output_format="PNG",
                    width="content" if large else "stretch",
                    alt=f"{called(result.dataset)} {place}, {after}",
                )
                shown = f"{words.plain(before)} → **{words.plain(after)}**"
                arrow = shown if before != after else f"{words.plain(after)}, unchanged"
                st.caption(f"{_judged(result, n, after)}{arrow}  \n{_truth(result, n)}image {place}")


def _judged(result: SweepResult, n: int, after: str) -> str:
    """Whether the network is right after the step; nothing where nobody knows."""
    if not result.labelled:
        return ""
    return "✓ " if after == result.classes[int(result.labels[n])] else "✗ "


def _truth(result: SweepResult, n: int) -> str:
    return f"true: {words.plain(result.classes[int(result.labels[n])])} · " if result.labelled else ""


def _first(here: BoolArray, changed: BoolArray) -> list[int]:
    places = np.flatnonzero(here)
    chosen: list[int] = places[np.argsort(~changed[places], kind="stable")][:SHOWN].tolist()
    return chosen


def _where(result: SweepResult, count: int) -> str:
    title = image_set(result.dataset).title
    if not count:
        return f"None of the {result.images:,} images is at hand: the sample of {title} has others."
    return (
        f"Of the {result.images:,} images, only the {count:,} in the sample of {title} are at hand. These pictures are "
        "among them."
    )
