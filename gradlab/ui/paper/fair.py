"""The gradient and its sign at equal change, and the negative direction with and without being told the answer."""

import numpy as np
import streamlit as st

from gradlab import report
from gradlab.experiments.stored import EQUAL
from gradlab.figures.paper import fair_figure, labels_figure
from gradlab.figures.said import fair_said, labels_said
from gradlab.images.registry import image_set
from gradlab.networks import known_cards
from gradlab.paper import PAPER_MODEL, Point, allocation_part, direction_part, fair_sentences, occasion
from gradlab.report.sampling import sampling_notes
from gradlab.types import LabelSource, SweepResult
from gradlab.ui import controls, state, words
from gradlab.ui.components.chart import chart
from gradlab.ui.components.folded import how_measured
from gradlab.ui.components.takeaway import sweep_stem
from gradlab.ui.jobs import baseline
from gradlab.ui.paper.written import PAPER_NETWORK, images_text, made_on, network_name, psnr_text, step_text


def fair(dataset: str, model: str, limit: float) -> None:
    """Both, of the chosen network; or why there is nothing to compare. `limit`: what counts as visible, in dB."""
    st.subheader("Does it survive a fair comparison?")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"Here and at *Measure again*: **{network_name(model, dataset)}**, as chosen in the sidebar.")
        if (model, dataset) != PAPER_MODEL and PAPER_MODEL in {(card.name, card.dataset) for card in known_cards()}:
            st.button(f"Choose {PAPER_NETWORK}", icon=":material/article:", on_click=_choose_the_papers)
    if not (known := image_set(dataset)).labelled:
        st.info(
            f"Nobody knows the labels of {known.title}, so there is no accuracy to compare: choose another data set in "
            "the sidebar.",
            icon=":material/info:",
        )
        return
    what, measure, rounded = controls.fairness()
    result, problem = baseline.known(model, dataset, LabelSource.TRUE)
    equal, missing = baseline.known(model, dataset, EQUAL)
    for why in dict.fromkeys(filter(None, (problem, missing))):
        st.warning(words.plain(f"{why}."), icon=":material/info:")
    if result is None:
        st.markdown("Measure it below. Then the comparison stands here.")
        return
    _chart(result, equal, what, measure, rounded)
    if equal:
        _sentences(result, equal, limit)
    _labels(result, dataset, model)


def _choose_the_papers() -> None:
    model, dataset = PAPER_MODEL
    state.put("dataset", dataset)
    state.put("model", model)
    state.put("image", None)


def _chart(result: SweepResult, equal: SweepResult | None, what: str, measure: str, rounded: bool) -> None:
    shown = result if what == "average" else equal
    if shown is None:
        return
    if what == "direction":
        shown = direction_part(shown, "linf" if measure == "linf" else "l2")  # of equal L2, PSNR is equal too
    elif what == "allocation":
        shown = allocation_part(shown)
    chart(
        fair_figure(shown, measure, rounded), "fair", said=fair_said(shown, measure, rounded),
        stem=sweep_stem(shown, what, f"{measure}{'-8bit' if rounded else ''}"), data=lambda: report.sweep_to_csv(shown),
    )  # fmt: skip
    st.caption(
        f"{_COMPARED[what]} Measured on {images_text(shown.images, shown.dataset)}, away from and towards the true "
        f"class; {words.BANDS}; dotted: clean accuracy."
    )
    if notes := sampling_notes(shown):
        st.caption(" ".join(notes))
    how_measured(f"The measurement took {made_on(shown)}.")


_COMPARED = {
    "direction": (
        "*Direction*: at each point, the sign, and random signs, change every image as much as the "
        "plain gradient does at one epsilon. The plain gradient, L2 and max are one step then."
    ),
    "allocation": (
        "*Allocation*: the gradient's own direction at the same mean L2, with a step as long as the gradient (plain "
        "gradient) or of one length for all images (L2)."
    ),
    "average": (
        "*All kinds of noise, on average*: over the change that each makes on average. One may spend it on few images, "
        "another equally on all."
    ),
}


def _sentences(result: SweepResult, equal: SweepResult, limit: float) -> None:
    """What the numbers say where `raw` does as the abstract claims, or changes half of the images to 40 dB or more."""
    at = occasion(result)
    said = (
        [] if at is None else [*fair_sentences(equal, at.epsilon), *report.unseen_sentences(equal, at.epsilon, limit)]
    )
    if at and said:
        listed = "\n".join(f"- {words.marked(sentence)}" for sentence in said)
        st.markdown(f"{_occasion(at, (result.model, result.dataset) == PAPER_MODEL)}\n\n{listed}")


def _occasion(at: Point, claimed: bool) -> str:
    why = (
        "it leaves about as many images right as the abstract says"
        if claimed
        else "its largest ε that changes half of the images to 40 dB or more"
    )
    return f"Before rounding, at **{step_text(at)}** ({why}; median PSNR {psnr_text(at)}):"


def _labels(true: SweepResult, dataset: str, model: str) -> None:
    st.markdown("#### The negative direction is told the answer")
    predicted, problem = baseline.known(model, dataset, LabelSource.PREDICTED)
    if predicted is None:
        st.info(words.plain(f"{problem}."), icon=":material/info:")
        return
    if not np.array_equal(predicted.indices, true.indices):
        st.info("The measurements for true and for predicted classes are of different images.", icon=":material/info:")
        return
    chart(
        labels_figure(true, predicted), "told", said=labels_said(true, predicted),
        stem=sweep_stem(true, "labels"), data=lambda: report.sweep_to_csv(true, predicted),
    )  # fmt: skip
    st.markdown(report.labels_paragraph(true, predicted))
    st.markdown(report.labels_difference(true, predicted))
