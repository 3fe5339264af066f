"""What a sweep leaves behind."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from gradlab.errors import BadValueError, UnknownNameError
from gradlab.types.arrays import BoolArray, FloatArray, IntArray
from gradlab.types.choices import EqualTo, LabelSource
from gradlab.types.rounding import rounding_defined
from gradlab.types.rules import Rule


@dataclass(frozen=True, eq=False)
class Curve:
    """What one rule did to N images at K signed epsilons.

    Attributes:
        rule: which direction.
        epsilons: float64 (K,), ascending, in the rule's own unit.
        predictions: int16 (K, N), the class that the model gave each perturbed image; int32 for more classes than
            int16 holds.
        rounded: of the same type, (K, N), the class that it gave the same image after rounding to n/255, as a PNG
            stores it; None where the sweep was not asked for it. Where `rounding_defined` says no, float noise made
            these images: count with `SweepResult.correct_rounded`, which leaves them out.
        probability: float32 (K, N), of the true class, before rounding.
        l2: float32 (K, N), the achieved L2 distance, after clipping.
        linf: float32 (K, N), the achieved largest change.
        psnr: float32 (K, N), in dB; ∞ where nothing changed.
        clipped: float32 (K, N), the share of the image's values that the step would have carried out of [0, 1].
        ssim: float32 (K, N), structural similarity with the clean image; None where the sweep was not asked for it.
        equal_to: whose change the steps were scaled to on each image; the epsilons are then those of that rule, and in
            its unit. None where the steps are the rule's own, one epsilon for all images.

    In a condensed result measures (`probability` to `ssim`) may be (K, 1): what `level` gives.
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
    equal_to: EqualTo | None = None

    @property
    def steps_of(self) -> Rule:
        """The rule whose epsilons these are, and in whose unit."""
        return self.equal_to.rule if self.equal_to else self.rule

    @property
    def rounding_defined(self) -> BoolArray:
        """Where the images after rounding are settled by their steps, and not by float noise: bool (K,).

        Steps that were scaled on each image end halfway between two levels by accident only.
        """
        return rounding_defined(self.rule, np.zeros(len(self.epsilons)) if self.equal_to else self.epsilons)

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


KEPT = "share that keeps its class"  # what stands for accuracy where labels are unknown

OF_IMAGES = ("indices", "labels", "clean_predictions", "clean_probability", "zero_gradient")
MEASURES = ("probability", "l2", "linf", "psnr", "clipped", "ssim")


class OfImages(Protocol):
    """A result over images, of which some may have failed."""

    labels: IntArray
    failed: IntArray
    planned: int
    labelled: bool

    @property
    def counted(self) -> str:
        """What the share of `correct` images is called: `accuracy`, or, without labels, what it is then."""
        return "accuracy" if self.labelled else KEPT

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


@dataclass(frozen=True, eq=False)
class SweepResult(OfImages):
    """The one artefact that pages, command line, reports and tests read.

    N images are in it; images for which the model gave NaN or infinity are left out of all arrays, and
    named in `failed`.

    Attributes:
        dataset: the data set's name.
        split: `train` or `test`.
        source: `store` or `sample`.
        classes: the class names.
        indices: int64 (N,), each image's place in the split.
        labels: int64 (N,), the true classes; `clean_predictions` where these are not `labelled`.
        clean_predictions: int64 (N,), what the model says before anything is done.
        clean_probability: float32 (N,), of the true class.
        zero_gradient: bool (N,), where the loss does not depend on the image at all, however sure the model is: no
            rule but `random` moves these.
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
            to call was made again in float32, and some of the others, to check them: see `checked`; `probability` is
            exact to about 0.01). The gradient is float32.
        software: versions, such as `gradlab 0.1.0, torch 2.15.0`.
        notices: what went otherwise than asked, such as a smaller batch because memory ran out.
        seconds: of computing, so far.
        backwards: how many backward passes it took, besides those of a trial of how to ask the model.
        checked: of the answers in bfloat16, or of a compiled model, that were not too close to call: how many, chosen
            at random, were asked again in float32. An answer is of one image at one epsilon, before or after rounding.
        disagreed: of these, where float32 said something else. If so, everything was measured again in float32.
        unchecked: how many answers rest on bfloat16, or on a compiled model, alone. Of a file from before there was
            this check, in which none was checked: at most so many.
        labelled: whether the labels of all images are known. Where one is not, no image is counted as right: what is
            called correct and accuracy is then that an image keeps the class that it had before the step.
        images_sha256: of the files that somebody's images were read from; empty for others.
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
    checked: int = 0
    disagreed: int = 0
    unchecked: int = 0
    labelled: bool = True
    images_sha256: str = ""

    @property
    def eight_bit(self) -> bool:
        """Whether the images were also classified after rounding to 8 bit."""
        return all(curve.rounded is not None for curve in self.curves)

    @property
    def condensed(self) -> bool:
        """Whether there are measures of all images together: (K, 1) instead of (K, N)."""
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

    def correct_rounded(self, curve: Curve) -> FloatArray:
        """The same after rounding to 8 bit: float64 (K,), NaN where `rounding_defined` says that there is none.

        Raises:
            BadValueError: when the sweep was not asked for it.
        """
        if curve.rounded is None:
            raise BadValueError("expected a sweep with eight_bit=True, got one that did not round")
        counts = (curve.rounded == self.labels).sum(axis=1, dtype=np.float64)
        found: FloatArray = np.where(curve.rounding_defined, counts, np.nan)
        return found

    def part(self, rows: IntArray | slice) -> SweepResult:
        """The same of some of its images, by their places in its arrays.

        Measures of all images together stay those of all.
        """
        kept = {name: getattr(self, name)[rows] for name in OF_IMAGES}
        return replace(self, **kept, curves=tuple(_part(curve, rows, self.images) for curve in self.curves))

    def curve(self, rule: Rule, equal_to: EqualTo | None = None) -> Curve:
        """The curve of a rule; with `equal_to`, that whose steps were scaled so.

        Raises:
            UnknownNameError: when the sweep had no such rule.
        """
        for curve in self.curves:
            if curve.rule == rule and equal_to in (None, curve.equal_to):
                return curve
        raise UnknownNameError("rule of this sweep", str(rule), [str(c.rule) for c in self.curves])


def _part(curve: Curve, rows: IntArray | slice, images: int) -> Curve:
    columns = {name: getattr(curve, name) for name in ("predictions", "rounded", *MEASURES)}
    kept: dict[str, Any] = {
        name: values[:, rows] for name, values in columns.items() if values is not None and values.shape[1] == images
    }
    return replace(curve, **kept)
