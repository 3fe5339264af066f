"""All answers of a study: the threshold of the median person, and how far people differ."""

from collections.abc import Sequence

import numpy as np

from gradlab.errors import BadValueError
from gradlab.psychometrics.check import check_answers
from gradlab.psychometrics.fit import TAILS, span_of, summary
from gradlab.psychometrics.grid import Grid, Range, around, log_likelihood, normalised, quantiles
from gradlab.types import Answers, Estimate, FloatArray, PsychometricFit

SIZE = (161, 7, 5)
SPREADS = np.linspace(0.0, 1.2, 9)  # standard deviation of the logarithm of people's thresholds
SPREAD_PRIOR = 0.5  # half-normal: a factor of 1.6 between people is usual, one of 3 is not


def fit_people(tables: Sequence[Answers], span: Range | None = None) -> PsychometricFit:
    """What the answers of many people tell of the median person.

    The logarithms of people's thresholds are taken as normal, with an unknown mean and spread; slope and lapse rate as
    common to all. So a person with few answers counts for little, and the interval holds for people like these: it
    narrows with the number of people, not with the number of answers that one of them gives. To throw all answers into
    one table and call `fit` would take forty people for one, and give an interval that is far too narrow.

    Args:
        tables: one table for each person, of one scale and one task.
        span: as in `fit`; where None, the lowest and highest above 0 that anybody was asked.

    Raises:
        BadValueError: without a person, for different guess rates, and as `fit`.
    """
    people = list(tables)
    if not people or len({table.guess for table in people}) > 1:
        guesses = sorted({table.guess for table in people})
        raise BadValueError(f"expected at least one person, and one guess rate for all, got {len(people)}, {guesses}")
    for table in people:
        check_answers(table)
    span = span_of(people, span)
    grid = around(span, SIZE)
    weights = _believed(grid, people)
    width = np.exp(quantiles(SPREADS, weights.sum((0, 2, 3)), TAILS))
    spread = Estimate(float(width[1]), float(width[0]), float(width[2]))
    return summary(people, span, grid, weights.sum(1), spread)


def _believed(grid: Grid, people: list[Answers]) -> FloatArray:
    """The weight of each mean, spread, slope and lapse rate: (T, K, S, L), the sum 1.

    Each person's threshold is summed over, weighed with the normal distribution around the mean.
    """
    count, slopes, lapses = grid.shape
    apart = _apart(np.log(grid.thresholds))
    total = grid.log_prior[:, None] - 0.5 * (SPREADS[:, None, None] / SPREAD_PRIOR) ** 2
    for table in people:
        logs = log_likelihood(grid, table).reshape(count, -1)
        share = apart @ np.exp(logs - logs.max())
        total = total + np.log(np.maximum(share, 1e-300)).reshape(count, len(SPREADS), slopes, lapses)
    return normalised(total)


def _apart(logs: FloatArray) -> FloatArray:
    """How likely a person's threshold is, for each mean and spread: (T · K, T), each row's sum 1."""
    distance = (logs[None, :] - logs[:, None])[:, None, :]
    width = np.maximum(SPREADS, 1e-6)[None, :, None]
    density = np.exp(-0.5 * (distance / width) ** 2)
    share: FloatArray = (density / density.sum(-1, keepdims=True)).reshape(-1, len(logs))
    return share
