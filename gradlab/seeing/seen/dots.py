"""The answers as dots: how many of those at about one size are right, and how far that may be from the truth."""

from collections.abc import Sequence

import numpy as np

from gradlab.statistics import wilson_interval
from gradlab.types import Answers, FloatArray, IntArray, SeenDots

DOTS = 10  # at most; of more sizes, those next to each other are thrown together
DRAWS = 2000  # of people, with replacement
SEED = 0  # the same people have the same interval, whenever it is looked at


def dots(tables: Sequence[Answers]) -> SeenDots:
    """All answers but those to catch trials, by size; of more than 10 sizes, neighbours are gathered at their mean.

    The mean is that of the logarithms, and each answer counts once.

    The 95 % interval of a single person's share is Wilson's. Of several it is a percentile bootstrap over people, since
    the answers of one hang together: Efron 1979, https://doi.org/10.1214/aos/1176344552, with whole people drawn, as
    for any clustered data (Field & Welsh 2007, https://doi.org/10.1111/j.1467-9868.2007.00593.x). It is never narrower
    than Wilson's of the same answers: where the few who answered are all right, or all alike, drawing them anew
    moves nothing.

    Args:
        tables: the answers of each person.
    """
    asked = [~answers.catch & (answers.intensity > 0) for answers in tables]
    sizes = np.concatenate([t.intensity[kept] for t, kept in zip(tables, asked, strict=True)] or [np.empty(0)])
    right = np.concatenate([t.correct[kept] for t, kept in zip(tables, asked, strict=True)] or [np.empty(0, bool)])
    person = np.repeat(np.arange(len(tables)), [int(kept.sum()) for kept in asked])
    place = _place(sizes)
    cells = len(tables), int(place.max(initial=0)) + 1
    each = np.bincount(person * cells[1] + place, minlength=cells[0] * cells[1]).reshape(cells)
    hits = np.bincount(person * cells[1] + place, right, cells[0] * cells[1]).reshape(cells).astype(np.int64)
    kept = each.sum(0) > 0
    answered, counts = each.sum(0)[kept], hits.sum(0)[kept]
    logs = np.bincount(place, np.log(sizes), cells[1])[kept] / answered
    low, high = _interval(hits[:, kept], each[:, kept])
    return SeenDots(np.exp(logs), counts, answered, low, high, over_people=len(tables) > 1)


def _place(sizes: FloatArray) -> IntArray:
    """In which dot each answer is counted."""
    levels, place = np.unique(sizes, return_inverse=True)
    if len(levels) > DOTS:
        width = np.log(levels[-1] / levels[0]) / DOTS
        place = np.minimum((np.log(sizes / levels[0]) / width).astype(np.int64), DOTS - 1)
    return place


def _interval(right: IntArray, answered: IntArray) -> tuple[FloatArray, FloatArray]:
    """Both ends for each dot, from the counts of each person: (P, D)."""
    pairs = zip(right.sum(0), answered.sum(0), strict=True)
    ends = [wilson_interval(int(count), int(many)) for count, many in pairs]
    low, high = np.array(ends, dtype=np.float64).reshape(-1, 2).T
    if len(right) < 2:
        return low, high
    people = np.random.default_rng(SEED).multinomial(len(right), np.full(len(right), 1 / len(right)), DRAWS)
    many = people @ answered
    share = (people @ right) / np.maximum(many, 1)
    for dot in range(len(low)):  # who never was asked there tells nothing of it
        first, last = np.quantile(share[many[:, dot] > 0, dot], (0.025, 0.975))
        low[dot], high[dot] = min(low[dot], first), max(high[dot], last)
    return low, high
