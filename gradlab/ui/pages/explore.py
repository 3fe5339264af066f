"""Explore: one image, one rule, one signed epsilon, and all that follows from them."""

import math

import streamlit as st

from gradlab.datasets import DATASETS
from gradlab.figures.explore import belief_figure
from gradlab.figures.pixels import noise_picture, signed_picture, to_picture
from gradlab.types import Exploration, View
from gradlab.ui import cached, controls, state, words
from gradlab.ui.components.chart import draw
from gradlab.ui.components.look import look
from gradlab.ui.components.pictures import pictures
from gradlab.ui.components.takeaway import exploration_code, exploration_files
from gradlab.ui.components.thumbnails import thumbnails

SHOWN = 24


def page() -> None:
    """The whole page."""
    look()
    dataset, model, labels = controls.sidebar()
    place = controls.image_place(dataset)
    _image_strip(dataset, place)
    rule = controls.rule()
    epsilon = controls.epsilon(rule)
    state.write_link(("dataset", "model", "labels", "rule", "epsilon", "image", "gain"))
    seen = cached.exploration(dataset, model, place, rule, epsilon, labels)
    st.caption(
        words.label_note(labels, epsilon < 0, "The step") if epsilon else "Epsilon is 0: nothing is done to the image."
    )
    gain = int(state.get("gain"))
    _pictures(seen, dataset, gain)
    controls.gain()
    _beliefs(seen, dataset)
    choice = (dataset, model, place, rule, epsilon, labels)
    exploration_files(seen, choice)
    exploration_code(choice)


def _image_strip(dataset: str, place: int) -> None:
    sample = cached.sample(dataset)
    places = sample.indices.tolist()
    first = min(max(0, controls.position(places, place) - SHOWN // 2), max(0, len(places) - SHOWN))
    rows = range(first, min(first + SHOWN, len(places)))
    titles = [f"{sample.classes[int(sample.labels[k])]}, test image {places[k]}" for k in rows]
    thumbnails(
        [sample.images[k].numpy() for k in rows], [places[k] for k in rows], titles, place,
        lambda picked: state.put("image", picked),
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center"):
        controls.image_steps(dataset)
        one = cached.load_one(dataset, place)
        st.markdown(f"**{one.classes[int(one.labels)]}** · test image {place} of {DATASETS[dataset].title}")
    controls.show_notice("image")


def _pictures(seen: Exploration, dataset: str, gain: int) -> None:
    classes = DATASETS[dataset].classes
    delta = seen.perturbed.image - seen.clean.image
    channels, _, width = seen.clean.image.shape
    scale = 512 // width
    of_what = "mean over the channels, " if channels > 1 else ""
    pictures(
        [
            ("Image", to_picture(seen.clean.image, scale), f"network: {_belief(seen.clean, classes)}"),
            ("Noise", noise_picture(delta, gain, scale), f"what the step added, ×{gain} about middle grey"),
            ("Perturbed", to_picture(seen.perturbed.image, scale), f"network: {_belief(seen.perturbed, classes)}"),
            ("Signed difference", signed_picture(delta, gain, scale),
             f"{of_what}blue −, red +; full colour at ±{255 / gain:.3g}/255 (gain ×{gain}, locked)"),
        ]
    )  # fmt: skip


def _belief(view: View, classes: tuple[str, ...]) -> str:
    return f"{classes[view.prediction]}, {view.probabilities.max():.1%}"


def _beliefs(seen: Exploration, dataset: str) -> None:
    classes = DATASETS[dataset].classes
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader("What the network believes")
        draw(st, belief_figure(seen, classes), key="beliefs")
        st.caption(
            f"✓ marks the true class. The gradient was taken of the loss of **{classes[seen.used_label]}**, "
            f"{seen.loss:.3g} nats on the clean image; its L2 norm is {seen.gradient_l2:.3g} nats per pixel unit."
        )
    with right:
        st.subheader("How large the change is")
        st.table(_measure_table(seen, classes))
        st.caption(
            "Distances are in pixel units ([0, 1] a value), over all values of the image, after clipping. "
            "8-bit: rounded to n/255, as a PNG stores it; noise below half a step is lost there."
        )


def _measure_table(seen: Exploration, classes: tuple[str, ...]) -> dict[str, list[str]]:
    forms = {"as computed": seen.perturbed, "8-bit": seen.rounded}
    rows = {
        "": ["L2", "L∞", "PSNR", "SSIM", "values changed", "network says", "its probability"],
    }
    for title, view in forms.items():
        psnr = view.measures["psnr"]
        rows[title] = [
            f"{view.measures['l2']:.4g}",
            f"{view.measures['linf']:.4g}  ({view.measures['linf'] * 255:.3g}/255)",
            "∞ (identical)" if psnr == float("inf") else f"{psnr:.1f} dB",
            "–" if math.isnan(view.measures["ssim"]) else f"{view.measures['ssim']:.4f}",
            f"{view.changed:.1%}",
            classes[view.prediction],
            f"{view.probabilities.max():.1%}",
        ]
    return rows


page()
