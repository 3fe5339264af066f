"""One network on one data set: the row of the table of all combinations."""

from dataclasses import dataclass

from gradlab.paper.aims import AIMS, NEGATIVE_AIMS
from gradlab.paper.halves import found
from gradlab.paper.points import Point, clean_point
from gradlab.paper.visible import LIMIT, lowest_unseen
from gradlab.types import SweepResult


@dataclass(frozen=True)
class Combination:
    """What one step does to a network.

    All but `clean` is chosen on one half of the images and reported on the other, see `gradlab.paper.halves`.

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
    """The row of a study, and of its part at equal change."""
    unseen = None if equal is None else lowest_unseen(equal, limit=limit)
    return Combination(
        result.model, result.dataset, result.images, clean_point(result), found(result, AIMS[0]),
        found(result, AIMS[1]), unseen, limit, best_descent(result),
    )  # fmt: skip


def best_descent(result: SweepResult) -> Point | None:
    """The lowest error with epsilon below 0, under `sign` or `raw`; of two as good, the smaller change."""
    ways = [at for aim in NEGATIVE_AIMS if (at := found(result, aim))]
    return max(ways, key=lambda p: (p.correct, p.psnr), default=None)
