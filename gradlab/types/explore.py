"""One image, looked at closely."""

from __future__ import annotations

from dataclasses import dataclass

from gradlab.types.arrays import FloatArray
from gradlab.types.provenance import Provenance


@dataclass(frozen=True, eq=False)
class View:
    """One image as the model sees it, in one form: clean, perturbed, or perturbed and rounded to 8 bit.

    Attributes:
        image: float32 (C, H, W) in [0, 1].
        probabilities: float32 (K,), the softmax of the logits.
        measures: each that is `available`, of this image against the clean one; PSNR is ∞ where nothing changed.
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
class Track:
    """One image and the direction of its step: what it takes to go along x' = clip(x + epsilon · d, 0, 1) by hand.

    Attributes:
        image: x, float32 (C, H, W) in [0, 1].
        direction: d, float32 (C, H, W).
        epsilons: float64 (K,), signed, ascending; 0 is one of them.
        probabilities: float32 (K, classes), the softmax of the logits at each epsilon.
        rounded: the same of the images after rounding to 8 bit.
        label: the true class; -1 where it is unknown.
        gradient_l2: ‖g‖₂, in nats per pixel unit.
        stretch: by what power of ten the epsilons are those of the rule's grid, so that they fit the image.
    """

    image: FloatArray
    direction: FloatArray
    epsilons: FloatArray
    probabilities: FloatArray
    rounded: FloatArray
    label: int
    gradient_l2: float
    stretch: float = 1.0


@dataclass(frozen=True, eq=False)
class Exploration:
    """One image, one rule, one epsilon: everything that the page shows of it.

    Attributes:
        label: the true class; -1 where it is unknown.
        used_label: the class whose loss the gradient was taken of.
        loss: that loss on the clean image, in nats.
        gradient_l2: the gradient's L2 norm, in nats per pixel unit.
        clean: before the step.
        perturbed: after it.
        rounded: after it, as a PNG would store it.
        provenance: where it comes from; None where nobody said so.
    """

    label: int
    used_label: int
    loss: float
    gradient_l2: float
    clean: View
    perturbed: View
    rounded: View
    provenance: Provenance | None = None
