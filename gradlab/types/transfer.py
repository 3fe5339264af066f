"""What perturbations that are made on one network do to the others: the one artefact of `gradlab.transfer`."""

from dataclasses import dataclass

import numpy as np

from gradlab.errors import BadValueError
from gradlab.types.arrays import FloatArray, IntArray
from gradlab.types.choices import LabelSource
from gradlab.types.rules import Rule
from gradlab.types.sweep import OfImages

SIZES = ("l2", "linf", "psnr")


@dataclass(frozen=True, eq=False)
class TransferResult(OfImages):
    """M networks, each of which perturbs N images and classifies those that every network perturbed.

    Images for which any network gave NaN or infinity are left out of all arrays, and named in `failed`.
    What says of which images this is, where and how it was measured is as in `SweepResult`.

    Attributes:
        models: the networks' names, M of them: the sources (made on) and the targets (tested on), in this order.
        clean_predictions: int32 (M, N), what each network says before anything is done.
        predictions: int32 (M, M, N): [s, t] is what network t says of the images that were perturbed on network s.
        l2: float32 (M, N), the L2 distance that each source achieved, after clipping.
        linf: float32 (M, N), its largest change.
        psnr: float32 (M, N), in dB; ∞ where nothing changed.
        rule: the direction.
        epsilon: the signed step, in the rule's unit; the same for every source.
        label_source: which label the gradient was taken for; with `predicted`, what the source itself predicts.
        backwards: how many backward passes it took, of all networks together.
        labelled: whether the labels of all images are known, as in `SweepResult`. Where they are not, each network is
            compared with what it says itself before the step.
    """

    dataset: str
    split: str
    source: str
    classes: tuple[str, ...]
    models: tuple[str, ...]
    indices: IntArray
    labels: IntArray
    clean_predictions: IntArray
    predictions: IntArray
    l2: FloatArray
    linf: FloatArray
    psnr: FloatArray
    rule: Rule
    epsilon: float
    label_source: LabelSource
    failed: IntArray
    planned: int
    draw_seed: int | None
    seed: int
    device: str
    software: str
    seconds: float
    backwards: int
    labelled: bool = True
    images_sha256: str = ""

    @property
    def expected(self) -> IntArray:
        """What each network should say of each image: (M, N)."""
        return np.broadcast_to(self.labels if self.labelled else self.clean_predictions, self.clean_predictions.shape)

    @property
    def clean_correct(self) -> IntArray:
        """How many images each network gets right before anything is done: (M,)."""
        counts: IntArray = (self.clean_predictions == self.expected).sum(axis=1)
        return counts

    @property
    def correct(self) -> IntArray:
        """How many of the images that were perturbed on network s network t gets right: (M, M), [s, t]."""
        counts: IntArray = (self.predictions == self.expected).sum(axis=2)
        return counts

    def level(self, size: str) -> FloatArray:
        """How large the change came out: the mean of `l2` or `linf` over the images, the median of `psnr`; (M,).

        Raises:
            BadValueError: for any other size.
        """
        if size not in SIZES:
            raise BadValueError(f"expected one of {', '.join(SIZES)}, got {size!r}")
        values = getattr(self, size)
        levels: FloatArray = np.median(values, axis=1) if size == "psnr" else values.mean(axis=1, dtype=np.float64)
        return levels
