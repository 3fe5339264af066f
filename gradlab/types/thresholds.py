"""What people's answers and a network's sweep say together: who sees the change, and what the network makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gradlab.types.arrays import FloatArray, IntArray
from gradlab.types.choices import LabelSource
from gradlab.types.psychometrics import Estimate, PsychometricCurve, PsychometricFit
from gradlab.types.rules import Rule
from gradlab.types.sweep import KEPT

SeenAxis = Literal["epsilon", "l2", "psnr", "ssim"]


@dataclass(frozen=True)
class Accuracy:
    """A network's accuracy at one size of the step; without labels, the share that keeps its class.

    Attributes:
        size: of the step, at least 0, in the rule's unit.
        share: of the images that are right, or keep their class.
        low: lower end of the Wilson 95 % interval.
        high: its upper end.
        between: where it was interpolated, the sizes next to it that were measured, with their shares.
    """

    size: float
    share: float
    low: float
    high: float
    between: tuple[tuple[float, float], tuple[float, float]] | None = None


@dataclass(frozen=True, eq=False)
class SeenNetwork:
    """What a sweep says of a network on one side of epsilon 0.

    Attributes:
        dataset: the data set's name.
        model: the weights' name.
        labels: which label the gradient was taken for.
        source: `store` or `sample`.
        split: `train` or `test`.
        images: on how many images it rests: those that people were shown, or all that the sweep was made on.
        rounded: whether the images were rounded to 8 bit before they were classified, as people see them.
        clean: the accuracy at size 0.
        sizes: float64 (K,), ascending, above 0: |epsilon|, in the rule's unit.
        share: float64 (K,), the accuracy at each.
        low: float64 (K,), lower end of its Wilson 95 % interval.
        high: float64 (K,), upper end.
        levels: for `l2` and `ssim` the mean over the images at each size, for `psnr` the median (dB), all (K,), before
            rounding; those that the sweep measured.
        labelled: whether the labels are known; else all shares are of images that keep their class, as in a sweep.
    """

    dataset: str
    model: str
    labels: LabelSource
    source: str
    split: str
    images: int
    rounded: bool
    clean: Accuracy
    sizes: FloatArray
    share: FloatArray
    low: FloatArray
    high: FloatArray
    levels: dict[str, FloatArray]
    labelled: bool = True

    @property
    def counted(self) -> str:
        """What its shares are called."""
        return "accuracy" if self.labelled else KEPT

    @property
    def does(self) -> str:
        """What it does on a share of the images, within a sentence."""
        return "is right on" if self.labelled else "keeps the class of"


@dataclass(frozen=True, eq=False)
class SeenDots:
    """The answers, gathered by the size of the step; without catch trials.

    Attributes:
        sizes: float64 (D,), ascending, above 0.
        right: int64 (D,), how many answers were right.
        answered: int64 (D,), how many there are, at least 1 each.
        low: float64 (D,), lower end of the 95 % interval of the share that is right.
        high: float64 (D,), its upper end.
        over_people: whether the interval is a bootstrap over people; otherwise, of a single one, Wilson's.
    """

    sizes: FloatArray
    right: IntArray
    answered: IntArray
    low: FloatArray
    high: FloatArray
    over_people: bool = False

    @property
    def share(self) -> FloatArray:
        """The share that is right, (D,)."""
        return self.right / self.answered


@dataclass(frozen=True, eq=False)
class Seen:
    """The answer for one rule.

    Attributes:
        rule: what changed the images.
        descend: whether the step went down the loss: epsilon is minus its size.
        fit: what the answers tell, over the size of the step, in the rule's unit.
        curve: the share of right answers over the span that was asked, with its 95 % band.
        dots: the answers.
        persons: of each person who is counted, the threshold by their answers alone; one for a single person.
        careless: how many of these missed catch trials so often that their attention is in doubt.
        network: what the sweep says of the network; None without a sweep.
        at: the network's accuracy at the threshold; None where there is no threshold, or the sweep does not reach it.
        ends: the same at the lower and the upper end of the threshold's interval; None where an end is open, likewise.
        shown: as `network`, of the very images that people were shown; None where that was not measured.
        shown_at: as `at`, of these images.
        shown_ends: as `ends`, of these images.
    """

    rule: Rule
    descend: bool
    fit: PsychometricFit
    curve: PsychometricCurve
    dots: SeenDots
    persons: tuple[Estimate, ...]
    careless: int
    network: SeenNetwork | None
    at: Accuracy | None
    ends: tuple[Accuracy | None, Accuracy | None]
    shown: SeenNetwork | None = None
    shown_at: Accuracy | None = None
    shown_ends: tuple[Accuracy | None, Accuracy | None] = (None, None)

    @property
    def measured(self) -> SeenNetwork | None:
        """What says by how much a size of the step changes images: those shown where they were measured, else all."""
        return self.shown or self.network
