"""All answers of a study: the threshold of the median person, and how far people differ."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gradlab.errors import BadValueError
from gradlab.seeing.psychometrics.check import check_answers
from gradlab.seeing.psychometrics.fitting import TAILS, span_of, summary
from gradlab.seeing.psychometrics.grid import Grid, Range, around, normalised, quantiles
from gradlab.seeing.psychometrics.likelihood import careless, chances, guesses, levels_of, log_attending, log_evidence
from gradlab.types import Answers, Estimate, FloatArray, PsychometricFit

SIZE = (161, 7, 7)
SPREADS = np.linspace(0.0, 1.2, 9)  # standard deviation of the logarithm of people's thresholds
SPREAD_PRIOR = 0.5  # half-normal: a factor of 1.6 between people is usual, one of 3 is not
_SHARED = 64  # so many levels are worked out for all people at once: those of a design; of more, each person's alone
_LAPSE_NODES, _LAPSE_REACH = 7, 3.0  # of the mean lapse rate: so many nodes, so many standard deviations to each side


@dataclass(frozen=True, eq=False)
class _Person:
    """What one person's answers say.

    Attributes:
        share: float64 (T, S, L), the likelihood of all answers; the largest is 1.
        guesses: whether they are taken as guessing in all trials.
    """

    share: FloatArray
    guesses: bool


def fit_people(tables: Sequence[Answers], span: Range | None = None, guessers: bool = False) -> PsychometricFit:
    """What the answers of many people tell of the median person.

    The logarithms of people's thresholds are taken as normal, with an unknown mean and spread; the slope as common to
    all; the lapse rate, and whether they stop attending, as each person's own. So a person with few answers, or with
    careless ones, counts for little, and the interval holds for people like these: it narrows with the number of
    people, not with the number of answers that one of them gives. To throw all answers into one table and call `fit`
    would take forty people for one, and give an interval that is far too narrow.

    A person who guesses in all trials (`likelihood.guesses`) is left out. If all do, the fit rests on nobody.

    Args:
        tables: one table for each person, of one scale and one task.
        span: as in `fit`; where None, the lowest and highest above 0 that anybody was asked.
        guessers: whether those who guess are counted too, as if they saw.

    Raises:
        BadValueError: without a person, for different guess rates, and as `fit`.
    """
    everybody = list(tables)
    rates = sorted({table.guess for table in everybody})
    if len(rates) != 1:
        raise BadValueError(f"expected at least one person, and one guess rate for all, got {len(everybody)}, {rates}")
    for table in everybody:
        check_answers(table)
    span = span_of(everybody, span)
    grid = around(span, SIZE, careless(*everybody))
    people = _people(grid, everybody)
    counted = [n for n, person in enumerate(people) if guessers or not person.guesses]
    weights = _believed(grid, [people[n] for n in counted])
    width = np.exp(quantiles(SPREADS, weights.sum((0, 2)), TAILS))
    lapses, shares = _mean_lapse(grid, weights, [people[n] for n in counted])
    return summary(
        [everybody[n] for n in counted], rates[0], span, Grid(grid.thresholds, grid.slopes, lapses),
        weights.sum(1)[:, :, None] * shares, Estimate(float(width[1]), float(width[0]), float(width[2])),
        tuple(person.guesses for person in people),
    )  # fmt: skip


def _people(grid: Grid, tables: list[Answers]) -> list[_Person]:
    levels = levels_of(*tables)
    shared = chances(grid, levels, tables[0].guess) if len(levels) <= _SHARED else None
    people = []
    for table in tables:
        logs = log_attending(shared or chances(grid, levels_of(table), table.guess), table)
        people.append(_Person(np.exp(logs - logs.max()), guesses(table, log_evidence(grid, logs))))
    return people


def _believed(grid: Grid, people: list[_Person]) -> FloatArray:
    """The weight of each mean, spread and slope: (T, K, S), the sum 1.

    Each person's lapse rate is summed over, and so is their threshold, weighed with the normal distribution around the
    mean.
    """
    count, slopes, _ = grid.shape
    apart, lapse = _apart(np.log(grid.thresholds)), normalised(grid.log_prior_of_lapses)
    ends = grid.log_prior[:, :1, :1]
    total = ends + grid.log_prior_of_slopes - 0.5 * (SPREADS[:, None] / SPREAD_PRIOR) ** 2
    for person in people:
        share = apart @ (person.share @ lapse)
        total = total + np.log(np.maximum(share, 1e-300)).reshape(count, len(SPREADS), slopes)
    return normalised(total)


def _mean_lapse(grid: Grid, weights: FloatArray, people: list[_Person]) -> tuple[FloatArray, FloatArray]:
    """Nodes of the mean of people's lapse rates, and what each weighs; taken as normal, as a mean of many is.

    A person's own lapse rate is weighed with the thresholds and slopes of people like these.
    """
    like = (weights.reshape(-1, weights.shape[2]).T @ _apart(np.log(grid.thresholds))).T  # (T, S)
    prior = normalised(grid.log_prior_of_lapses)
    each = np.array([np.einsum("ts,tsl->l", like, person.share) * prior for person in people] or [prior])
    each /= each.sum(1, keepdims=True)
    means = each @ grid.lapses
    width = float(np.sqrt((each @ grid.lapses**2 - means**2).sum()) / len(each))
    middle = float(means.mean())
    reach = _LAPSE_REACH * width
    nodes = np.linspace(max(middle - reach, grid.lapses[0]), min(middle + reach, grid.lapses[-1]), _LAPSE_NODES)
    return nodes, normalised(-0.5 * ((nodes - middle) / width) ** 2)


def _apart(logs: FloatArray) -> FloatArray:
    """How likely a person's threshold is, for each mean and spread: (T · K, T), each row's sum 1."""
    distance = (logs[None, :] - logs[:, None])[:, None, :]
    width = np.maximum(SPREADS, 1e-6)[None, :, None]
    density = np.exp(-0.5 * (distance / width) ** 2)
    share: FloatArray = (density / density.sum(-1, keepdims=True)).reshape(-1, len(logs))
    return share
