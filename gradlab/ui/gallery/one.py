"""One test image under every epsilon of the grid: a row for each rule."""

import numpy as np
import streamlit as st

from gradlab import report
from gradlab.images.registry import called, image_set
from gradlab.steps.epsilon import default_grid, format_epsilon
from gradlab.types import LabelSource, Rule, Tiles, is_photograph
from gradlab.ui import controls, state, words
from gradlab.ui.components.takeaway import code
from gradlab.ui.components.terms import some_words
from gradlab.ui.components.tiles import Tile, share_text, tiles, verdict
from gradlab.ui.jobs.gallery import WalkJob
from gradlab.ui.jobs.job import finished, watch

_SMALLER = " The pictures are smaller than the image itself, which makes its noise harder to see."
_LINK = ("dataset", "model", "labels", "gallery", "image", "rows")


def one(dataset: str, model: str, labels: LabelSource) -> None:
    """All of it, below the choice of what to look at."""
    place = controls.image_place(dataset, model)
    image = controls.image_bar(dataset, place)
    truth = int(image.labels)
    rules = controls.rows()
    state.write_link(_LINK)
    if not rules:
        st.info("Choose at least one kind of noise to draw its row.", icon=":material/grid_view:")
        return
    job = WalkJob(dataset, model, place, rules, labels)
    found = finished(job) or watch(job, anew=False) or {}
    rules = tuple(rule for rule in rules if rule in found)
    if not rules:
        return
    titles = [f"{words.RULES[rule]} · ε: {words.UNITS[rule.unit]}" for rule in rules]
    groups = [(title, _row(rule, found[rule], truth, image.classes)) for title, rule in zip(titles, rules, strict=True)]
    pictures = np.concatenate([found[rule].images for rule in rules])
    label = f"{called(dataset).capitalize()} {place} under every kind of noise and step size"
    tiles(groups, pictures, label, lambda choice: _open(place, choice), layout="rows")
    st.caption(_caption(labels, dataset))
    some_words("flip", "clean image", "probability", "kind of noise", "step size ε")
    code(report.walk_code(dataset, model, place, rules, labels, image.source))


def _row(rule: Rule, found: Tiles, truth: int, classes: tuple[str, ...]) -> list[Tile]:
    """A tile for each epsilon of the rule's grid, 0 in the middle."""
    grid = default_grid(rule)
    clean = int(found.predictions[grid.index(0.0)])
    return [_tile(rule, k, epsilon, found, clean, truth, classes) for k, epsilon in enumerate(grid)]


def _tile(rule: Rule, k: int, epsilon: float, found: Tiles, clean: int, truth: int, classes: tuple[str, ...]) -> Tile:
    after, flipped = int(found.predictions[k]), int(found.predictions[k]) != clean
    text = format_epsilon(epsilon, rule)
    story = f"{classes[clean]} → {classes[after]}" if flipped else f"{classes[after]}, unchanged"
    return Tile(
        id=f"{rule}:{k}",
        name=f"{story if epsilon else f'{classes[clean]}, clean'}, {words.RULES[rule]}, ε = {text}",
        lines=(f"{verdict(after, truth)}{classes[after]}", share_text(float(found.confidence[k])), f"ε = {text}"),
        flipped=flipped,
        middle=not epsilon,
    )


def _open(place: int, choice: str) -> None:
    rule, _, k = choice.partition(":")
    state.put("image", place)
    state.put_epsilon(default_grid(Rule(rule))[int(k)], Rule(rule))


def _caption(labels: LabelSource, dataset: str) -> str:
    known = image_set(dataset)
    return (
        f"{words.label_notes(labels)}  \n"
        f"One {called(dataset)} of {known.title}; one gradient serves every picture. The clean image is in the "
        "middle of each row (shaded); steps get longer on both sides. Scroll sideways. ε is in the unit of its kind of "
        "noise, so pictures below each other are not at equal change. ≠ and the frame: another class than for the "
        f"clean image. {words.VERDICT * known.labelled}The percentage is the probability of the class. Click a picture "
        f"to open it on the page Explore, with its noise and ε.{_SMALLER * is_photograph(known.shape)}"
    )
