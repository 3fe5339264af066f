"""What a loss landscape is made of, in the input space of one image: the loss along a line, and over a plane.

Numpy only, so that figures, reports and pages never need torch; `landscape` computes them.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from gradlab.types.arrays import BoolArray, FloatArray, IntArray
from gradlab.types.provenance import Provenance
from gradlab.types.rules import Rule

# How far apart log-odds are, per nat of their size (one at least), before one loss is called higher than another.
# In float32 and in float64 the shipped networks give log-odds that are up to 2e-5 apart, 1e-5 for each nat (measured on
# four images of each, under `sign` and `raw`, over the whole reach).
NOISE = 1e-4


class _AroundAnImage(Protocol):
    """Losses at evenly spaced steps in both directions from the clean image."""

    epsilons: FloatArray

    @property
    def middle(self) -> int:
        """The place of the clean image among the steps."""
        return len(self.epsilons) // 2


@dataclass(frozen=True, eq=False)
class LossLine(_AroundAnImage):
    """The loss along clip(x + epsilon · d), on both sides of the clean image x.

    Attributes:
        rule: how the gradient g became the direction d.
        label: the class whose loss it is.
        epsilons: float64 (K,), ascending and evenly spaced, K odd, 0 exactly in the middle; in the rule's unit.
        loss: float64 (K,), the cross-entropy of `label`, in nats; NaN where the model gave NaN or infinity.
        predictions: int32 (K,), the class that the model gave; −1 where it gave NaN or infinity.
        slope: ⟨g, d⟩, nats per unit of epsilon: what the gradient promises for each unit of the step.
        provenance: where it comes from; None where nobody said so.
    """

    rule: Rule
    label: int
    epsilons: FloatArray
    loss: FloatArray
    predictions: IntArray
    slope: float
    provenance: Provenance | None = None

    @property
    def straight(self) -> FloatArray:
        """loss(0) + epsilon · slope, (K,): the loss, were it linear and nothing clipped."""
        line: FloatArray = self.loss[self.middle] + self.epsilons * self.slope
        return line

    @property
    def lowest(self) -> int:
        """The place of the lowest loss on the negative side, 0 included; of equal ones, the one nearest to 0.

        Equal are losses of which none is `above` the other.
        """
        outward = self.loss[self.middle :: -1]
        if not np.isfinite(outward).any():
            return self.middle
        as_low = np.isfinite(outward) & ~above(outward, float(np.nanmin(outward)))
        return self.middle - int(as_low.argmax())

    @property
    def too_far(self) -> int | None:
        """The first place beyond `lowest` whose loss is `above` the clean one: the negative step made things worse."""
        return _first(above(self.loss[: self.lowest][::-1], self.loss[self.middle]), self.lowest, -1)

    @property
    def changes(self) -> tuple[int | None, int | None]:
        """The first places, below 0 and above, at which the class is another than the clean image's."""
        other = self.predictions != self.predictions[self.middle]
        below, above = other[: self.middle][::-1], other[self.middle + 1 :]
        return _first(below, self.middle, -1), _first(above, self.middle, 1)

    @property
    def runs(self) -> list[tuple[int, int, int]]:
        """Stretches of one class, from left to right: its first place, its last one, and the class."""
        edges = np.flatnonzero(np.diff(self.predictions)) + 1
        firsts = [0, *edges.tolist()]
        lasts = [*(edges - 1).tolist(), len(self.predictions) - 1]
        return [(a, b, int(self.predictions[a])) for a, b in zip(firsts, lasts, strict=True)]


def above(loss: FloatArray, other: FloatArray | float) -> BoolArray:
    """Whether a loss is higher than another by more than the arithmetic's noise; False where one of them is NaN.

    Compared are the log-odds against the class, log(exp(loss) − 1): the noise of a loss shrinks with it where the
    network is sure, that of its log-odds does not.

    Args:
        loss: cross-entropies in nats, 0 or more, (K,).
        other: one, or as many.
    """
    one, two = _log_odds(loss), _log_odds(other)
    higher: BoolArray = one - two > NOISE * np.maximum(1, np.maximum(np.abs(one), np.abs(two)))
    return higher


def _log_odds(loss: FloatArray | float) -> FloatArray:
    """Finite at a loss of 0 as well, which stands for what float64 has no number for: log-odds below −745."""
    losses = np.atleast_1d(np.asarray(loss, np.float64))
    with np.errstate(divide="ignore"):
        odds: FloatArray = np.maximum(losses + np.log(-np.expm1(-losses)), -800)
    return odds


@dataclass(frozen=True, eq=False)
class LossPlane(_AroundAnImage):
    """The loss over clip(x + epsilon · d + eta · r), r random, as long as d and at right angles to it.

    Rows are etas, columns epsilons; both run over the same values, so that a step of one is as long as one of the
    other before clipping.

    Attributes:
        rule: how the gradient g became the direction d.
        label: the class whose loss it is.
        epsilons: float64 (K,), ascending and evenly spaced, K odd, 0 exactly in the middle; in the rule's unit.
        loss: float64 (K, K), the cross-entropy of `label`, in nats; NaN where it is not computed, or no number.
        predictions: int32 (K, K), the class that the model gave; −1 where it is not computed, or no number.
        computed: bool (K, K), which cells are computed so far.
        slope: ⟨g, d⟩, nats per unit of epsilon.
        slope_across: ⟨g, r⟩, nats per unit of eta.
        across: the seed of r.
        provenance: where it comes from; None where nobody said so.
    """

    rule: Rule
    label: int
    epsilons: FloatArray
    loss: FloatArray
    predictions: IntArray
    computed: BoolArray
    slope: float
    slope_across: float
    across: int
    provenance: Provenance | None = None

    @property
    def done(self) -> int:
        """How many cells are computed."""
        return int(self.computed.sum())

    @property
    def complete(self) -> bool:
        """Whether all of them are."""
        return bool(self.computed.all())


STRIDES = (4, 2, 1)  # a plane is computed on every 4th row and column first, counted from the middle, then on the rest


def stand_ins(computed: BoolArray) -> IntArray:
    """For each cell, the flat place of the one to show for it: itself, or the nearest of a coarser grid, (K, K).

    Itself as well where nothing near is computed yet.
    """
    own = np.arange(computed.size).reshape(computed.shape)
    found = np.where(computed, own, -1)
    for stride in STRIDES[-2::-1]:
        near = _nearest(len(computed), stride)
        found = np.where(found < 0, found[np.ix_(near, near)], found)
    return np.where(found < 0, own, found)


def _nearest(count: int, stride: int) -> IntArray:
    """For each row, the nearest of every `stride`-th one, counted from the middle."""
    middle = count // 2
    most = middle // stride
    steps = np.rint((np.arange(count) - middle) / stride).astype(np.int64)
    return middle + np.clip(steps, -most, most) * stride


def _first(found: BoolArray, start: int, way: int) -> int | None:
    """The place of the first that is found, counted from `start` on."""
    return start + way * (int(found.argmax()) + 1) if found.any() else None
