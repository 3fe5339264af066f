"""Many test images under one step: which of them flip, at which epsilon first, and how sure the network is."""

from dataclasses import replace

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gradlab import report
from gradlab.experiments.gallery import BEFORE, chosen
from gradlab.figures.flips import flip_side_figure
from gradlab.images.registry import image_set
from gradlab.steps.epsilon import default_grid, format_epsilon
from gradlab.types import Gallery, LabelSource, Rule, Tiles, class_name
from gradlab.ui import cached, controls, galleries, state, words
from gradlab.ui.components.chart import chart, redraw
from gradlab.ui.components.computing import stop_button
from gradlab.ui.components.takeaway import code
from gradlab.ui.components.tiles import Tile, share_text, tiles, verdict
from gradlab.ui.galleries import GalleryKey, Making
from gradlab.ui.running import Running

A_PAGE = 100  # tiles
_LINK = ("dataset", "model", "labels", "gallery", "rule", "epsilon", "show", "order", "pool", "sheet")

Selection = tuple[list[int], str, str]  # classes, show, order


def many(dataset: str, model: str, labels: LabelSource, rule: Rule) -> None:
    """All of it, below the choice of what to look at."""
    epsilon = controls.epsilon(rule)
    side = -1 if state.get("direction") == state.DOWN else 1
    wanted = controls.selection(dataset)
    places = tuple(cached.sample(dataset).indices.tolist())
    needed = {"outcome": wanted[1] not in BEFORE, "confidence": wanted[2] in ("before", "after")}
    key = GalleryKey(dataset, model, labels, rule, epsilon, side, places, **needed)
    key = replace(key, places=places[: controls.pool(dataset, galleries.measured_beforehand(key))])
    _write_link()
    gallery = galleries.finished_gallery(key)
    if gallery:
        _histogram(gallery, key, complete=True)
        _tiles(gallery, key, wanted, complete=True)
        code(_script(key, wanted))
    else:
        _making(key, wanted)


def _script(key: GalleryKey, wanted: Selection) -> str:
    classes, show, order = wanted
    return report.gallery_code(
        key.dataset, key.model, key.rule, key.epsilon, key.labels, side=key.side, images=len(key.places), show=show,
        order=order, classes=[image_set(key.dataset).classes[n] for n in classes],
    )  # fmt: skip


def _write_link() -> None:
    state.write_link((*_LINK, "classes") if state.get("classes") else _LINK)


def _making(key: GalleryKey, wanted: Selection) -> None:
    """Draw it as it comes: the pictures as soon as they are there, the flips as they are found."""
    running = state.running(key) or state.start(key, galleries.begin_gallery(key))
    left, right = st.columns([6, 1], vertical_alignment="center")
    bar = left.progress(0.0)
    _show_progress(bar, running)
    stop_button(running, right)
    if running.stopped:
        if running.result and running.result.gallery:
            _histogram(running.result.gallery, key, complete=False)
            _tiles(running.result.gallery, key, wanted, complete=False)
        else:
            st.info("Stopped before the images were done.", icon=":material/stop_circle:")
        return
    figure, below, drawn = st.empty(), st.container(), False
    while running.advance(None if drawn else _has_pictures):
        _show_progress(bar, running)
        gallery = running.result and running.result.gallery
        if not gallery:
            continue
        redraw(figure, flip_side_figure(gallery.flips, key.rule, key.side, key.epsilon, complete=False))
        if not drawn:
            with below:
                _tiles(gallery, key, wanted, complete=False)
        drawn = True
    state.finish()
    st.rerun()


def _has_pictures(making: Making) -> bool:
    return making.gallery is not None


def _show_progress(bar: DeltaGenerator, running: Running[Making]) -> None:
    done = running.result or Making("beginning", 0.0)
    bar.progress(done.share, text=done.text)


def _histogram(gallery: Gallery, key: GalleryKey, *, complete: bool) -> None:
    stem = f"gradlab-{key.dataset}-{key.model}-{len(gallery)}-gallery-{key.rule}"
    chart(
        flip_side_figure(gallery.flips, key.rule, key.side, key.epsilon, complete), "flip_epsilons",
        alt="How many images first change their class at each epsilon", stem=stem,
        data=lambda: report.gallery_to_csv(gallery, image_set(key.dataset).classes, key.rule, key.epsilon),
    )  # fmt: skip
    st.caption(
        f"Of all {len(gallery):,} images, those that are filtered out below as well: how many change their class first "
        "at each epsilon of the grid, going outward from 0. Full colour: up to the chosen epsilon. Grey: at none "
        f"{'of them' if complete else 'of those that were tried so far'}."
    )


def _tiles(gallery: Gallery, key: GalleryKey, wanted: Selection, *, complete: bool) -> None:
    """A page of tiles, what is left out, and what they are."""
    classes, show, order = wanted
    rows = chosen(gallery, show, order, classes)
    if not len(rows):
        st.info(
            f"None of the {len(gallery):,} images is like that: choose other classes, other images, or another "
            "epsilon.",
            icon=":material/filter_alt_off:",
        )
        return
    sheets = -(-len(rows) // A_PAGE)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        place = st.empty()
        sheet = controls.sheet(sheets)
    first = (sheet - 1) * A_PAGE
    part = gallery.at(rows[first : first + A_PAGE])
    place.markdown(f"{_which(len(rows), len(gallery))}, shown {first + 1:,} to {first + len(part):,}")
    with st.spinner("Taking the step with these images …"):
        seen = galleries.pictures(part, key)
    named = [_tile(part, seen, n, key, complete) for n in range(len(part))]
    tiles([("", named)], seen.images, "Perturbed test images", lambda place: _open(int(place), key))
    st.caption(_caption(gallery, key))
    _write_link()


def _which(kept: int, count: int) -> str:
    return f"**All {count:,} images**" if kept == count else f"**{kept:,} of {count:,} images**"


def _tile(part: Gallery, seen: Tiles, n: int, key: GalleryKey, complete: bool) -> Tile:
    names, place = image_set(key.dataset).classes, int(part.indices[n])
    said = seen.predictions if part.predictions is None else part.predictions
    before, after, truth = (class_name(names, int(k[n])) for k in (part.clean_predictions, said, part.labels))
    flipped = before != after
    story = f"{before} → {after}" if flipped else f"{after}, unchanged"
    when = _when(float(part.flips[n]), flipped, key) if complete or np.isfinite(part.flips[n]) else ""
    sure, right = share_text(float(seen.confidence[n])), verdict(int(said[n]), int(part.labels[n]))
    return Tile(
        id=str(place),
        name=", ".join(filter(None, (story, f"test image {place}", when, f"true class {truth}"))),
        lines=(f"{right}{after}", f"{sure} · was {before}" if flipped else sure, when),
        flipped=flipped,
    )  # fmt: skip


def _when(flip: float, flipped: bool, key: GalleryKey) -> str:
    """At which epsilon of the grid it flips first; the chosen one may stand between two of them, or further out."""
    if np.isnan(flip):
        further = abs(key.epsilon) > max(default_grid(key.rule))
        return f"{'beyond' if further else 'between'} the epsilons tried" if flipped else "never flips"
    reached = flipped and abs(flip) <= abs(key.epsilon)
    return f"{'flipped' if reached else 'flips'} at {format_epsilon(flip, key.rule)}"


def _open(place: int, key: GalleryKey) -> None:
    """Set what Explore is to show."""
    state.put("image", place)
    state.put_epsilon(key.epsilon, key.rule)


def _caption(gallery: Gallery, key: GalleryKey) -> str:
    title, side = image_set(key.dataset).title, "above" if key.side > 0 else "below"
    sampled = "embedded sample of " if cached.sample(key.dataset).source == "sample" else ""
    step = words.label_note(key.labels, key.side < 0, "The step") if key.epsilon else "Epsilon is 0: nothing is done."
    told = (
        "The classes were computed now." if gallery.tiles else "The classes are those of the study measured beforehand."
    )
    if gallery.predictions is None:
        told = "The classes before the step, and the flips, are those of the study measured beforehand."
    return (
        f"{step} Epsilon is in {words.UNITS[key.rule.unit]}. The first {len(gallery):,} of the {sampled}test "
        f"images of {title}. {told} ≠ and the frame mark a class other than that of the clean image, ✓ and ✗ whether "
        "it is the data set's label, the percentage is its probability after the step. *Flips at* is the first epsilon "
        f"tried {side} 0, going outward over the grid, that changes the class: the true threshold lies between it and "
        "the one before, and an image may come back further out. A click opens an image on the page Explore."
    )
