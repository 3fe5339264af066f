"""How likely answers are on every node of a grid, of a person who attends or stops to; and who guesses throughout.

Overdispersion, answers that vary more than a binomial of one fixed share would, is mostly modelled by a beta-binomial
of the answers at each level: Schütt et al. 2016, https://doi.org/10.1016/j.visres.2016.02.002. In an adaptive test that
says nothing: with one answer at a level a beta-binomial is a Bernoulli of the same mean, whatever its spread. Nor would
it mend what goes wrong, since careless answers are not scattered around the curve, they pull it towards chance. What
makes answers careless is known, however, and is modelled as such: people lapse, some often (the lapse rate's prior,
`grid`), and some cease to attend (`log_attending`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradlab.seeing.psychometrics.grid import CARELESS, Grid, log_sum
from gradlab.types import Answers, BoolArray, FloatArray, IntArray

STOPS = 0.1  # the share of people who stop attending at some point of a test, and guess from there on
STRETCHES = 10  # of a test; one stops between two of them, between any two alike
BAYES_FACTOR = 3.0  # from which on a person is taken as guessing
AT_LEAST = 10  # answers to tell that; of fewer, one missed catch trial would do
_SURE = 1e-9  # no answer is quite impossible


@dataclass(frozen=True, eq=False)
class Chances:
    """What one answer is worth on every node of a grid.

    Attributes:
        shape: of the grid, (T, S, L).
        levels: float64 (X,), ascending: the intensities that were asked.
        right: float64 (X + 1, T · S · L), the logarithm of the chance of a right answer; last row: of a catch trial.
        wrong: float64 (X + 1, T · S · L), of a wrong one.
    """

    shape: tuple[int, int, int]
    levels: FloatArray
    right: FloatArray
    wrong: FloatArray


def chances(grid: Grid, levels: FloatArray, guess: float) -> Chances:
    """What answers at these levels are worth, and those to catch trials."""
    every = np.empty((len(levels) + 1, *grid.shape))
    every[:-1], every[-1] = grid.correct(levels, guess), 1 - grid.lapses
    share = np.clip(every, _SURE, 1 - _SURE, out=every).reshape(len(every), -1)
    return Chances(grid.shape, levels, np.log(share), np.log1p(-share))


def levels_of(*tables: Answers) -> FloatArray:
    """The intensities that were asked, each once, without those of catch trials."""
    levels: FloatArray = np.unique(np.concatenate([table.intensity[~table.catch] for table in tables]))
    return levels


def careless(*tables: Answers) -> float:
    """The share of people whose lapse rate may be any.

    Without a catch trial nothing tells lapses from a high threshold: then all are believed to take care, since else
    hardly any upper end would be known.
    """
    return CARELESS if any(table.catch.any() for table in tables) else 0.0


def log_likelihood(grid: Grid, answers: Answers) -> FloatArray:
    """The logarithm of the probability of all answers of a person who attends to all trials: (T, S, L).

    Equal intensities are counted first: the order of the answers cannot matter, not even in the last digit.
    """
    worth = chances(grid, levels_of(answers), answers.guess)
    total: FloatArray = _by_stretch(worth, answers, np.zeros(len(answers), np.int64), 1).reshape(grid.shape)
    return total


def log_attending(worth: Chances, answers: Answers) -> FloatArray:
    """The same of a person who attends to the first trials, most likely to all, and guesses in the rest: (T, S, L).

    One in ten stops at some point, between any two tenths of the answers alike. Where it is not known in which order
    the answers were given, all are taken as attended to.

    Args:
        worth: at the levels of these answers, and maybe others.
        answers: of one person.
    """
    parts = STRETCHES if answers.number is not None else 1
    place = np.zeros(len(answers), np.int64)
    if answers.number is not None:
        place[np.argsort(answers.number, kind="stable")] = np.arange(len(answers)) * parts // max(len(answers), 1)
    attended = _by_stretch(worth, answers, place, parts).cumsum(0)
    guessed = np.array([log_guessing(answers, place > last) for last in range(parts)])
    stops = np.log([*[STOPS / max(parts - 1, 1)] * (parts - 1), 1 - STOPS if parts > 1 else 1])
    return log_sum(attended + (guessed + stops)[:, None], axis=0).reshape(worth.shape)


def log_guessing(answers: Answers, among: BoolArray | slice = slice(None)) -> float:
    """The logarithm of the probability of all answers, or some, of a person who guesses."""
    right = answers.correct[among]
    return float(right.sum() * np.log(answers.guess) + (~right).sum() * np.log1p(-answers.guess))


def _by_stretch(worth: Chances, answers: Answers, place: IntArray, parts: int) -> FloatArray:
    """The logarithm of the probability of the answers of each stretch: (P, T · S · L)."""
    level = np.where(answers.catch, len(worth.levels), np.searchsorted(worth.levels, answers.intensity))
    cell = place * (len(worth.levels) + 1) + level
    count = parts * (len(worth.levels) + 1)
    right, wrong = (np.bincount(cell[kept], minlength=count) for kept in (answers.correct, ~answers.correct))
    total: FloatArray = right.reshape(parts, -1) @ worth.right + wrong.reshape(parts, -1) @ worth.wrong
    return total


def guesses(answers: Answers, evidence: float) -> bool:
    """Whether a person is taken as guessing in all trials.

    They are if they gave ten answers or more, and these, catch trials included, are at least three times as likely from
    somebody who guesses as from somebody who sees, whatever their threshold, slope and lapse rate may be. A Bayes
    factor of 3 is where evidence begins to count: Kass & Raftery 1995, https://doi.org/10.1080/01621459.1995.10476572.
    A person who sees only what anybody sees is right in the catch trials, and so is not taken as guessing.

    Args:
        answers: of the person.
        evidence: as `log_evidence` gives it.
    """
    return len(answers) >= AT_LEAST and bool(log_guessing(answers) - evidence >= np.log(BAYES_FACTOR))


def log_evidence(grid: Grid, log_likelihood: FloatArray) -> float:
    """The logarithm of the probability of a person's answers, summed over all that may be true of one who sees.

    Args:
        grid: the whole prior.
        log_likelihood: (T, S, L).
    """
    prior = grid.log_prior
    return float(log_sum(prior + log_likelihood) - log_sum(prior))
