"""What is looked for on a curve, and where to measure next to find it more closely.

A grid of epsilons brackets what is looked for; `proposals` names the epsilons that narrow the brackets. Whoever runs
the sweeps measures those and asks again, until nothing is proposed.

The lowest accuracy of a curve, read off the images that it was found on, is too low: the epsilon was chosen for just
these images. So it is chosen on one half and reported on the other, whose interval then means what it says. (Varma,
Simon 2006, https://doi.org/10.1186/1471-2105-7-91, measure the bias that this avoids.) Where curves were measured more
closely was decided on all images; that changes which epsilons there are, not which one is chosen.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from gradlab.paper.points import Point, point
from gradlab.steps.epsilon import PIXEL_LEVELS
from gradlab.types import Curve, FloatArray, IntArray, Rule, SweepResult, Unit

CLAIMED_WITHOUT_SIGN = 0.2639
CLEAN_LOOKING = 40.0  # dB; every value off by 2.55/255
# A bracket whose ends differ by less than this factor is not narrowed further. Around a lowest point the curve is flat.
NARROW = {"least right": 1.1, "most right": 1.1, "accuracy": 1.02, "psnr": 1.02}

# Where what is looked for is at the end of a grid, the next size is that many times as large, until it is not, or until
# sizes come to the last one of their unit.
FURTHER = 2.0

BLOCK = 100  # neighbouring images that stay in one half: crops of one photograph, as in SVHN, part at the edges only

Kind = Literal["least right", "most right", "accuracy", "psnr"]


@dataclass(frozen=True)
class Aim:
    """Something that is looked for on the curve of a rule.

    Attributes:
        rule: on whose curve.
        side: 1 looks at the epsilons above 0, −1 below.
        kind: the least or the greatest number of right images; where the `accuracy` passes the target; the last epsilon
            whose median `psnr` is not below the target.
        target: for the last two.
    """

    rule: Rule
    side: int
    kind: Kind
    target: float = math.nan

    def find(self, result: SweepResult) -> Point | None:
        """The measured point that comes nearest; None where the curve does not have it."""
        side = _Side.of(result, self)
        k = side.best(self) if side else None
        return None if side is None or k is None else point(result, side.curve, int(side.places[k]))

    def proposals(self, result: SweepResult) -> list[float]:
        """Epsilons, none of them measured yet, that would tell more closely where it is."""
        side = _Side.of(result, self)
        if side is None:
            return []
        middles = (_middle(*gap, self.rule, NARROW[self.kind]) for gap in side.brackets(self))
        known = {round(float(size), 12) for size in side.sizes}
        wanted = [*middles, side.beyond(self)]
        return [self.side * size for size in wanted if size is not None and round(size, 12) not in known]


AIMS = (
    Aim(Rule.SIGN, 1, "least right"),
    Aim(Rule.RAW, 1, "least right"),
    Aim(Rule.RAW, 1, "psnr", CLEAN_LOOKING),
)
NEGATIVE_AIMS = (Aim(Rule.SIGN, -1, "most right"), Aim(Rule.RAW, -1, "most right"))
CLAIM_AIMS = (Aim(Rule.RAW, 1, "accuracy", CLAIMED_WITHOUT_SIGN),)


def proposals(result: SweepResult, aims: Sequence[Aim]) -> dict[Rule, list[float]]:
    """Epsilons to measure next, for each rule that needs any."""
    wanted: dict[Rule, set[float]] = {}
    for aim in aims:
        wanted.setdefault(aim.rule, set()).update(aim.proposals(result))
    return {rule: sorted(epsilons) for rule, epsilons in wanted.items() if epsilons}


@dataclass(frozen=True, eq=False)
class _Side:
    """One side of a curve, outward from 0, which itself is not in it.

    Attributes:
        curve: the whole curve.
        places: (M,), the places of these epsilons in it.
        sizes: (M,), |epsilon|, ascending.
        correct: (M,), how many images are right.
        psnr: (M,), median, in dB.
        target: of an aim at an accuracy, as a number of images.
        clean: how many images are right at 0.
    """

    curve: Curve
    places: np.ndarray
    sizes: FloatArray
    correct: np.ndarray
    psnr: FloatArray
    target: float
    clean: int

    @classmethod
    def of(cls, result: SweepResult, aim: Aim) -> "_Side | None":
        curves = [curve for curve in result.curves if curve.rule == aim.rule]
        if not curves:
            return None
        (curve,) = curves
        places = np.flatnonzero(np.sign(curve.epsilons) == aim.side)[:: aim.side]
        if not len(places):
            return None
        return cls(
            curve, places, np.abs(curve.epsilons[places]), result.correct(curve)[places],
            curve.level("psnr")[places], aim.target * result.images, result.clean_correct,
        )  # fmt: skip

    def best(self, aim: Aim) -> int | None:
        """Where on this side it is; of several that are as good, the nearest to 0."""
        if aim.kind == "least right":
            return int(self.correct.argmin())
        if aim.kind == "most right":
            return int(self.correct.argmax())
        if aim.kind == "psnr":
            there = np.flatnonzero(self.psnr >= aim.target)
            return int(there[-1]) if len(there) else None
        after = self._passed()
        if after is None:
            return None
        ends = [k for k in (after - 1, after) if k >= 0]
        return min(ends, key=lambda k: abs(float(self.correct[k]) - self.target))

    def brackets(self, aim: Aim) -> list[tuple[float, float]]:
        """The gaps between neighbouring sizes in which it may be."""
        if aim.kind in ("least right", "most right"):
            best = self.best(aim) or 0
            return [self._gap(after) for after in (best, best + 1) if after < len(self.sizes)]
        if aim.kind == "psnr":
            last = self.best(aim)
            return [] if last is None or last + 1 >= len(self.sizes) else [self._gap(last + 1)]
        passed = self._passed()
        return [] if passed is None else [self._gap(passed)]

    def beyond(self, aim: Aim) -> float | None:
        """A size outside of the grid, where what is looked for may be there; None where it is inside, or far enough."""
        last = float(self.sizes[-1])
        # An accuracy that is too low from the start is nowhere to be passed.
        yet_to_come = self.clean > self.target and self._passed() is None
        at_the_end = yet_to_come if aim.kind == "accuracy" else self.best(aim) == len(self.sizes) - 1
        furthest = aim.rule.unit.row.last
        return min(FURTHER * last, furthest) if at_the_end and last < furthest else None

    def _passed(self) -> int | None:
        """The first place at which no more images are right than wanted."""
        there = np.flatnonzero(self.correct <= self.target)
        return int(there[0]) if len(there) and self.clean > self.target else None

    def _gap(self, after: int) -> tuple[float, float]:
        """From the size before a place to the size there."""
        return float(self.sizes[after - 1]) if after else 0.0, float(self.sizes[after])


def _middle(low: float, high: float, rule: Rule, narrow: float) -> float | None:
    """A round number between two sizes, on a logarithmic scale; None where they are near enough or none is between.

    Between 0 and the smallest size is no place to look: a grid begins where next to nothing happens.
    """
    if not low or high / low < narrow:
        return None
    middle = math.sqrt(low * high)
    rounded = _quarter(middle) if rule.unit is Unit.PIXEL else float(f"{middle:.3g}")
    return rounded if low < rounded < high else None


def _quarter(size: float) -> float:
    """The nearest whole level or quarter of one; never a half, where rounding to 8 bit is not defined."""
    quarters = round(4 * size * PIXEL_LEVELS)
    if quarters % 4 == 2:
        quarters += 1 if 4 * size * PIXEL_LEVELS >= quarters else -1
    return quarters / 4 / PIXEL_LEVELS


def halves(result: SweepResult) -> tuple[IntArray, IntArray]:
    """The rows of a result to choose on, and those to report on: every other block, in the order of the split."""
    order = np.argsort(result.indices, kind="stable")
    block = max(1, min(BLOCK, len(order) // 10))
    even = np.arange(len(order)) // block % 2 == 0
    return np.sort(order[even]), np.sort(order[~even])


def found(result: SweepResult, aim: Aim) -> Point | None:
    """What is looked for: its epsilon is chosen on one half of the images, its figures are of the other."""
    choose, report = halves(result)
    if not len(report):
        return None
    only = replace(result, curves=tuple(curve for curve in result.curves if curve.rule == aim.rule))
    there = aim.find(only.part(choose))
    if there is None:
        return None
    part = only.part(report)
    (curve,) = part.curves
    return point(part, curve, curve.epsilons.tolist().index(there.epsilon))
