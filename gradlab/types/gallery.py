"""Many images, each as a small picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradlab.types.arrays import FloatArray, IntArray
from gradlab.types.provenance import Provenance


@dataclass(frozen=True, eq=False)
class Tiles:
    """Perturbed images, small, and what the model says of each.

    Attributes:
        images: uint8 (N, C, H, W), rounded to n/255: as they are shown, and not as the model saw them.
        predictions: int64 (N,).
        confidence: float32 (N,), the probability of that class.
    """

    images: NDArray[np.uint8]
    predictions: IntArray
    confidence: FloatArray

    def __len__(self) -> int:
        return len(self.predictions)

    def at(self, rows: IntArray) -> Tiles:
        """Some of the images, in the given order."""
        return Tiles(self.images[rows], self.predictions[rows], self.confidence[rows])


@dataclass(frozen=True, eq=False)
class Gallery:
    """Many images under one step, and how far away the step is that changes the class of each.

    Attributes:
        indices: int64 (N,), each image's place in the split.
        labels: int64 (N,), the true classes; -1 where unknown.
        clean_predictions: int64 (N,), what the model says before anything is done.
        predictions: int64 (N,), what it says after the step; None where it was not computed.
        flips: float64 (N,), the signed epsilon of the grid at which the class first changes, going outward on the
            chosen side of 0; NaN where none does (or none did so far).
        clean_confidence: float32 (N,), the probability of the class before; None where it was not computed.
        tiles: the images after the step, and how sure the model is of each; None where they are not made yet.
        provenance: where it comes from; None where nobody said so.
    """

    indices: IntArray
    labels: IntArray
    clean_predictions: IntArray
    predictions: IntArray | None
    flips: FloatArray
    clean_confidence: FloatArray | None = None
    tiles: Tiles | None = None
    provenance: Provenance | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def at(self, rows: IntArray) -> Gallery:
        """Some of the images, in the given order."""
        return Gallery(
            self.indices[rows], self.labels[rows], self.clean_predictions[rows],
            None if self.predictions is None else self.predictions[rows], self.flips[rows],
            None if self.clean_confidence is None else self.clean_confidence[rows],
            self.tiles.at(rows) if self.tiles else None, self.provenance,
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Changes:
    """By how much one step changed N images, by each measure of `gradlab.measures` that is at hand.

    Attributes:
        computed: float32 (N,) by the measure's name, of the images as computed against the clean ones.
        rounded: the same of the images after rounding to 8 bit.
    """

    computed: dict[str, FloatArray]
    rounded: dict[str, FloatArray]

    def __len__(self) -> int:
        return len(next(iter(self.computed.values())))


@dataclass(frozen=True, eq=False)
class Flips:
    """At which epsilon each image first changes its class, as far as it is known.

    Attributes:
        epsilons: float64 (N,), signed; NaN where no epsilon tried so far changes the class.
        tried: how many epsilons of the side have been tried with all images, outward from 0.
        planned: how many there are.
    """

    epsilons: FloatArray
    tried: int
    planned: int

    @property
    def complete(self) -> bool:
        """Whether all epsilons were tried."""
        return self.tried == self.planned
