"""The values that travel between the layers: enums and frozen dataclasses, no behaviour beyond derived views.

Up to the sweep everything is tensors; what leaves it, `SweepResult`, is numpy, so that figures, reports and pages
never need torch (which is why torch is imported here for type checkers only).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gradlab.errors import UnknownNameError

if TYPE_CHECKING:
    from typing import Self

    from torch import Tensor

FloatArray = NDArray[np.floating[Any]]
IntArray = NDArray[np.integer[Any]]
BoolArray = NDArray[np.bool_]


class _Named(StrEnum):
    """An enum whose look-up failure says which names exist."""

    @classmethod
    def _missing_(cls, value: object) -> Self:
        raise UnknownNameError(cls.__doc__.split(":")[0].lower() if cls.__doc__ else cls.__name__, value, list(cls))


class Rule(_Named):
    """Rule: how the gradient g becomes the step's direction d.

    `sign` d = sign(g) · `raw` d = g (the paper's "without sign") · `l2` d = g/‖g‖₂ · `max` d = g/max|g| ·
    `random` d = ±1 at random, seeded per image (the control).
    """

    SIGN = "sign"
    RAW = "raw"
    L2 = "l2"
    MAX = "max"
    RANDOM = "random"

    @property
    def unit(self) -> str:
        """What epsilon is measured in: `pixel`, `l2` (a distance), or `gradient` (pixel units per nat)."""
        return {"raw": "gradient", "l2": "l2"}.get(self.value, "pixel")


class LabelSource(_Named):
    """Label source: which label the loss, and so the gradient, is taken for.

    `true` is the data set's label: the negative direction is then told the answer. `predicted` is what the model
    itself says about the clean image: no answer is given away.
    """

    TRUE = "true"
    PREDICTED = "predicted"


@dataclass(frozen=True, eq=False)
class Batch:
    """Images with what is known about them.

    Attributes:
        images: float32 in [0, 1], (N, C, H, W), never normalised.
        labels: int64 (N,), an index into `classes`.
        indices: int64 (N,), each image's place in the split.
        classes: the class names.
        dataset: the data set's name, as in the table of data sets.
        split: `train` or `test`.
        source: `store` (the full set on disk) or `sample` (the embedded one).
    """

    images: Tensor
    labels: Tensor
    indices: Tensor
    classes: tuple[str, ...]
    dataset: str
    split: str
    source: str

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class Curve:
    """What one rule did to N images at K signed epsilons.

    Attributes:
        rule: which direction.
        epsilons: float64 (K,), ascending, in the rule's own unit.
        predictions: int (K, N), the class that the model gave each perturbed image.
        l2: float32 (K, N), the achieved L2 distance, after clipping (and rounding, where `eight_bit`).
        linf: float32 (K, N), the achieved largest change.
        psnr: float32 (K, N), in dB; ∞ where nothing changed.
    """

    rule: Rule
    epsilons: FloatArray
    predictions: IntArray
    l2: FloatArray
    linf: FloatArray
    psnr: FloatArray


@dataclass(frozen=True, eq=False)
class SweepResult:
    """The one artefact that pages, command line, reports and tests read.

    Attributes:
        dataset: the data set's name.
        split: `train` or `test`.
        source: `store` or `sample`.
        classes: the class names.
        indices: int64 (N,), each image's place in the split.
        labels: int64 (N,), the true classes.
        clean_predictions: int64 (N,), what the model says before anything is done.
        curves: one for each rule.
        planned: how many images the sweep was asked for; `len(labels)` of them are done.
        model: the weights' name.
        weights_sha256: of the weights file; empty for a model that came from elsewhere.
        label_source: which label the gradient was taken for.
        eight_bit: whether the perturbed images were rounded to n/255 before they were measured and classified.
        device: where it ran.
        seed: of the `random` rule.
        seconds: of computing, so far.
        backwards: how many backward passes it took.
    """

    dataset: str
    split: str
    source: str
    classes: tuple[str, ...]
    indices: IntArray
    labels: IntArray
    clean_predictions: IntArray
    curves: tuple[Curve, ...]
    planned: int
    model: str
    weights_sha256: str
    label_source: LabelSource
    eight_bit: bool
    device: str
    seed: int
    seconds: float
    backwards: int

    @property
    def images(self) -> int:
        """How many images are done."""
        return len(self.labels)

    @property
    def complete(self) -> bool:
        """Whether all planned images are done."""
        return self.images == self.planned

    @property
    def clean_accuracy(self) -> float:
        """The share that the model gets right before anything is done."""
        return float((self.clean_predictions == self.labels).mean())

    def correct(self, curve: Curve) -> IntArray:
        """How many of the images are still classified as their true class, at each epsilon: (K,)."""
        counts: IntArray = (curve.predictions == self.labels).sum(axis=1)
        return counts

    def curve(self, rule: Rule) -> Curve:
        """The curve of a rule.

        Raises:
            UnknownNameError: when the sweep had no such rule.
        """
        for curve in self.curves:
            if curve.rule == rule:
                return curve
        raise UnknownNameError("rule of this sweep", str(rule), [str(c.rule) for c in self.curves])


@dataclass(frozen=True, eq=False)
class View:
    """One image as the model sees it, in one form: clean, perturbed, or perturbed and rounded to 8 bit.

    Attributes:
        image: float32 (C, H, W) in [0, 1].
        probabilities: float32 (K,), the softmax of the logits.
        measures: each of `METRICS`, of this image against the clean one; PSNR is ∞ where nothing changed.
        changed: share of the C·H·W values that differ from the clean image's, in [0, 1].
    """

    image: FloatArray
    probabilities: FloatArray
    measures: dict[str, float]
    changed: float

    @property
    def prediction(self) -> int:
        """The most probable class."""
        return int(self.probabilities.argmax())


@dataclass(frozen=True, eq=False)
class Exploration:
    """One image, one rule, one epsilon: everything that the page shows of it.

    Attributes:
        label: the true class.
        used_label: the class whose loss the gradient was taken of.
        loss: that loss on the clean image, in nats.
        gradient_l2: the gradient's L2 norm, in nats per pixel unit.
        clean: before the step.
        perturbed: after it.
        rounded: after it, as a PNG would store it.
    """

    label: int
    used_label: int
    loss: float
    gradient_l2: float
    clean: View
    perturbed: View
    rounded: View
