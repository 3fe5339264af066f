"""The rules at equal change, and the negative direction with and without being told the answer."""

import re

import numpy as np
import streamlit as st

from gradlab import report
from gradlab.figures.paper import fair_figure, labels_figure
from gradlab.models import read_cards
from gradlab.paper import AIMS, CLAIM_AIMS, PAPER_MODEL, Point, fair_paragraph
from gradlab.sampling import sampling_notes
from gradlab.types import LabelSource, SweepResult
from gradlab.ui import controls, state, studies, words
from gradlab.ui.components.chart import chart
from gradlab.ui.components.takeaway import sweep_stem
from gradlab.ui.paper.written import PAPER_NETWORK, images_text, made_on, network_name, psnr_text, step_text


def fair(dataset: str, model: str) -> None:
    """Both, of the chosen network; or why there is nothing to compare."""
    st.subheader("Does it survive a fair comparison?")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"Here and at *Measure again*: **{network_name(model, dataset)}**, the choice of the sidebar.")
        if (model, dataset) != PAPER_MODEL and PAPER_MODEL in {(card.name, card.dataset) for card in read_cards()}:
            st.button(f"Choose {PAPER_NETWORK}", icon=":material/article:", on_click=_choose_the_papers)
    measure, rounded = controls.budget()
    result, problem = studies.study(model, dataset, LabelSource.TRUE)
    if problem:
        st.warning(words.plain(f"{problem}."), icon=":material/info:")
    if result is None:
        st.markdown("Measure it below: the comparison then stands here.")
        return
    chart(
        fair_figure(result, measure, rounded), "fair",
        alt=f"Accuracy over {words.BUDGETS[measure]}, one line a rule, climbing and descending",
        stem=sweep_stem(result, measure), data=lambda: report.sweep_to_csv(result),
    )  # fmt: skip
    st.caption(
        f"Measured on {images_text(result.images, result.dataset)}, for the true labels, {made_on(result)}; "
        f"{words.BANDS}; dotted: clean accuracy."
    )
    if notes := sampling_notes(result):
        st.caption(" ".join(notes))
    _paragraph(result)
    _labels(result, dataset, model)


def _choose_the_papers() -> None:
    model, dataset = PAPER_MODEL
    state.put("dataset", dataset)
    state.put("model", model)
    state.put("image", None)


def _paragraph(result: SweepResult) -> None:
    """What the curves say where `raw` does what the abstract claims, or looks clean still."""
    claimed = CLAIM_AIMS[0].find(result) if (result.model, result.dataset) == PAPER_MODEL else None
    at = claimed or AIMS[2].find(result)
    text = fair_paragraph(result, at) if at else ""
    if at and text:
        sentences = re.split(r"(?<=\.) (?=At equal)", text)
        st.markdown(f"{_occasion(at, claimed is not None)}\n\n" + "\n".join(f"- {sentence}" for sentence in sentences))


def _occasion(at: Point, claimed: bool) -> str:
    why = (
        "as many images right as the abstract says"
        if claimed
        else "its largest epsilon where half of the images are changed as little as this, or less"
    )
    return (
        f"Before rounding, all rules where each has changed the images as much as **{step_text(at)}** has, which "
        f"leaves {at.accuracy:.2%} right ({why}; median PSNR {psnr_text(at)}):"
    )


def _labels(true: SweepResult, dataset: str, model: str) -> None:
    st.markdown("#### The negative direction is told the answer")
    predicted, problem = studies.study(model, dataset, LabelSource.PREDICTED)
    if predicted is None:
        st.info(words.plain(f"{problem}."), icon=":material/info:")
        return
    if not np.array_equal(predicted.indices, true.indices):
        st.info("The studies for true and for predicted labels are not of the same images.", icon=":material/info:")
        return
    chart(
        labels_figure(true, predicted), "told",
        alt="Accuracy over the size of a step down the loss, for true and for predicted labels",
        stem=sweep_stem(true, "labels"), data=lambda: report.sweep_to_csv(true, predicted),
    )  # fmt: skip
    st.markdown(report.labels_paragraph(true, predicted))
    st.markdown(report.labels_difference(true, predicted))
