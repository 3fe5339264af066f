"""One network on one data set: the row of the table of all combinations."""

from dataclasses import dataclass

from gradlab.paper.aims import AIMS, NEGATIVE_AIMS
from gradlab.paper.points import Point, clean_point
from gradlab.types import SweepResult


@dataclass(frozen=True)
class Combination:
    """What one step does to a network.

    Attributes:
        model: the weights' name.
        dataset: the data set's name.
        images: how many images of the test split.
        clean: before anything is done.
        sign: the lowest accuracy under `sign`, epsilon above 0.
        raw: the lowest accuracy under `raw`, epsilon above 0.
        raw_clean_looking: under `raw`, at the largest epsilon whose median PSNR is not below CLEAN_LOOKING.
        negative: the lowest error with epsilon below 0, under `sign` or `raw`, whichever is better.
    """

    model: str
    dataset: str
    images: int
    clean: Point
    sign: Point | None
    raw: Point | None
    raw_clean_looking: Point | None
    negative: Point | None


def combination(result: SweepResult) -> Combination:
    """The row of a sweep."""
    sign, raw, clean_looking = (aim.find(result) for aim in AIMS)
    return Combination(
        result.model, result.dataset, result.images, clean_point(result), sign, raw, clean_looking, best_descent(result)
    )


def best_descent(result: SweepResult) -> Point | None:
    """The lowest error with epsilon below 0, under `sign` or `raw`; of two as good, the smaller change."""
    ways = [found for aim in NEGATIVE_AIMS if (found := aim.find(result))]
    return max(ways, key=lambda p: (p.correct, p.psnr), default=None)
