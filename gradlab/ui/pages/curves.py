"""Curves: accuracy over the signed epsilon, one line a rule, drawn while it is computed."""

import streamlit as st

from gradlab.datasets import DATASETS
from gradlab.epsilon import format_epsilon
from gradlab.figures.sweep import Axis, sweep_figure
from gradlab.types import SweepResult
from gradlab.ui import cached, controls, state, words
from gradlab.ui.components.gallery import gallery
from gradlab.ui.components.look import look

CHART = {"displayModeBar": False}
LINK = ("dataset", "model", "labels", "rules", "limit", "rounded", "axis", "rule", "epsilon")


def page() -> None:
    """The whole page."""
    look()
    dataset, model, labels = controls.sidebar()
    rules, limit, rounded, axis = controls.sweep_choices(dataset)
    state.write_link(LINK)
    if not rules:
        st.info("Choose at least one rule to draw its curve.", icon=":material/show_chart:")
        return
    key = (dataset, model, rules, limit, labels, rounded)
    result = cached.finished_sweep(key) or _compute(key, axis)
    if result:
        _show(result, axis)


def _compute(key: cached.SweepKey, axis: Axis) -> SweepResult | None:
    """Draw the curve as it grows. Any rerun, Stop among them, ends this run of the page and keeps what is done."""
    running = state.running(key) or state.start(key, cached.begin_sweep(key))
    limit = key[3]
    # Columns of fixed shares: in a row that fits its content the button would slip away from under the pointer.
    left, right = st.columns([6, 1], vertical_alignment="center")
    done = running.result.images if running.result else 0
    progress = left.progress(done / limit, text=f"{done} of {limit} images")
    if running.stopped:
        pressed = right.button("Go on", icon=":material/play_arrow:", width="stretch")
    else:
        pressed = right.button("Stop", icon=":material/stop_circle:", width="stretch")
    if pressed:
        running.stopped = not running.stopped
        st.rerun()
    if running.stopped:
        if not running.result:
            st.info("Stopped before the first images were done.", icon=":material/stop_circle:")
        return running.result
    chart = st.empty()
    while running.advance() and (result := running.result):
        progress.progress(result.images / limit, text=f"{result.images} of {limit} images")
        chart.plotly_chart(sweep_figure(result, axis), config=CHART)
    state.finish()
    st.rerun()


def _show(result: SweepResult, axis: Axis) -> None:
    event = st.plotly_chart(
        sweep_figure(result, axis), key="curve", on_select="rerun", selection_mode="points",
        config=CHART, alt="Accuracy over signed epsilon, one line a rule",
    )  # fmt: skip
    controls.adopt_click(event, result)
    st.caption(_facts(result))
    _images(result)
    state.write_link(LINK)


def _facts(result: SweepResult) -> str:
    origin = "the full test split" if result.source == "store" else "the embedded sample of 2,000 test images"
    return (
        f"{result.images} test images of {DATASETS[result.dataset].title}, class-balanced, from {origin}; bands: 95 % "
        f"Wilson intervals; dotted: clean accuracy, {result.clean_accuracy:.1%}. One gradient an image, of the loss of "
        f"the {words.LABELS[result.label_source]} label, {result.backwards} backward passes in all, "
        f"{result.seconds:.1f} s on {result.device}. "
        + ("Perturbed images were rounded to 8 bit. " if result.eight_bit else "")
        + "Equal epsilons are not equal budgets across rules; choose *achieved L2* as the axis to compare them."
    )


def _images(result: SweepResult) -> None:
    st.subheader("The images at a point")
    curve, k = controls.curve_point(result)
    epsilon = format_epsilon(float(curve.epsilons[k]), curve.rule)
    right = result.correct(curve)[k]
    st.caption(
        f"{words.RULES[curve.rule]}, ε = {epsilon}: {right} of {result.images} right ({right / result.images:.1%}). "
        "Click a point of the curve, or choose it above."
    )
    gallery(result, curve, k)


page()
