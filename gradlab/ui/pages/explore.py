"""Explore: one image, one rule, one signed epsilon, and all that follows from them."""

import streamlit as st

from gradlab import report
from gradlab.images.registry import image_set
from gradlab.types import Exploration, LabelSource, Rule, class_name, rounding_defined
from gradlab.ui import cached, controls, state, words
from gradlab.ui.components.chart import charts_ahead
from gradlab.ui.components.look import boundary, look
from gradlab.ui.components.measures import KNOWN, about_measures, noticed_note, written
from gradlab.ui.components.scrub import Step, scrub
from gradlab.ui.components.takeaway import code, exploration_files
from gradlab.ui.components.thumbnails import thumbnails

SHOWN = 24


def page() -> None:
    """The whole page."""
    look()
    dataset, model, labels = controls.subject()
    rule = controls.kind_of_noise()
    place = controls.image_place(dataset)
    _image_strip(dataset, place)
    st.caption(words.formula(rule))
    _step(dataset, model, place, rule, labels)
    charts_ahead()


@st.fragment
@boundary()
def _step(dataset: str, model: str, place: int, rule: Rule, labels: LabelSource) -> None:
    """All that depends on epsilon: it runs alone when the handle is let go."""
    epsilon = controls.written_epsilon(rule)
    state.write_link(("dataset", "model", "labels", "rule", "epsilon", "image", "gain", "rounded"))
    seen = cached.exploration(dataset, model, place, rule, epsilon, labels)
    scrub(
        cached.track(dataset, model, place, rule, labels), seen, image_set(dataset).classes,
        Step(
            f"{dataset} {model} {place} {rule} {labels}", rule, epsilon, int(state.get("gain")),
            bool(state.get("rounded")),
        ),
        move=lambda to: state.put_epsilon(to, rule),
        round_to=lambda on: state.put("rounded", on),
    )  # fmt: skip
    _numbers(seen, dataset, labels, rule, epsilon)
    choice = (dataset, model, place, rule, epsilon, labels)
    exploration_files(seen, choice, int(state.get("gain")), bool(state.get("rounded")))
    code(report.explore_code(*choice, cached.load_one(dataset, place).source))


def _image_strip(dataset: str, place: int) -> None:
    sample = cached.sample(dataset)
    places = sample.indices.tolist()
    first = min(max(0, controls.position(places, place) - SHOWN // 2), max(0, len(places) - SHOWN))
    rows = range(first, min(first + SHOWN, len(places)))
    titles = [f"{class_name(sample.classes, int(sample.labels[k]))}, test image {places[k]}" for k in rows]
    thumbnails(
        [sample.images[k].numpy() for k in rows], [places[k] for k in rows], titles, place,
        lambda picked: state.put("image", picked),
    )  # fmt: skip
    controls.image_bar(dataset, place)


def _numbers(seen: Exploration, dataset: str, labels: LabelSource, rule: Rule, epsilon: float) -> None:
    classes = image_set(dataset).classes
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.table(_measure_table(seen, classes))
    with right:
        st.caption(words.step_note(labels, epsilon, "the image"))
        st.caption(
            f"The gradient is that of the loss of **{classes[seen.used_label]}**, {seen.loss:.3g} nats on the clean "
            f"image. Its L2 norm is {seen.gradient_l2:.3g} nats per pixel unit."
        )
        st.caption(
            "Distances are in pixel units (black 0, white 1), over all values of the image, after clipping. "
            "As saved (8 bit): rounded to n/255, as a PNG stores it. Noise below half a level is lost there."
        )
        st.caption(noticed_note(list(seen.perturbed.measures)))
        if not rounding_defined(rule, epsilon):
            st.caption(words.HALFWAY)
    about_measures(list(seen.perturbed.measures))


def _measure_table(seen: Exploration, classes: tuple[str, ...]) -> dict[str, list[str]]:
    names = list(seen.perturbed.measures)
    rows = {"": [*(KNOWN[name].title for name in names), "values changed", "network says", "its probability"]}
    for title, view in {"as computed": seen.perturbed, "as saved (8 bit)": seen.rounded}.items():
        rows[title] = [
            *(written(name, view.measures[name]) for name in names),
            f"{view.changed:.1%}",
            classes[view.prediction],
            f"{view.probabilities.max():.1%}",
        ]
    return rows


page()
