"""The abstract's claims beside what was measured, how sure that is and what was fitted; and a row for each network."""

from dataclasses import dataclass, replace
from enum import StrEnum

from gradlab.paper.aims import AIMS, CLAIM_AIMS, CLAIMED_WITHOUT_SIGN, NEGATIVE_AIMS, found
from gradlab.paper.points import Point, clean_point
from gradlab.paper.visible import LIMIT, lowest_unseen
from gradlab.types import SweepResult

PAPER_MODEL = ("alexnet-paper", "cifar10")

# Two percentage points: about as much as two measurements of the same accuracy differ by chance, on 5,000 images each.
MARGIN = 0.02


class Verdict(StrEnum):
    """What the interval of a measurement says of a claim."""

    COMPATIBLE = "compatible"
    NOT = "not compatible"
    UNKNOWN = "cannot be told"


@dataclass(frozen=True)
class Claim:
    """A figure of the abstract.

    Attributes:
        name: in a word or two.
        text: what is claimed.
        figure: the share that is claimed.
        of: whether that is an accuracy or an error rate.
        falls: whether the claim is that it falls so far, at some epsilon; else that it is that figure.
        what: what of our measurement was chosen with this figure in view, or for the best figure, in a word or two.
        fitted: the same in a sentence.
    """

    name: str
    text: str
    figure: float
    of: str
    falls: bool
    what: str
    fitted: str


_HALF = "on half of the images; the figure is of the other half"
CLAIMS = (
    Claim(
        "clean", "The clean accuracy is", 0.6354, "accuracy", False, "network",
        "the network: recipe and number of epochs were chosen among some thirty for an accuracy near this figure, on "
        "1,000 or 2,000 of these test images",
    ),
    Claim(
        "sign", "With the sign of the gradient, accuracy falls to (the noise is perceptible)", 0.0, "accuracy", True,
        "ε, network",
        f"ε, for the lowest accuracy, {_HALF}; the recipe, among some thirty, for this figure as well",
    ),
    Claim(
        "plain gradient", "Without the sign, accuracy falls to (the noise is imperceptible)", CLAIMED_WITHOUT_SIGN,
        "accuracy", True, "ε",
        f"ε, for this very figure, {_HALF}: that it is met tells nothing by itself",
    ),
    Claim(
        "negative", "Against the gradient, the error rate falls from 36.46 % to", 0.0429, "error", True,
        "kind of noise, ε",
        f"kind of noise and ε, for the lowest error, {_HALF}",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class ClaimRow:
    """A claim and our measurement.

    Attributes:
        claim: what the abstract says.
        point: where on our curves, over the images that the epsilon was not chosen on; None where they have no such
            point.
        unseen: of `raw`, the most that comes about where only images changed to `limit` dB or more count as attacked;
            None where the PSNR of each image was not measured, or the claim has nothing to do with it.
        limit: in dB.
        verdict: whether claim and measurement go together.
    """

    claim: Claim
    point: Point | None
    unseen: Point | None
    limit: float
    verdict: Verdict

    @property
    def measured(self) -> float | None:
        """In the claim's own terms, accuracy or error rate."""
        return None if self.point is None else _share(self.claim, self.point)

    @property
    def measured_unseen(self) -> float | None:
        """The same of `unseen`."""
        return None if self.unseen is None else _share(self.claim, self.unseen)

    @property
    def interval(self) -> tuple[float, float] | None:
        """The Wilson 95 % interval of `measured`."""
        return None if self.point is None else _interval(self.claim, self.point)

    @property
    def interval_unseen(self) -> tuple[float, float] | None:
        """The Wilson 95 % interval of `measured_unseen`."""
        return None if self.unseen is None else _interval(self.claim, self.unseen)


def claim_rows(result: SweepResult, equal: SweepResult | None = None, limit: float = LIMIT) -> list[ClaimRow]:
    """The four claims, measured.

    Args:
        result: a sweep with the rules `sign` and `raw`, both directions, true labels.
        equal: the part of the baseline at equal change, which has the PSNR of each image.
        limit: in dB: an image that is changed to less counts as changed visibly.
    """
    clean, sign, without, negative = CLAIMS
    up, down = (None if equal is None else lowest_unseen(equal, side, limit) for side in (1, -1))
    rows = [
        ClaimRow(clean, clean_point(result), None, limit, Verdict.UNKNOWN),
        ClaimRow(sign, found(result, AIMS[0]), None, limit, Verdict.UNKNOWN),
        ClaimRow(without, found(result, CLAIM_AIMS[0]), up, limit, Verdict.UNKNOWN),
        ClaimRow(negative, best_descent(result), down, limit, Verdict.UNKNOWN),
    ]
    return [replace(row, verdict=_verdict(row)) for row in rows]


def judged(claim: Claim, low: float, high: float) -> Verdict:
    """Whether a claim goes together with a measurement, by the 95 % interval of that.

    Compatible where the whole interval lies within MARGIN of the claimed figure (or below, where the claim is that it
    falls so far); not compatible where all of it lies beyond; else it cannot be told.
    """
    least = -1.0 if claim.falls else claim.figure - MARGIN
    most = claim.figure + MARGIN
    if least <= low and high <= most:
        return Verdict.COMPATIBLE
    return Verdict.NOT if low > most or high < least else Verdict.UNKNOWN


def _verdict(row: ClaimRow) -> Verdict:
    """By the figure that decides: of the plain gradient, that of changes that pass unseen."""
    interval = row.interval_unseen if row.claim is CLAIMS[2] else row.interval
    return Verdict.UNKNOWN if interval is None else judged(row.claim, *interval)


def _share(claim: Claim, at: Point) -> float:
    return at.error if claim.of == "error" else at.accuracy


def _interval(claim: Claim, at: Point) -> tuple[float, float]:
    return (1 - at.high, 1 - at.low) if claim.of == "error" else (at.low, at.high)


@dataclass(frozen=True)
class Combination:
    """What one step does to a network.

    All but `clean` is chosen on one half of the images and reported on the other, see `gradlab.paper.aims`.

    Attributes:
        model: the weights' name.
        dataset: the data set's name.
        images: how many images of the test split.
        clean: before anything is done.
        sign: the lowest accuracy under `sign`, epsilon above 0.
        raw: the lowest accuracy under `raw`, epsilon above 0.
        raw_unseen: the lowest accuracy under `raw` where only images changed to `limit` dB or more count as attacked;
            None where the PSNR of each image is not known.
        limit: in dB.
        negative: the lowest error with epsilon below 0, under `sign` or `raw`, whichever is better.
    """

    model: str
    dataset: str
    images: int
    clean: Point
    sign: Point | None
    raw: Point | None
    raw_unseen: Point | None
    limit: float
    negative: Point | None


def combination(result: SweepResult, equal: SweepResult | None = None, limit: float = LIMIT) -> Combination:
    """The row of a baseline, and of its part at equal change."""
    unseen = None if equal is None else lowest_unseen(equal, limit=limit)
    return Combination(
        result.model, result.dataset, result.images, clean_point(result), found(result, AIMS[0]),
        found(result, AIMS[1]), unseen, limit, best_descent(result),
    )  # fmt: skip


def best_descent(result: SweepResult) -> Point | None:
    """The lowest error with epsilon below 0, under `sign` or `raw`; of two as good, the smaller change."""
    ways = [at for aim in NEGATIVE_AIMS if (at := found(result, aim))]
    return max(ways, key=lambda p: (p.correct, p.psnr), default=None)
