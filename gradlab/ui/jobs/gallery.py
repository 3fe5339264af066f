"""Many test images under one step: their gradients, the steps, the flips, and by how much they change, each kept."""

from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from torch import nn

from gradlab.experiments.gallery import gathered, known_flips, known_predictions, stream_walk
from gradlab.experiments.pool import Pool, stream_changes, stream_flips, stream_pool, stream_tiles
from gradlab.experiments.work import provenance_of
from gradlab.figures.pixels import halved
from gradlab.images.load import Source
from gradlab.types import (
    PHOTOGRAPH,
    Batch,
    Changes,
    FloatArray,
    Gallery,
    LabelSource,
    Provenance,
    Rule,
    Tiles,
    is_photograph,
)
from gradlab.ui import cached
from gradlab.ui.jobs import baseline
from gradlab.ui.state import Progress


@dataclass(frozen=True)
class Images:
    """Some test images.

    Attributes:
        places: of the images, in the test split.
        source: where they come from.
    """

    dataset: str
    model: str
    labels: LabelSource
    places: tuple[int, ...]
    source: Source = "sample"


@dataclass(frozen=True)
class _Steps:
    """The images after a step, without flips."""

    images: Images
    rule: Rule
    epsilon: float


@dataclass(frozen=True)
class _Flips:
    """Where the images flip, whatever the epsilon."""

    images: Images
    rule: Rule
    side: int


@dataclass(frozen=True)
class GalleryJob:
    """Images under a step, and where each of them flips first.

    Attributes:
        images: which, of the embedded sample.
        rule: the direction.
        epsilon: the signed step.
        side: above or below 0: where flips are looked for.
        outcome: whether it has to say of each image what the network says after the step; without, only the pictures
            that are shown need it.
        confidence: whether it has to say how sure the network is of each image, which no baseline tells.
    """

    images: Images
    rule: Rule
    epsilon: float
    side: int
    outcome: bool = True
    confidence: bool = False

    most, nothing = 0, "the images were done"

    @property
    def steps(self) -> _Steps:
        """What the pictures depend on."""
        return _Steps(self.images, self.rule, self.epsilon)

    @property
    def flips(self) -> _Flips:
        """What the flips depend on."""
        return _Flips(self.images, self.rule, self.side)

    def measured_beforehand(self) -> bool:
        """Whether a baseline tells the classes, and the flips."""
        return self._of_baseline()[0] is not None

    def known(self) -> Gallery | None:
        """The whole gallery, if a baseline knows it or its parts are kept."""
        known, flips = self._of_baseline()
        found = (None if self.confidence else known) or cached.kept().get(self.steps)
        return replace(found, flips=flips) if found and flips is not None else None

    def begin(self) -> Iterator[Progress[Gallery]]:
        """A chunk at a time: the gradients, the pictures, and then the flips, of which some are known at each time."""
        return _Making.of(self.images).gallery(self, self._of_baseline()[1])

    def pictures(self, gallery: Gallery) -> Tiles:
        """The images of a part of the gallery after the step, a page at most; computed where they are lacking."""
        if gallery.tiles:
            return gallery.tiles
        steps = replace(self.steps, images=replace(self.images, places=tuple(gallery.indices.tolist())))
        making = _Making.of(steps.images).steps(steps)
        while True:
            try:
                next(making)
            except StopIteration as end:
                tiles: Tiles = end.value.tiles
                return tiles

    def _of_baseline(self) -> tuple[Gallery | None, FloatArray | None]:
        """All that a baseline says, and the flips: those that it says, or the kept ones."""
        of, kept = self.images, cached.kept().get(self.flips)
        result = None if of.labels.kind == "target" else baseline.known(of.model, of.dataset, of.labels)[0]
        if result is None:
            return None, kept
        indices = np.array(of.places, np.int64)
        labels = cached.sample(of.dataset).labels[cached.sample_rows(of.dataset, of.places)].numpy()
        found = known_predictions(result, indices, labels, self.rule, self.epsilon)
        flips = known_flips(result, indices, labels, self.rule, self.side)
        if found is None or flips is None or (self.outcome and found[1] is None):
            return None, kept if flips is None else flips
        return Gallery(indices, labels, *found, flips, provenance=Provenance.of(result)), flips


@dataclass(frozen=True)
class ChangesJob:
    """By how much one step changes some images, by every measure.

    Attributes:
        images: which.
        rule: the direction.
        epsilon: the signed step.
    """

    images: Images
    rule: Rule
    epsilon: float

    most, nothing = 32, "the first images were measured"

    def begin(self) -> Iterator[Progress[Changes]]:
        """A chunk at a time: the gradients, where they are not kept, and then the measures."""
        return _Making.of(self.images).changes(self)


@dataclass(frozen=True)
class WalkJob:
    """One image under every epsilon of the default grids of some rules.

    Attributes:
        image: its place in the test split.
        rules: the directions.
    """

    dataset: str
    model: str
    image: int
    rules: tuple[Rule, ...]
    labels: LabelSource

    most, nothing = 16, "the first row was done"  # up to 5 MB each

    def begin(self) -> Iterator[Progress[dict[Rule, Tiles]]]:
        """A rule at a time; photographs at a half of their size, since there are many beside each other."""
        one, network = cached.load_one(self.dataset, self.image), cached.model(self.model, self.dataset)
        count = len(self.rules)
        return (
            Progress(f"kinds of noise: {len(found)} of {count}", len(found) / count, _small(found) or None)
            for found in stream_walk(network, one, self.rules, labels=self.labels, lock=cached.device_lock())
        )


def _small(found: dict[Rule, Tiles]) -> dict[Rule, Tiles]:
    return {rule: replace(tiles, images=halved(tiles.images, PHOTOGRAPH)) for rule, tiles in found.items()}


@dataclass(frozen=True, eq=False)
class _Making:
    """What the parts are made with."""

    images: Images
    network: nn.Module
    batch: Batch
    lock: AbstractContextManager[Any]
    kept: cached.Kept

    @classmethod
    def of(cls, images: Images) -> "_Making":
        batch = cached.load_few(images.dataset, images.places, images.source)
        return cls(images, cached.model(images.model, images.dataset), batch, cached.device_lock(), cached.kept())

    @property
    def small(self) -> bool:
        """Whether the images are no photographs, of which less is kept."""
        return not is_photograph(self.batch.images.shape)

    def gallery(self, job: GalleryJob, flips: FloatArray | None) -> Iterator[Progress[Gallery]]:
        seen = yield from self.steps(job.steps)
        yield Progress("every image is there; looking for the flips", 0.0, seen, at_once=True)
        if flips is not None:
            return
        pool = yield from self.pool()
        for found in stream_flips(self.network, pool, job.rule, job.side, lock=self.lock):
            text = f"flips: {found.tried} of {found.planned} epsilons tried, outward from 0"
            yield Progress(text, found.tried / max(1, found.planned), replace(seen, flips=found.epsilons))
        cached.keep(self.kept, job.flips, found.epsilons, most=64)  # up to 16 kB each

    def steps(self, steps: _Steps) -> Generator[Progress[Any], None, Gallery]:
        seen: Gallery | None = self.kept.get(steps)
        if seen:
            return seen
        pool = yield from self.pool()
        for tiles in stream_tiles(self.network, pool, steps.rule, steps.epsilon, lock=self.lock):
            yield self._progress("steps", len(tiles))
        of = provenance_of(self.network, self.batch, self.images.labels)
        seen = gathered(self.batch, pool, tiles, np.full(len(self.batch), np.nan), of)
        cached.keep(self.kept, steps, seen, most=12 if self.small else 3)  # up to 6 MB each, of photographs 30 MB
        return seen

    def changes(self, job: ChangesJob) -> Iterator[Progress[Changes]]:
        pool = yield from self.pool()
        for changes in stream_changes(pool, job.rule, job.epsilon, lock=self.lock):
            share = len(changes) / len(self.batch)
            yield Progress(f"measured: {len(changes)} of {len(self.batch)} images", share, changes)

    def pool(self) -> Generator[Progress[Any], None, Pool]:
        there: Pool | None = self.kept.get(self.images)
        if there:
            return there
        for pool in stream_pool(self.network, self.batch, labels=self.images.labels, lock=self.lock):
            yield self._progress("gradients", len(pool))
        cached.keep(self.kept, self.images, pool, most=2 if self.small else 1)  # up to 50 MB each; 240 MB
        return pool

    def _progress(self, what: str, done: int) -> Progress[Any]:
        return Progress(f"{what}: {done:,} of {len(self.batch):,} images", done / len(self.batch))
