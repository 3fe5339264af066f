"""Explore: one image, one rule, one signed epsilon, and all that follows from them."""

import streamlit as st

from gradlab import report
from gradlab.images.registry import called, image_set
from gradlab.types import UNKNOWN, Exploration, LabelSource, Rule, Track, rounding_defined
from gradlab.ui import cached, controls, state
from gradlab.ui.components.chart import charts_ahead
from gradlab.ui.components.look import boundary, look
from gradlab.ui.components.measures import KNOWN, about_measures, noticed_note, written
from gradlab.ui.components.scrub import Step, finer, scrub
from gradlab.ui.components.takeaway import code, exploration_files
from gradlab.ui.components.terms import explained, some_words
from gradlab.ui.components.thumbnails import thumbnails
from gradlab.ui.words import HALFWAY, formula, plain, purposes, step_note
from gradlab.ui.words import explore as words

SHOWN = 24


def page() -> None:
    """The whole page."""
    look()
    dataset, model, labels = controls.subject()
    top = st.container(key="what", horizontal=True, horizontal_alignment="distribute", vertical_alignment="center")
    with top:
        explained(purposes.EXPLORE)
    rule = controls.kind_at_equal_change()
    place = controls.image_place(dataset, model)
    with top:
        _other_beginning(cached.track(dataset, model, place, rule, labels))
    controls.keep_the_change(dataset, model, place, rule, labels)
    _step(dataset, model, place, rule, labels)
    charts_ahead()


@st.fragment
@boundary()
def _step(dataset: str, model: str, place: int, rule: Rule, labels: LabelSource) -> None:
    """All that depends on epsilon: it runs alone when the handle is let go."""
    if state.get("wanted") or state.get("image") != place:
        st.rerun()  # another image was chosen below: its direction is another one
    epsilon = controls.begun_epsilon(rule)
    _write_link()
    seen = cached.exploration(dataset, model, place, rule, epsilon, labels)
    track, classes = cached.track(dataset, model, place, rule, labels), image_set(dataset).classes
    stood = controls.Stood((dataset, model, place, labels), rule, epsilon)
    state.put("stood", stood)
    st.caption(f"{controls.said_of_change(stood)} {words.tiny(track, seen.used_label, rule)}".strip())
    gain, signed, rounded = int(state.get("gain")), state.get("noise") == "signed", bool(state.get("rounded"))
    added = tuple(name for name in state.get("added") if name in classes)
    step = Step(f"{dataset} {model} {place} {rule} {labels}", rule, labels, epsilon, gain, signed, rounded, added)
    scrub(
        track, seen, classes, step,
        move=lambda to: state.put_epsilon(to, rule),
        typed=lambda text: controls.take_typed(text, rule),
        round_to=lambda on: state.put("rounded", on),
        add=lambda names: state.put("added", names),
    )  # fmt: skip
    _images(dataset, place)
    _details(dataset, model, place, rule, epsilon, labels, seen)
    _ask_in_between(dataset, model, place, seen.used_label, step, len(track.epsilons))


def _ask_in_between(dataset: str, model: str, place: int, used: int, step: Step, there: int) -> None:
    """Of a large image, what the network says at more epsilons, when all else is there.

    It is asked a few at a time, for between them a hand that lets go ends this run; the next one goes on.
    """
    asked, spot = (dataset, model, place, step.rule, step.labels), st.empty()
    while not state.covered() and cached.finer(*asked):
        spot.empty()
    track = cached.track(*asked)
    if len(track.epsilons) > there:
        with spot:
            finer(track, used, image_set(dataset).classes, step)


def _write_link() -> None:
    """Without what nobody has chosen: a link of the first screen leads to the first screen."""
    more = [name for name, usual in (("equal", True), ("noise", "colour")) if state.get(name) != usual]
    step = ("epsilon",) if state.get("moved") else ()
    state.write_link(("dataset", "model", "labels", "rule", *step, "image", "gain", "rounded", *more))


def _images(dataset: str, place: int) -> None:
    """The images around the chosen one, and ways to others."""
    sample = cached.sample(dataset)
    places = sample.indices.tolist()
    first = min(max(0, controls.position(places, place) - SHOWN // 2), max(0, len(places) - SHOWN))
    rows = range(first, min(first + SHOWN, len(places)))
    known = image_set(dataset)
    titles = [f"{known.name_of(places[k], int(sample.labels[k]))}, {called(dataset)} {places[k]}" for k in rows]
    thumbnails(
        [cached.thumbnail(dataset, places[k]) for k in rows], [places[k] for k in rows], titles, place,
        lambda picked: state.put("image", picked),
    )  # fmt: skip
    controls.image_bar(dataset, place)


def _other_beginning(track: Track) -> None:
    """From an image that the network has right to a mistake of its, and back."""
    if track.label == UNKNOWN:
        return
    right = track.label == int(track.probabilities[track.epsilons == 0][0].argmax())
    title, icon, which = (
        ("Repair a mistake", ":material/build:", controls.REPAIRED)
        if right
        else ("Turn a right answer", ":material/swap_horiz:", controls.TURNED)
    )
    st.button(title, icon=icon, key="begin_with", on_click=controls.begin_with, args=(which,))


def _details(
    dataset: str, model: str, place: int, rule: Rule, epsilon: float, labels: LabelSource, seen: Exploration
) -> None:
    """Below the first screen: how the noise is shown, the formula, all measures, files and code."""
    st.subheader("Details")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="large"):
        controls.noise()
        controls.gain()
    st.caption(formula(rule))
    _numbers(seen, dataset, labels, rule, epsilon)
    choice = (dataset, model, place, rule, epsilon, labels)
    exploration_files(seen, choice, int(state.get("gain")), bool(state.get("rounded")))
    code(report.explore_code(*choice, cached.load_one(dataset, place).source))


def _numbers(seen: Exploration, dataset: str, labels: LabelSource, rule: Rule, epsilon: float) -> None:
    classes = image_set(dataset).classes
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.table(_measure_table(seen, classes))
    with right:
        st.caption(step_note(labels, epsilon, "the image"))
        st.caption(
            f"The gradient is that of the loss of **{plain(classes[seen.used_label])}**, {seen.loss:.3g} nats on the "
            f"clean image. Its L2 norm is {seen.gradient_l2:.3g} nats per pixel unit."
        )
        st.caption(
            "Distances are in pixel units (black 0, white 1), over all values of the image, after clipping. "
            "As saved (8 bit): rounded to n/255, as a PNG stores it. Noise below half a level is lost there."
        )
        st.caption(noticed_note(list(seen.perturbed.measures)))
        if not rounding_defined(rule, epsilon):
            st.caption(HALFWAY)
        some_words("loss", "clean image", "L2", "L∞", "PSNR", "SSIM", "8 bit")
    about_measures(list(seen.perturbed.measures))


def _measure_table(seen: Exploration, classes: tuple[str, ...]) -> dict[str, list[str]]:
    names = list(seen.perturbed.measures)
    rows = {"": [*(KNOWN[name].title for name in names), "values changed", "network says", "its probability"]}
    for title, view in {"as computed": seen.perturbed, "as saved (8 bit)": seen.rounded}.items():
        rows[title] = [
            *(written(name, view.measures[name]) for name in names),
            f"{view.changed:.1%}",
            plain(classes[view.prediction]),
            f"{view.probabilities.max():.1%}",
        ]
    return rows


page()
