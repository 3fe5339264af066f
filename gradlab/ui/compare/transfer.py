"""Made on one network, tested on another: a matrix of all networks of a data set."""

import math

import numpy as np
import streamlit as st

from gradlab import report
from gradlab.figures.said_else import transfer_said
from gradlab.figures.transfer import transfer_figure
from gradlab.report.sampling import sampling_notes
from gradlab.statistics import against_own, compare, wilson_interval
from gradlab.steps.epsilon import format_epsilon
from gradlab.types import LabelSource, Rule, TransferResult, Unit
from gradlab.ui import state, words
from gradlab.ui.components.chart import chart, redraw
from gradlab.ui.components.folded import how_measured
from gradlab.ui.components.takeaway import code
from gradlab.ui.components.terms import of_counted, some_words
from gradlab.ui.jobs.compare import TransferJob
from gradlab.ui.jobs.job import finished, watch
from gradlab.ui.views.facts import failures, images_text


def transfer(dataset: str, rule: Rule, epsilon: float, limit: int, labels: LabelSource) -> None:
    """The matrix, and what it rests on."""
    names = tuple(card.name for card in state.cards(dataset))
    if len(names) == 1:
        st.info(f"{names[0]} is the only network of this data set, so noise cannot transfer to another.",
                icon=":material/compare_arrows:")  # fmt: skip
    job = TransferJob(dataset, names, rule, epsilon, limit, labels)
    result = finished(job) or watch(job, lambda place, grown: redraw(place, transfer_figure(grown)))
    if result:
        _show(result)


def _show(result: TransferResult) -> None:
    chart(
        transfer_figure(result), "transfer", said=transfer_said(result),
        stem=f"gradlab-{result.dataset}-transfer-{result.rule}-{result.epsilon:+.4g}-{result.images}",
        data=lambda: report.transfer_to_csv(result),
    )  # fmt: skip
    st.caption(f"{_facts(result)}  \n{_label(result)}  \n{_sizes(result)}")
    st.caption(_differences(result))
    some_words("transfer", *of_counted(result.labelled), "paired difference")
    if notes := sampling_notes(result):
        st.caption(" ".join(notes))
    if not result.labelled:
        st.caption("Nobody knows the labels: each network is compared with what it says itself before the step.")
    for notice in failures(result):
        st.warning(words.plain(notice), icon=":material/info:")
    how_measured(_how(result))
    code(report.transfer_code(result))


def _facts(result: TransferResult) -> str:
    low, high = wilson_interval(np.vstack([result.clean_correct, result.correct]), result.images)
    return (
        "Rows: the network that the noise was made on. Columns: the network that classifies the images. The step: "
        f"{words.RULES[result.rule]}, ε = {format_epsilon(result.epsilon, result.rule)} "
        f"({words.UNITS[result.rule.unit]}); {images_text(result)}. Cells: {result.counted}. Point at a cell for its "
        "95 % Wilson interval (for that cell alone, none wider than "
        f"{_rounded_up(float((high - low).max()) * 100)} points from end to end) and its difference from the row's own "
        "network. Framed: made and tested on the same network."
    )


def _how(result: TransferResult) -> str:
    return f"Evaluated in float32: {result.seconds:.1f} s on {words.plain(result.device)}."


def _differences(result: TransferResult) -> str:
    """Each network beside the one that the images were perturbed on: a line for each pair."""
    right = "right" if result.labelled else "in their class"
    lines = [
        f"Made on {result.models[s]}: "
        f"{compare(against_own(result, s, t)).words(result.models[t], result.models[s], right)}."
        for s in range(len(result.models))
        for t in range(len(result.models))
        if s != t
    ]
    return "  \n".join(lines)


def _rounded_up(points: float) -> str:
    """Rounded up to one decimal."""
    return f"{math.ceil(points * 10 - 1e-9) / 10:.1f}"


def _label(result: TransferResult) -> str:
    note = words.step_note(result.label_source, result.epsilon, "the images")
    predicted = result.epsilon and result.label_source == LabelSource.PREDICTED
    return note + (" That is what the network of the row predicts, not the network of the column." if predicted else "")


def _sizes(result: TransferResult) -> str:
    """How far the rows are from equal budgets."""
    if result.rule.row.control:
        return "Random noise knows nothing of a network: every row has the same images."
    listed = ", ".join(f"{name} {l2:.3g}" for name, l2 in zip(result.models, result.level("l2"), strict=True))
    raw = (
        " One ε multiplies gradients of different sizes, so the rows are not at equal change."
        if result.rule.unit is Unit.GRADIENT
        else ""
    )
    return f"Achieved mean L2, by the network that the noise was made on: {listed}.{raw}"
