"""Which intensity to ask next.

Nothing is kept between two trials: the next one follows from the design, the seed and the answers so far, so that a
test goes on where it was left, on another server too.

The intensity is the one whose answer leaves the threshold least uncertain, by its expected entropy: Kontsevich & Tyler
1999, https://doi.org/10.1016/S0042-6989(98)00285-5. Slope and lapse rate are summed over before the entropy is taken,
so that no trial is spent on them for their own sake: Prins 2013, https://doi.org/10.1167/13.7.3
"""

import random
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from gradlab.errors import BadValueError
from gradlab.seeing.psychometrics.check import check_answers, check_design
from gradlab.seeing.psychometrics.grid import COARSE, WARY, Grid, around, normalised
from gradlab.seeing.psychometrics.likelihood import log_likelihood
from gradlab.types import Answer, Answers, Design, FloatArray, IntArray, Scale, Trial


def schedule(design: Design, seed: int) -> list[tuple[str, bool]]:
    """The whole test's order: the scale of each trial, and whether it is a catch trial.

    The scales take turns: each is asked once, in random order, before any is asked again. Among each `catch_every`
    trials one catch trial stands at a random place; the scales share them evenly.

    The random numbers are Python's own, whose sequence for a seed never changes from one version to the next.

    Raises:
        BadValueError: for a design that cannot be given.
    """
    check_design(design)
    chance = random.Random(seed)
    names = [scale.name for scale in design.scales]
    order = [(name, False) for _ in range(design.trials) for name in _shuffled(names, chance)]
    if not design.catch_every:
        return order
    count = len(order) // design.catch_every
    caught = [name for _ in range(count) for name in _shuffled(names, chance)][:count]
    for stretch in reversed(range(count)):
        place = stretch * design.catch_every + int(chance.random() * design.catch_every)
        order.insert(place, (caught[stretch], True))
    return order


def next_trial(design: Design, seed: int, answers: Sequence[Answer]) -> Trial | None:
    """What to ask after the answers so far; None when the test is done.

    Args:
        design: the test.
        seed: this person's, recorded when the test began.
        answers: all that were given so far, in the order in which they were asked.

    Raises:
        BadValueError: for a design that cannot be given, or answers that are not of this test: too many, of another
            scale than was asked, or a catch trial where none was.
    """
    order = schedule(design, seed)
    _check_order(order, answers)
    if len(answers) == len(order):
        return None
    name, catch = order[len(answers)]
    scale = next(scale for scale in design.scales if scale.name == name)
    intensity = scale.catch if catch else next_intensity(scale, Answers.of(answers, name, design.guess))
    return Trial(len(answers), name, intensity, catch)


def next_intensity(scale: Scale, answers: Answers) -> float:
    """The level of a scale whose answer is expected to tell most about the threshold.

    Args:
        scale: what may be asked.
        answers: one person's so far, in any order.

    Raises:
        BadValueError: as `next_trial`, and as `fit` for the answers.
    """
    check_design(Design((scale,), guess=answers.guess))
    check_answers(answers)
    grid, tables = asking(scale.levels, answers.guess)
    weights = normalised(grid.log_prior + log_likelihood(grid, answers))
    return scale.levels[int(most_telling(weights.reshape(1, len(grid.thresholds), -1), tables)[0])]


def most_telling(weights: FloatArray, tables: FloatArray) -> IntArray:
    """For each of R people, the place of the level after which the threshold's expected entropy is lowest, (R,).

    Args:
        weights: (R, T, N), what is believed of each: thresholds × all else; each person's sum 1.
        tables: (T, N, X), the share of right answers at each of X levels.
    """
    right = np.matmul(weights.transpose(1, 0, 2), tables)  # (T, R, X): right, and this the threshold
    wrong = weights.sum(2).T[:, :, None] - right
    entropy = -_plogp(right).sum(0) - _plogp(wrong).sum(0) + _plogp(right.sum(0)) + _plogp(wrong.sum(0))
    # Rounded, so that a difference of rounding does not choose between two levels that tell as much.
    places: IntArray = entropy.round(9).argmin(1)
    return places


@lru_cache(maxsize=16)
def asking(levels: tuple[float, ...], guess: float) -> tuple[Grid, FloatArray]:
    """The grid for a scale's levels, and the share of right answers at each, (T, N, X); read only, both."""
    grid = around((levels[0], levels[-1]), COARSE, WARY)
    share = grid.correct(np.array(levels), guess).reshape(len(levels), len(grid.thresholds), -1)
    tables = np.ascontiguousarray(share.transpose(1, 2, 0))
    tables.flags.writeable = False
    return grid, tables


def _plogp(share: FloatArray) -> FloatArray:
    product: FloatArray = share * np.log(np.maximum(share, 1e-300))
    return product


def _shuffled(names: list[str], chance: random.Random) -> list[str]:
    keys = {name: chance.random() for name in names}
    return sorted(names, key=keys.__getitem__)


def _check_order(order: list[tuple[str, bool]], answers: Sequence[Answer]) -> None:
    if len(answers) > len(order):
        raise BadValueError(f"expected at most {len(order)} answers, the whole test, got {len(answers)}")
    for number, ((name, catch), answer) in enumerate(zip(order, answers, strict=False)):
        if (answer.scale, answer.catch) != (name, catch):
            raise BadValueError(
                f"expected the answer to trial {number} to be of {_kind(name, catch)}, "
                f"got one of {_kind(answer.scale, answer.catch)}"
            )


def _kind(name: str, catch: bool) -> str:
    return f"{name!r} (catch trial)" if catch else repr(name)
