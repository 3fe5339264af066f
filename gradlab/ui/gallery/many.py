"""Many test images under one step: which of them flip, at which epsilon first, and how sure the network is."""

from dataclasses import replace

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gradlab import report
from gradlab.experiments.gallery import BEFORE, chosen
from gradlab.figures.flips import flip_side_figure
from gradlab.figures.said_classes import flip_side_said
from gradlab.images.registry import ImageSet, called, image_set
from gradlab.steps.epsilon import default_grid, format_epsilon
from gradlab.types import UNKNOWN, Gallery, LabelSource, Rule, Tiles, is_photograph
from gradlab.ui import cached, controls, state, words
from gradlab.ui.components.chart import chart, redraw
from gradlab.ui.components.folded import how_measured
from gradlab.ui.components.takeaway import code
from gradlab.ui.components.terms import some_words
from gradlab.ui.components.tiles import Tile, share_text, tiles, verdict
from gradlab.ui.jobs.gallery import GalleryJob, Images
from gradlab.ui.jobs.job import finished, watch

A_PAGE, OF_PHOTOGRAPHS = 100, 24  # tiles
_LINK = ("dataset", "model", "labels", "gallery", "rule", "epsilon", "show", "order", "pool", "sheet")

Selection = tuple[list[int], str, str]  # classes, show, order


def many(dataset: str, model: str, labels: LabelSource, rule: Rule) -> None:
    """All of it, below the choice of what to look at."""
    epsilon = controls.epsilon(rule)
    side = -1 if state.get("direction") == state.DOWN else 1
    wanted = controls.selection(dataset)
    places = tuple(cached.sample(dataset).indices.tolist())
    needed = {"outcome": wanted[1] not in BEFORE, "confidence": wanted[2] in ("before", "after")}
    job = GalleryJob(Images(dataset, model, labels, places), rule, epsilon, side, **needed)
    pooled = places[: controls.pool(dataset, job.measured_beforehand())]
    job = replace(job, images=replace(job.images, places=pooled))
    _write_link()
    whole = finished(job)
    if gallery := whole or _making(job, wanted):
        _histogram(gallery, job, complete=whole is not None)
        _tiles(gallery, job, wanted, complete=whole is not None)
    if whole:
        code(_script(job, wanted))


def _script(job: GalleryJob, wanted: Selection) -> str:
    (classes, show, order), of = wanted, job.images
    return report.gallery_code(
        of.dataset, of.model, job.rule, job.epsilon, of.labels, side=job.side, images=len(of.places), show=show,
        order=order, classes=[image_set(of.dataset).classes[n] for n in classes],
    )  # fmt: skip


def _write_link() -> None:
    state.write_link((*_LINK, "classes") if state.get("classes") else _LINK)


def _making(job: GalleryJob, wanted: Selection) -> Gallery | None:
    """Draw it as it comes: the pictures as soon as they are there, the flips as they are found; what is done so far."""
    drawn: list[bool] = []

    def show(place: DeltaGenerator, gallery: Gallery) -> None:
        redraw(place, flip_side_figure(gallery.flips, job.rule, job.side, job.epsilon, complete=False))
        if not drawn:
            _tiles(gallery, job, wanted, complete=False)
        drawn.append(True)

    return watch(job, show)


def _histogram(gallery: Gallery, job: GalleryJob, *, complete: bool) -> None:
    way = "away" if job.side > 0 else "towards"
    stem = f"gradlab-{job.images.dataset}-{job.images.model}-{len(gallery)}-gallery-{job.rule}-{way}"
    chart(
        flip_side_figure(gallery.flips, job.rule, job.side, job.epsilon, complete), "flip_epsilons",
        said=flip_side_said(gallery.flips, job.rule, job.side, np.array(default_grid(job.rule)), complete), stem=stem,
        data=lambda: report.gallery_to_csv(gallery, image_set(job.images.dataset).classes, job.rule, job.epsilon),
    )  # fmt: skip
    st.caption(
        f"How many of all {len(gallery):,} images first change their class at each ε, going outward from 0. This also "
        "counts images that the filters below hide. Full colour: up to the chosen ε. Grey: images that change at none "
        f"{'of these ε' if complete else 'of the ε tried so far'}."
    )


def _tiles(gallery: Gallery, job: GalleryJob, wanted: Selection, *, complete: bool) -> None:
    """A page of tiles, what is left out, and what they are."""
    classes, show, order = wanted
    rows = chosen(gallery, show, order, classes)
    if not len(rows):
        st.info(
            f"None of the {len(gallery):,} images is like that: choose other classes, other images, or another ε.",
            icon=":material/filter_alt_off:",
        )
        return
    a_page = OF_PHOTOGRAPHS if is_photograph(image_set(job.images.dataset).shape) else A_PAGE
    sheets = -(-len(rows) // a_page)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        place = st.empty()
        sheet = controls.sheet(sheets)
    first = (sheet - 1) * a_page
    part = gallery.at(rows[first : first + a_page])
    place.markdown(f"{_which(len(rows), len(gallery))}, shown {first + 1:,} to {first + len(part):,}")
    with st.spinner("Adding the noise to these images …"):
        seen = job.pictures(part)
    named = [_tile(part, seen, n, job, complete) for n in range(len(part))]
    tiles([("", named)], seen.images, f"Perturbed {called(job.images.dataset)}s", lambda place: _open(int(place), job))
    st.caption(_caption(gallery, job))
    sampled = ("sample",) if cached.only_a_sample(job.images.dataset) else ()
    some_words("flip", "clean image", "probability", "step size ε", *sampled)
    how_measured(_how(gallery, job))
    _write_link()


def _which(kept: int, count: int) -> str:
    return f"**All {count:,} images**" if kept == count else f"**{kept:,} of {count:,} images**"


def _tile(part: Gallery, seen: Tiles, n: int, job: GalleryJob, complete: bool) -> Tile:
    known, place = image_set(job.images.dataset), int(part.indices[n])
    names = known.classes
    said = seen.predictions if part.predictions is None else part.predictions
    before, after = names[int(part.clean_predictions[n])], names[int(said[n])]
    truth = int(part.labels[n])
    flipped = before != after
    story = f"{before} → {after}" if flipped else f"{after}, unchanged"
    when = _when(float(part.flips[n]), flipped, job) if complete or np.isfinite(part.flips[n]) else ""
    sure, right = share_text(float(seen.confidence[n])), verdict(int(said[n]), int(part.labels[n]))
    return Tile(
        id=str(place),
        name=", ".join(filter(None, (story, _called(known, place), when, _true_class(names, truth)))),
        lines=(f"{right}{after}", f"{sure} · was {before}" if flipped else sure, when),
        flipped=flipped,
    )  # fmt: skip


def _called(known: ImageSet, place: int) -> str:
    return f"{called(known.key)} {place}" + (f" ({known.titles[place]})" if known.titles else "")


def _true_class(names: tuple[str, ...], truth: int) -> str:
    return "" if truth == UNKNOWN else f"true class {names[truth]}"


def _when(flip: float, flipped: bool, job: GalleryJob) -> str:
    """At which epsilon of the grid it flips first; the chosen one may stand between two of them, or further out."""
    if np.isnan(flip):
        further = abs(job.epsilon) > max(default_grid(job.rule))
        return f"{'beyond' if further else 'between'} the ε tried" if flipped else "never flips"
    reached = flipped and abs(flip) <= abs(job.epsilon)
    return f"{'flipped' if reached else 'flips'} at {format_epsilon(flip, job.rule)}"


def _open(place: int, job: GalleryJob) -> None:
    state.put("image", place)
    state.put_epsilon(job.epsilon, job.rule)


def _caption(gallery: Gallery, job: GalleryJob) -> str:
    known = image_set(job.images.dataset)
    note = words.label_note(job.images.labels, job.side < 0, "The step")
    step = note if job.epsilon else "ε is 0: nothing happens."
    return (
        f"{step} ε is in {words.UNITS[job.rule.unit]}. You see {_those(len(gallery), known)} of "
        f"{known.title}. ≠ and the frame: another class than for the clean image. {words.VERDICT * known.labelled}"
        "The percentage is the probability of the class after the step. Click an image to open it on the page Explore."
    )


def _those(count: int, known: ImageSet) -> str:
    """Which images the tiles are of."""
    images = f"{called(known.key)}s"
    if count == known.sizes["test"]:
        return f"all {count:,} {images}" if count > 1 else f"the only {called(known.key)}"
    return f"the first {count:,} of the {'sample of ' * cached.only_a_sample(known.key)}{images}"


def _how(gallery: Gallery, job: GalleryJob) -> str:
    side = "above" if job.side > 0 else "below"
    told = "gradlab computed the classes now." if gallery.tiles else "gradlab measured the classes beforehand."
    if gallery.predictions is None:
        told = "gradlab measured the classes before the step, and the flips, beforehand."
    return (
        f"{told} *Flips at* names the first ε tried {side} 0, going outward, that changes the class. The true "
        "threshold lies between it and the ε before. An image may come back further out."
    )
