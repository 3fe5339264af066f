"""What may be said of two accuracies on the same images: one is higher, they are about equal, or nothing."""

from dataclasses import dataclass
from enum import StrEnum

from gradlab.errors import BadValueError
from gradlab.statistics.paired import PairedDifference

MARGIN = 0.01  # one percentage point: a convention of ours, which every sentence states
TOLERATED_GAP = 0.05  # by which share two budgets may differ and still be compared; the sentence says how much they do

# What every caption says of the intervals of curves and cells.
EACH_ALONE = (
    "95 % Wilson intervals, each for one figure alone (to compare two, look at their difference, not at whether the "
    "intervals overlap)"
)


class Outcome(StrEnum):
    """What the interval of a paired difference says."""

    A = "a is higher"
    B = "b is higher"
    ALIKE = "about as much"
    UNKNOWN = "cannot be told"


@dataclass(frozen=True)
class Comparison:
    """A paired difference, judged.

    Attributes:
        difference: what was measured.
        margin: up to which difference two accuracies count as about as much, in (0, 1).
        outcome: what may be said.
    """

    difference: PairedDifference
    margin: float
    outcome: Outcome

    @property
    def small(self) -> bool:
        """Whether the whole interval lies within the margin, whichever is higher."""
        return -self.margin <= self.difference.low and self.difference.high <= self.margin

    def words(self, a: str, b: str, right: str = "right") -> str:
        """The judgement with its figures: one sentence of plain text, without a full stop.

        Args:
            a: what the first is called.
            b: what the second is called.
            right: what is said of the images that were counted.
        """
        within = f"within ±{points_text(self.margin)}"
        first, second = (b, a) if self.outcome == Outcome.B else (a, b)
        said = {
            Outcome.ALIKE: f"{a} and {b} have about as many images {right}, {within}",
            Outcome.UNKNOWN: f"whether {a} or {b} has more images {right} cannot be told",
        }.get(self.outcome, f"{first} has more images {right} than {second}" + (f", though {within}" * self.small))
        return f"{said}: {a} − {b} = {difference_text(self.difference)}; {counts_text(self.difference, a, b, right)}"


def compare(difference: PairedDifference, margin: float = MARGIN) -> Comparison:
    """What may be said of a difference.

    One is higher where the interval excludes 0. The two count as about as much only where the interval does not, and
    the whole of it lies within the margin: an interval that includes 0 does not prove equality, nor are two intervals
    that overlap (Schenker, Gentleman 2001, https://doi.org/10.1198/000313001317097960). Else it cannot be told.

    Args:
        difference: of `paired_difference`.
        margin: in (0, 1); 0.01 is one percentage point.

    Raises:
        BadValueError: for a margin outside of (0, 1).
    """
    if not 0 < margin < 1:
        raise BadValueError(f"expected a margin above 0 and below 1, got {margin!r}")
    if difference.low > 0:
        return Comparison(difference, margin, Outcome.A)
    if difference.high < 0:
        return Comparison(difference, margin, Outcome.B)
    alike = -margin <= difference.low and difference.high <= margin
    return Comparison(difference, margin, Outcome.ALIKE if alike else Outcome.UNKNOWN)


def difference_text(difference: PairedDifference) -> str:
    """A paired difference with its 95 % interval, in percentage points: plain text."""
    low, high = difference.low, difference.high
    places = _places(low, high)
    value, *ends = (_signed(100 * share, places) for share in (difference.difference, low, high))
    return f"{value} percentage points (95 % interval of the paired difference {ends[0]} to {ends[1]})"


def counts_text(difference: PairedDifference, a: str, b: str, right: str = "right") -> str:
    """What a paired difference rests on: plain text."""
    return (
        f"{right} only with {a}: {difference.only_a:,}, only with {b}: {difference.only_b:,}, of {difference.images:,} "
        "images"
    )


def points_text(share: float) -> str:
    """A share as percentage points: `1 percentage point`."""
    points = round(100 * share, 6)
    return f"{points:g} percentage point{'' if points == 1 else 's'}"


def _places(*shares: float) -> int:
    """As many decimals, at most six, as keep an end beside 0 from being written as 0."""
    least = min((abs(100 * share) for share in shares if share), default=1.0)
    return next((places for places in range(1, 6) if round(least, places)), 6)


def _signed(points: float, places: int) -> str:
    text = f"{points:+.{places}f}".replace("-", "−")
    return text[1:] if not round(points, places) else text
