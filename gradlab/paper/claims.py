"""The abstract's claims, each with what was measured and a verdict in words."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from gradlab.paper.aims import AIMS, CLAIM_AIMS, CLAIMED_WITHOUT_SIGN, NEGATIVE_AIMS
from gradlab.paper.points import Point, clean_point, point
from gradlab.types import SweepResult

PAPER_MODEL = ("alexnet-paper", "cifar10")

# dB; as much noise as 5/255 on every value. A convention of ours: what a person sees, a number does not settle.
VISIBLE_BELOW = 34.0
_NEAR = 0.005


class Verdict(StrEnum):
    """Whether a claim holds here."""

    HOLDS = "holds"
    VISIBLE = "holds only at an epsilon where the noise is visible"
    NOT = "does not hold"


@dataclass(frozen=True)
class Claim:
    """A figure of the abstract.

    Attributes:
        name: in a word or two.
        text: what is claimed.
        figure: the share that is claimed.
        of: whether that is an accuracy or an error rate.
    """

    name: str
    text: str
    figure: float
    of: str = "accuracy"


CLAIMS = (
    Claim("clean", "The clean accuracy is", 0.6354),
    Claim("sign", "With the sign of the gradient, accuracy falls to (the noise is perceptible)", 0.0),
    Claim("no sign", "Without the sign, accuracy falls to (the noise is imperceptible)", CLAIMED_WITHOUT_SIGN),
    Claim("negative", "Against the gradient, the error rate falls from 36.46 % to", 0.0429, of="error"),
)


@dataclass(frozen=True)
class ClaimRow:
    """A claim and our measurement.

    Attributes:
        claim: what the abstract says.
        point: where on our curves; None where they have no such point.
        verdict: whether it holds.
    """

    claim: Claim
    point: Point | None
    verdict: Verdict

    @property
    def measured(self) -> float | None:
        """In the claim's own terms, accuracy or error rate."""
        if self.point is None:
            return None
        return self.point.error if self.claim.of == "error" else self.point.accuracy

    @property
    def interval(self) -> tuple[float, float] | None:
        """The Wilson 95 % interval of `measured`."""
        if self.point is None:
            return None
        low, high = self.point.low, self.point.high
        return (1 - high, 1 - low) if self.claim.of == "error" else (low, high)


def claim_rows(result: SweepResult) -> list[ClaimRow]:
    """The four claims, measured on a sweep with the rules `sign` and `raw`, both directions, true labels."""
    clean, sign, without, negative = CLAIMS
    lowest, crossing = AIMS[0].find(result), CLAIM_AIMS[0].find(result)
    return [
        _row(clean, clean_point(result), lambda p: abs(p.accuracy - clean.figure) <= _NEAR),
        # That this noise is seen is part of the claim.
        ClaimRow(sign, lowest, Verdict.HOLDS if lowest and lowest.accuracy <= _NEAR / 10 else Verdict.NOT),
        _row(without, crossing, lambda p: abs(p.accuracy - without.figure) <= _NEAR),
        _row(negative, _negative(result, negative.figure), lambda p: p.error <= negative.figure),
    ]


def _negative(result: SweepResult, figure: float) -> Point | None:
    """The lowest error below 0 whose noise is not visible, where that is low enough; else the lowest of all."""
    curves = [curve for curve in result.curves if curve.rule in {aim.rule for aim in NEGATIVE_AIMS}]
    points = [point(result, curve, int(k)) for curve in curves for k in np.flatnonzero(curve.epsilons < 0)]
    unseen = [p for p in points if p.psnr >= VISIBLE_BELOW and p.error <= figure]
    return max(unseen or points, key=lambda p: (p.correct, p.psnr), default=None)  # of two as good, the smaller change


def _row(claim: Claim, found: Point | None, holds: Callable[[Point], bool]) -> ClaimRow:
    if found is None or not holds(found):
        return ClaimRow(claim, found, Verdict.NOT)
    return ClaimRow(claim, found, Verdict.HOLDS if found.psnr >= VISIBLE_BELOW else Verdict.VISIBLE)
