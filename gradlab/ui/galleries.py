"""Galleries of test images: from a study where it knows them, else made part by part, and each part kept."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace

import numpy as np
from torch import nn

from gradlab.experiments.gallery import gathered, known_flips, known_predictions
from gradlab.experiments.pool import stream_flips, stream_tiles
from gradlab.types import Batch, FloatArray, Gallery, IntArray, LabelSource, Rule, SweepResult, Tiles
from gradlab.ui import cached, studies
from gradlab.ui.pools import pooled


@dataclass(frozen=True)
class GalleryKey:
    """What a gallery is of.

    Attributes:
        dataset: the data set's name.
        model: the weights' name.
        labels: which label the loss is taken for.
        rule: the direction.
        epsilon: the signed step.
        side: above or below 0: where flips are looked for.
        places: of the images, in the test split; all of them are in the embedded sample.
        outcome: whether it has to say of each image what the network says after the step; without, only the pictures
            that are shown need it.
        confidence: whether it has to say how sure the network is of each image, which no study tells.
    """

    dataset: str
    model: str
    labels: LabelSource
    rule: Rule
    epsilon: float
    side: int
    places: tuple[int, ...]
    outcome: bool = True
    confidence: bool = False

    @property
    def of_pool(self) -> tuple[object, ...]:
        """What the gradients depend on."""
        return self.dataset, self.model, self.labels, self.places

    @property
    def of_steps(self) -> tuple[object, ...]:
        """What the pictures depend on."""
        return *self.of_pool, self.rule, self.epsilon

    @property
    def of_flips(self) -> tuple[object, ...]:
        """What the flips depend on: not the epsilon."""
        return *self.of_pool, self.rule, self.side


@dataclass(frozen=True, eq=False)
class Making:
    """How far a gallery has come.

    Attributes:
        text: what has been done, in words.
        share: of the present part, from 0 to 1.
        gallery: all images, once the step is taken with each; of the flips, those that are known so far.
    """

    text: str
    share: float
    gallery: Gallery | None = None


def measured_beforehand(key: GalleryKey) -> bool:
    """Whether a study tells the classes, and the flips."""
    return _known(key) is not None


def finished_gallery(key: GalleryKey) -> Gallery | None:
    """The whole gallery, if a study knows it or somebody has already waited for it."""
    found = (None if key.confidence else _known(key)) or _steps(key)
    flips = _flips(key)
    return replace(found, flips=flips) if found and flips is not None else None


def begin_gallery(key: GalleryKey) -> Iterator[Making]:
    """Begin to make it; a chunk at a time, as it is asked for."""
    return _made(cached.model(key.model, key.dataset), _batch(key), key)


def pictures(gallery: Gallery, key: GalleryKey) -> Tiles:
    """The images after the step, a page of them at most, where the gallery lacks them."""
    if gallery.tiles:
        return gallery.tiles
    part = replace(key, places=tuple(gallery.indices.tolist()))
    kept = _steps(part)
    if kept and kept.tiles:
        return kept.tiles
    stream = _stepped(cached.model(key.model, key.dataset), _batch(part), part)
    while True:
        try:
            next(stream)
        except StopIteration as end:
            tiles: Tiles = end.value.tiles
            return tiles


def _known(key: GalleryKey) -> Gallery | None:
    """All that a study says."""
    study, (indices, labels) = _study(key), _which(key)
    if study is None:
        return None
    found = known_predictions(study, indices, labels, key.rule, key.epsilon)
    flips = known_flips(study, indices, labels, key.rule, key.side)
    if found is None or flips is None or (key.outcome and found[1] is None):
        return None
    return Gallery(indices, labels, *found, flips)


def _flips(key: GalleryKey) -> FloatArray | None:
    study = _study(key)
    known = known_flips(study, *_which(key), key.rule, key.side) if study else None
    found: FloatArray | None = cached.recall("flips", key.of_flips) if known is None else known
    return found


def _steps(key: GalleryKey) -> Gallery | None:
    """The images after the step, without flips, if they were made."""
    found: Gallery | None = cached.recall("steps", key.of_steps)
    return found


def _study(key: GalleryKey) -> SweepResult | None:
    return None if key.labels.kind == "target" else studies.study(key.model, key.dataset, key.labels)[0]


def _which(key: GalleryKey) -> tuple[IntArray, IntArray]:
    """The places and labels of the images."""
    labels = cached.sample(key.dataset).labels[cached.sample_rows(key.dataset, key.places)]
    return np.array(key.places, np.int64), labels.numpy()


def _batch(key: GalleryKey) -> Batch:
    return cached.from_sample(key.dataset, key.places)


def _made(network: nn.Module, batch: Batch, key: GalleryKey) -> Iterator[Making]:
    seen = _steps(key)
    if seen is None:
        seen = yield from _stepped(network, batch, key)
    yield Making("every image is there; looking for the flips", 0.0, seen)
    if _flips(key) is not None:
        return
    pool = yield from pooled(network, batch, key.labels, key.of_pool, Making)
    for flips in stream_flips(network, pool, key.rule, key.side, lock=cached.device_lock()):
        text = f"flips: {flips.tried} of {flips.planned} epsilons tried, outward from 0"
        yield Making(text, flips.tried / max(1, flips.planned), replace(seen, flips=flips.epsilons))
    cached.keep("flips", key.of_flips, flips.epsilons)


def _stepped(network: nn.Module, batch: Batch, key: GalleryKey) -> Generator[Making, None, Gallery]:
    pool = yield from pooled(network, batch, key.labels, key.of_pool, Making)
    for tiles in stream_tiles(network, pool, key.rule, key.epsilon, lock=cached.device_lock()):
        yield Making(f"steps: {len(tiles):,} of {len(batch):,} images", len(tiles) / len(batch))
    seen = gathered(batch, pool, tiles, np.full(len(batch), np.nan))
    cached.keep("steps", key.of_steps, seen)
    return seen
