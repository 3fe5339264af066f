"""Curves: accuracy over the signed epsilon, one line a rule, drawn while it is computed."""

import streamlit as st

from gradlab import report
from gradlab.figures.said import sweep_said
from gradlab.figures.sweep import Axis, sweep_figure
from gradlab.images.registry import image_set
from gradlab.types import SweepResult
from gradlab.ui import controls, state
from gradlab.ui.components.chart import chart, redraw
from gradlab.ui.components.look import look, purpose
from gradlab.ui.components.takeaway import sweep_as_code, sweep_files, sweep_stem
from gradlab.ui.components.terms import of_counted, some_words
from gradlab.ui.jobs.job import finished, watch
from gradlab.ui.jobs.sweep import SweepJob
from gradlab.ui.views.classes import classes
from gradlab.ui.views.confusion import confusion, flips
from gradlab.ui.views.facts import facts, point_facts
from gradlab.ui.views.gallery import gallery
from gradlab.ui.views.measures import measures
from gradlab.ui.views.pair import rules
from gradlab.ui.words import purposes

LINK = ("dataset", "model", "labels", "rules", "limit", "rounded", "without_twins", "axis", "rule", "epsilon", "view")
PAIR = ("versus", "match")
# By the names in `words.VIEWS`; each draws a sweep at the k-th epsilon of one of its curves.
VIEWS = {
    "images": gallery,
    "classes": classes,
    "confusion": confusion,
    "flips": flips,
    "rules": rules,
    "measures": measures,
}


def page() -> None:
    """The whole page."""
    look()
    dataset, model, labels = controls.subject()
    purpose(purposes.curves(image_set(dataset).labelled, labels))
    rules, limit, rounded, axis = controls.sweep_choices(dataset, model, labels)
    _write_link()
    if not rules:
        st.info("Choose at least one kind of noise to draw its curve.", icon=":material/show_chart:")
        return
    sweep = SweepJob(dataset, model, rules, limit, labels, rounded)
    result = finished(sweep) or watch(sweep, lambda place, grown: redraw(place, sweep_figure(grown, axis)))
    if result:
        _show(controls.counted(result), axis)


def _show(result: SweepResult, axis: Axis) -> None:
    figure = sweep_figure(result, axis)
    event = chart(
        figure, "curve", said=sweep_said(result, axis), stem=sweep_stem(result, axis=axis),
        data=lambda: report.sweep_to_csv(result),
        on_select="rerun", selection_mode="points",
    )  # fmt: skip
    controls.adopt_click(event, [trace.meta for trace in figure.data], result)
    facts(result)
    some_words(*of_counted(result.labelled), "step size ε", "interval", "paired difference", "L2", "PSNR", "SSIM")
    sweep_files(result, axis)
    sweep_as_code(result)
    st.subheader("A point of the curve")
    curve, k = controls.curve_point(result)
    point_facts(result, curve, k)
    VIEWS[controls.view(result.labelled)](result, curve, k)
    _write_link()


def _write_link() -> None:
    more = {"rules": PAIR if state.get("versus") else (), "classes": ("classes",) if state.get("classes") else ()}
    state.write_link(LINK + more.get(state.get("view"), ()))


page()
