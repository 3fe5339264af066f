"""Landscape: the loss around one image, along the gradient's direction and over the plane of it and a random one."""

import streamlit as st

from gradlab import report
from gradlab.figures.landscape import loss_line_figure
from gradlab.figures.plane import loss_plane_figure
from gradlab.figures.said_else import loss_line_said, loss_plane_said
from gradlab.images.registry import image_set
from gradlab.types import LossLine, Rule
from gradlab.ui import cached, controls, state
from gradlab.ui.components.chart import chart, redraw
from gradlab.ui.components.look import look, purpose
from gradlab.ui.components.takeaway import code
from gradlab.ui.components.terms import some_words
from gradlab.ui.jobs.job import finished, watch
from gradlab.ui.jobs.plane import PlaneJob
from gradlab.ui.views.landscape import LINE_HELP, PLANE_HELP, line_facts, plane_facts
from gradlab.ui.words import purposes
from gradlab.ui.words.explore import tiny

LINK = ("dataset", "model", "labels", "rule", "epsilon", "reach", "across", "image")


def page() -> None:
    """The whole page."""
    look()
    dataset, model, labels = controls.subject()
    purpose(purposes.landscape(labels))
    rule = controls.kind_of_noise()
    place = controls.image_place(dataset, model)
    controls.image_bar(dataset, place, pictured=True)
    # Only a step along the gradient itself depends on how large that is.
    track = cached.track(dataset, model, place, rule, labels) if rule is Rule.RAW else None
    reach, epsilon = controls.reach(rule, track.stretch if track else 1.0), controls.epsilon(rule)
    state.write_link(LINK)
    line = cached.line(dataset, model, place, rule, reach, labels)
    stem = f"gradlab-{dataset}-{model}-{place}-{rule}"
    if track and (why := tiny(track, line.label, rule, "the axes can reach")):
        st.caption(why)
    _line(line, image_set(dataset).classes, epsilon, stem)
    line_facts(line, image_set(dataset).classes, labels)
    some_words("loss", "gradient", "direction", "step size ε", "clean image")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Over the plane of this and a random direction", help=PLANE_HELP)
        across = controls.across()
    _plane(PlaneJob(dataset, model, place, rule, reach, labels, across), epsilon, stem)


def _line(line: LossLine, classes: tuple[str, ...], epsilon: float, stem: str) -> None:
    st.subheader("Along the direction of the step", help=LINE_HELP)
    if epsilon and abs(epsilon) > line.epsilons[-1]:
        st.caption("The chosen ε lies beyond the axes, so the figures do not mark it.")
    chart(
        loss_line_figure(line, classes, epsilon), "line", said=loss_line_said(line, classes, epsilon),
        stem=f"{stem}-line", data=lambda: report.loss_line_to_csv(line, classes),
    )  # fmt: skip


def _plane(job: PlaneJob, epsilon: float, stem: str) -> None:
    classes = image_set(job.dataset).classes
    left, right = st.columns([3, 2], vertical_alignment="center")
    with left:
        plane = finished(job) or watch(
            job, lambda place, grown: redraw(place, loss_plane_figure(grown, classes, epsilon)), width=4, anew=False
        )
        if plane:
            chart(
                loss_plane_figure(plane, classes, epsilon), "plane", said=loss_plane_said(plane, classes),
                stem=f"{stem}-plane-{job.across}", data=lambda: report.loss_plane_to_csv(plane, classes),
            )  # fmt: skip
    if plane:
        with right:
            plane_facts(plane, classes, job.labels)
    source = cached.load_one(job.dataset, job.image).source
    code(report.landscape_code(job.dataset, job.model, job.image, job.rule, job.reach, job.labels, job.across, source))


page()
