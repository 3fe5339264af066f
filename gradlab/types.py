"""The values that travel between the layers: enums and frozen dataclasses, no behaviour beyond derived views.

Up to the sweep everything is tensors; what leaves it, `SweepResult`, is numpy, so that figures, reports and pages
never need torch (which is why torch is imported here for type checkers only).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from gradlab.errors import BadValueError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from torch import Tensor

FloatArray = NDArray[np.floating[Any]]
IntArray = NDArray[np.integer[Any]]
BoolArray = NDArray[np.bool_]
Precision = Literal["auto", "float32", "bfloat16"]


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


@dataclass(frozen=True)
class LabelSource:
    """Label source: which label the loss, and so the gradient, is taken for.

    Written `true`, `predicted` or `target:cat`. `true` is the data set's label: the negative direction is then told the
    answer. `predicted` is what the model itself says about the clean image: no answer is given away. A target is one
    class for all images: the negative direction pulls every image towards it.

    Attributes:
        kind: `true`, `predicted` or `target`.
        target: the class's name, for `target` only.
    """

    TRUE: ClassVar[LabelSource]
    PREDICTED: ClassVar[LabelSource]

    kind: Literal["true", "predicted", "target"]
    target: str = ""

    @classmethod
    def parse(cls, text: str | LabelSource) -> LabelSource:
        """Read what `str` of a label source writes.

        Raises:
            UnknownNameError: for anything else.
        """
        if isinstance(text, LabelSource):
            return text
        kind, _, target = text.partition(":")
        if kind == "target" and target:
            return cls("target", target)
        for known in (cls.TRUE, cls.PREDICTED):
            if text == known.kind:
                return known
        raise UnknownNameError("label source", text, ["true", "predicted", "target:<class>"])

    def target_index(self, classes: Sequence[str]) -> int:
        """The place of the target among the classes.

        Raises:
            UnknownNameError: when there is no such class.
        """
        try:
            return list(classes).index(self.target)
        except ValueError:
            raise UnknownNameError("target class", self.target, list(classes)) from None

    def __str__(self) -> str:
        return f"target:{self.target}" if self.kind == "target" else self.kind


LabelSource.TRUE = LabelSource("true")
LabelSource.PREDICTED = LabelSource("predicted")


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
        seed: of the draw that chose these images; None for a whole split, or where they were named one by one.
    """

    images: Tensor
    labels: Tensor
    indices: Tensor
    classes: tuple[str, ...]
    dataset: str
    split: str
    source: str
    seed: int | None = None

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class Curve:
    """What one rule did to N images at K signed epsilons.

    Attributes:
        rule: which direction.
        epsilons: float64 (K,), ascending, in the rule's own unit.
        predictions: int16 (K, N), the class that the model gave each perturbed image.
        rounded: int16 (K, N), the class that it gave the same image after rounding to n/255, as a PNG stores it;
            None where the sweep was not asked for it.
        probability: float32 (K, N), of the true class, before rounding.
        l2: float32 (K, N), the achieved L2 distance, after clipping.
        linf: float32 (K, N), the achieved largest change.
        psnr: float32 (K, N), in dB; ∞ where nothing changed.
        clipped: float32 (K, N), the share of the image's values that the step would have carried out of [0, 1].
        ssim: float32 (K, N), structural similarity with the clean image; None where the sweep was not asked for it.

    In a condensed result the measures (`probability` to `ssim`) are (K, 1): what `level` gives.
    """

    rule: Rule
    epsilons: FloatArray
    predictions: IntArray
    rounded: IntArray | None
    probability: FloatArray
    l2: FloatArray
    linf: FloatArray
    psnr: FloatArray
    clipped: FloatArray
    ssim: FloatArray | None = None

    def level(self, measure: str) -> FloatArray:
        """The mean of a measure over the images, at each epsilon; of `psnr`, which may be infinite, the median: (K,).

        Raises:
            BadValueError: for `ssim` where the sweep was not asked for it.
        """
        values = getattr(self, measure)
        if values is None:
            raise BadValueError("expected a sweep with ssim=True, got one that did not measure it")
        levels: FloatArray = np.median(values, axis=1) if measure == "psnr" else values.mean(axis=1, dtype=np.float64)
        return levels


MEASURES = ("probability", "l2", "linf", "psnr", "clipped", "ssim")


@dataclass(frozen=True, eq=False)
class SweepResult:
    """The one artefact that pages, command line, reports and tests read.

    N images are in it; images for which the model gave something that is no number are left out of all arrays, and
    named in `failed`.

    Attributes:
        dataset: the data set's name.
        split: `train` or `test`.
        source: `store` or `sample`.
        classes: the class names.
        indices: int64 (N,), each image's place in the split.
        labels: int64 (N,), the true classes.
        clean_predictions: int64 (N,), what the model says before anything is done.
        clean_probability: float32 (N,), of the true class.
        zero_gradient: bool (N,), where the gradient is exactly zero in every value: no rule but `random` moves these.
        curves: one for each rule.
        failed: int64 (F,), the places of the images that were left out.
        planned: how many images the sweep was asked for; N + F of them are done.
        model: the weights' name.
        weights_sha256: of the weights file; empty for a model that came from elsewhere.
        label_source: which label the gradient was taken for.
        draw_seed: of the draw that chose the images; None for a whole split, or where they were named one by one.
        seed: of the `random` rule.
        batch_size: images a backward pass, at first.
        device: where it ran.
        precision: of the evaluation of the perturbed images: `float32`, or `bfloat16` (then every prediction too close
            to call was made again in float32, and `probability` is exact to about 0.01). The gradient is float32.
        software: versions, such as `gradlab 0.1.0, torch 2.15.0`.
        notices: what went otherwise than asked, such as a smaller batch because memory ran out.
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
    clean_probability: FloatArray
    zero_gradient: BoolArray
    curves: tuple[Curve, ...]
    failed: IntArray
    planned: int
    model: str
    weights_sha256: str
    label_source: LabelSource
    draw_seed: int | None
    seed: int
    batch_size: int
    device: str
    precision: str
    software: str
    notices: tuple[str, ...]
    seconds: float
    backwards: int

    @property
    def images(self) -> int:
        """How many images are in it."""
        return len(self.labels)

    @property
    def done(self) -> int:
        """How many images were tried: those in it, and those that failed."""
        return len(self.labels) + len(self.failed)

    @property
    def complete(self) -> bool:
        """Whether all planned images are done."""
        return self.done == self.planned

    @property
    def eight_bit(self) -> bool:
        """Whether the images were also classified after rounding to 8 bit."""
        return all(curve.rounded is not None for curve in self.curves)

    @property
    def condensed(self) -> bool:
        """Whether the measures are those of all images together: (K, 1) instead of (K, N)."""
        return any(curve.l2.ndim == 2 and curve.l2.shape[1] == 1 != self.images for curve in self.curves)

    @property
    def clean_correct(self) -> int:
        """How many images the model gets right before anything is done."""
        return int((self.clean_predictions == self.labels).sum())

    @property
    def clean_accuracy(self) -> float:
        """The share of these."""
        return self.clean_correct / self.images

    def correct(self, curve: Curve) -> IntArray:
        """How many of the images are still classified as their true class, at each epsilon: (K,)."""
        counts: IntArray = (curve.predictions == self.labels).sum(axis=1)
        return counts

    def correct_rounded(self, curve: Curve) -> IntArray:
        """The same after rounding to 8 bit: (K,).

        Raises:
            BadValueError: when the sweep was not asked for it.
        """
        if curve.rounded is None:
            raise BadValueError("expected a sweep with eight_bit=True, got one that did not round")
        counts: IntArray = (curve.rounded == self.labels).sum(axis=1)
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
        labels: int64 (N,), the true classes.
        clean_predictions: int64 (N,), what the model says before anything is done.
        predictions: int64 (N,), what it says after the step; None where nobody has looked.
        flips: float64 (N,), the signed epsilon of the grid at which the class first changes, going outward on the
            chosen side of 0; NaN where none does (or none did so far).
        clean_confidence: float32 (N,), the probability of the class before; None where nobody has looked.
        tiles: the images after the step, and how sure the model is of each; None where they are not made yet.
    """

    indices: IntArray
    labels: IntArray
    clean_predictions: IntArray
    predictions: IntArray | None
    flips: FloatArray
    clean_confidence: FloatArray | None = None
    tiles: Tiles | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def at(self, rows: IntArray) -> Gallery:
        """Some of the images, in the given order."""
        return Gallery(
            self.indices[rows], self.labels[rows], self.clean_predictions[rows],
            None if self.predictions is None else self.predictions[rows], self.flips[rows],
            None if self.clean_confidence is None else self.clean_confidence[rows],
            self.tiles.at(rows) if self.tiles else None,
        )  # fmt: skip
