"""Two steps side by side on one image: what each looks like, and what it does to the network's belief."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import streamlit as st
from PIL import Image

from gradlab.figures.pixels import signed_picture, to_picture, whole_scale
from gradlab.images.registry import image_set
from gradlab.steps.epsilon import PIXEL_LEVELS, format_epsilon
from gradlab.types import UNKNOWN, Exploration, LabelSource, Rule, Unit, View, class_name, is_photograph
from gradlab.ui import cached, controls, state, words
from gradlab.ui.components.terms import some_words

_SHARP = 512  # px: so wide is a small image drawn, before it is fitted to its column
REACHED = 0.01  # share by which two distances that were to be equal may differ, before it is said


class Contender(NamedTuple):
    """One of the two that are compared: a network under a rule.

    Attributes:
        letter: `A` or `B`.
        model: the network's name.
        rule: the direction.
    """

    letter: str
    model: str
    rule: Rule

    def name(self, other: "Contender") -> str:
        """The letter, and what tells it from the other."""
        return f"{self.letter}: {self.model if self.model != other.model else words.RULES[self.rule]}"


def picture(dataset: str, a: Contender, b: Contender, epsilon: float, match: str, labels: LabelSource) -> None:
    """Everything about the chosen image.

    Args:
        dataset: its name.
        a: the first contender.
        b: the second.
        epsilon: of the first; that of the second follows from `match`.
        match: `l2` or `epsilon`.
        labels: which label the loss is taken for.
    """
    place = controls.image_place(dataset, a.model)
    controls.image_bar(dataset, place)
    first = cached.exploration(dataset, a.model, place, a.rule, epsilon, labels)
    other = epsilon if match == "epsilon" else _equal(dataset, b, place, first, epsilon, labels)
    second = cached.exploration(dataset, b.model, place, b.rule, other, labels)
    _pictures(dataset, (a, b), (first, second))
    controls.gain()
    st.table(
        {"": ["network", "kind of noise", "ε", "class of the loss", "network says", "L2", "L∞", "PSNR"]}
        | {
            one.name(two): _column(one, step, seen, dataset)
            for one, two, step, seen in ((a, b, epsilon, first), (b, a, other, second))
        }
    )
    _say(a, b, first, second, epsilon, match, labels)


def _equal(dataset: str, b: Contender, place: int, first: Exploration, epsilon: float, labels: LabelSource) -> float:
    """The epsilon at which the second changes the image by as much as the first."""
    up, down = cached.equal_l2(dataset, b.model, place, b.rule, first.perturbed.measures["l2"], labels)
    return down if epsilon < 0 else up


def _pictures(dataset: str, contenders: tuple[Contender, Contender], seen: tuple[Exploration, Exploration]) -> None:
    classes, gain = image_set(dataset).classes, int(state.get("gain"))
    clean = seen[0].clean.image
    scale, of_what = whole_scale(clean.shape[-1], _SHARP), "mean over the channels, " if len(clean) > 1 else ""
    truth = "" if seen[0].label == UNKNOWN else f"true class: {words.plain(class_name(classes, seen[0].label))}"
    panels = [("Image", to_picture(clean, scale), truth)]
    for one, other, found in zip(contenders, contenders[::-1], seen, strict=True):
        delta = found.perturbed.image - clean
        before, after = _said(found.clean, classes), _said(found.perturbed, classes)
        panels += [
            (one.name(other), to_picture(found.perturbed.image, scale), f"{before} → **{after}**"),
            (f"{one.letter}: difference", signed_picture(delta, gain, scale),
             f"{of_what}blue −, red +; full colour at ±{PIXEL_LEVELS / gain:.3g}/255 (shown {gain} times stronger)"),
        ]  # fmt: skip
    if not is_photograph(clean.shape):
        with st.container(key="sides"):  # on a phone the second side stands below the first, see `look`
            _side_by_side(panels, "stretch")
        return
    image, a, noise_a, b, noise_b = panels
    with st.container(key="photographs_sides"):  # three side by side have room at their own size; see `look`
        _side_by_side([image, a, b], "content")
        _side_by_side([None, noise_a, noise_b], "content")


def _said(view: View, classes: tuple[str, ...]) -> str:
    return f"{words.plain(classes[view.prediction])} {view.probabilities.max():.1%}"


def _column(one: Contender, epsilon: float, seen: Exploration, dataset: str) -> list[str]:
    classes, measures = image_set(dataset).classes, seen.perturbed.measures
    return [
        one.model,
        words.RULES[one.rule],
        format_epsilon(epsilon, one.rule),
        words.plain(classes[seen.used_label]),
        f"{_said(seen.clean, classes)} → {_said(seen.perturbed, classes)}",
        f"{measures['l2']:.4g}",
        f"{measures['linf'] * PIXEL_LEVELS:.3g}/{PIXEL_LEVELS}",
        words.psnr_text(measures["psnr"]),
    ]


def _say(
    a: Contender, b: Contender, first: Exploration, second: Exploration, epsilon: float, match: str, labels: LabelSource
) -> None:  # fmt: skip
    """How the two were matched, and which label the loss is taken for."""
    wanted, found = (seen.perturbed.measures["l2"] for seen in (first, second))
    if match == "l2" and not _reached(wanted, found):
        st.warning(
            f"{b.letter} cannot change this image as much as {a.letter}, by an L2 of {wanted:.4g}. You see the most "
            f"that its direction allows: {found:.4g}.",
            icon=":material/info:",
        )
    st.caption(f"{_matched(a, b, wanted, found, match)} {_label(a, b, epsilon, labels)}")
    some_words("equal change", "step size ε", "loss", "L2", "L∞", "PSNR")


def _reached(wanted: float, found: float) -> bool:
    """Whether two distances are equal for practical purposes."""
    return abs(found - wanted) <= REACHED * wanted


def _matched(a: Contender, b: Contender, wanted: float, found: float, match: str) -> str:
    if match == "l2" and not _reached(wanted, found):
        return f"Not at equal L2, after clipping: {wanted:.4g} and {found:.4g}."
    if match == "l2":
        return (
            f"At equal L2: gradlab found the ε of {b.letter} at which both steps change this image equally, after "
            f"clipping: {wanted:.4g} and {found:.4g}."
        )
    unequal = "" if a.rule.unit is Unit.PIXEL else " The same ε is not the same change here."
    return f"At equal step size ({words.UNITS[a.rule.unit]}): L2 {wanted:.4g} and {found:.4g}.{unequal}"


def _label(a: Contender, b: Contender, epsilon: float, labels: LabelSource) -> str:
    if not epsilon:
        return "ε is 0: nothing happens to the image."
    whose = (
        " For each network that is its own prediction."
        if labels == LabelSource.PREDICTED and a.model != b.model
        else ""
    )
    return words.label_note(labels, epsilon < 0, "Each step") + whose


def _side_by_side(panels: Sequence[tuple[str, Image.Image, str] | None], width: Literal["stretch", "content"]) -> None:
    """One column for each (title, picture, caption), or nothing; for a phone see `look`.

    Small pictures come enlarged by a whole multiple; the style keeps the browser from smoothing them when it fits them
    to the column. Photographs stay at their own size.
    """
    for column, panel in zip(st.columns(len(panels)), panels, strict=True):
        if panel:
            title, picture, caption = panel
            with column:
                st.markdown(f"**{title}**")
                st.image(picture, output_format="PNG", width=width, alt=f"{title}: {caption}")
                st.caption(caption)
