"""Simulated observers: how good a test is, before people take it."""

from collections.abc import Mapping, Sequence

import numpy as np

from gradlab.errors import BadValueError
from gradlab.seeing.psychometrics.adaptive import asking, most_telling, schedule
from gradlab.seeing.psychometrics.check import check_observer
from gradlab.seeing.psychometrics.grid import share_correct
from gradlab.types import Answer, Design, FloatArray, IntArray, Observer, Scale, Trial

_TOGETHER = 16  # runs: what is believed of more does not fit a processor's cache


def chance_correct(observer: Observer, trial: Trial, guess: float = 0.5) -> float:
    """How likely an observer is right in a trial: ψ of the intensity; 1 − λ in a catch trial; γ where they guess.

    Raises:
        BadValueError: for an observer without a threshold above 0.
    """
    check_observer(observer)
    if trial.number >= observer.attends:
        return guess
    if trial.catch:
        return 1 - observer.lapse
    return float(share_correct(trial.intensity, observer.threshold, observer.slope, observer.lapse, guess))


def simulate(
    design: Design, observers: Mapping[str, Observer | Sequence[Observer]], runs: int = 1, seed: int = 0
) -> list[tuple[Answer, ...]]:
    """Whole tests of an observer, or of many, as `next_trial` would ask them; many at once, which is quicker.

    Args:
        design: the test.
        observers: for each scale, by name, what is true of the observer there; or of the observer of each run.
        runs: how many tests; run r has the seed `seed + r`, and an observer who answers by a chance of their own.
        seed: of the first run.

    Returns:
        For each run, the answers in the order in which they were asked.

    Raises:
        BadValueError: for a design that cannot be given, a scale without an observer or with fewer than there are runs,
            or an observer without a threshold above 0.
    """
    if missing := [scale.name for scale in design.scales if scale.name not in observers]:
        raise BadValueError(f"expected an observer for each scale, got none for {missing}")
    people = {scale.name: _each(observers[scale.name], runs) for scale in design.scales}
    answered: list[tuple[Answer, ...]] = []
    for first in range(0, runs, _TOGETHER):
        some = slice(first, first + _TOGETHER)
        answered += _together(
            design, {name: each[some] for name, each in people.items()}, range(seed, seed + runs)[some]
        )
    return answered


def _together(
    design: Design, people: Mapping[str, Sequence[Observer]], seeds: Sequence[int]
) -> list[tuple[Answer, ...]]:
    """Some whole tests, of these seeds, a trial of all of them at a time."""
    orders = [schedule(design, seed) for seed in seeds]
    draws = [np.random.default_rng([seed, 1]).random(len(order)) for seed, order in zip(seeds, orders, strict=True)]
    beliefs = {scale.name: _prior(scale.levels, design.guess, len(seeds)) for scale in design.scales}
    answered: list[list[Answer]] = [[] for _ in orders]
    for number, asked in enumerate(zip(*orders, strict=True)):
        for scale in design.scales:
            for catch in (False, True):
                rows = np.flatnonzero([one == (scale.name, catch) for one in asked])
                trials = _trials(scale, catch, number, beliefs[scale.name][rows], design.guess)
                for run, trial in zip(rows.tolist(), trials, strict=True):
                    right = draws[run][number] < chance_correct(people[scale.name][run], trial, design.guess)
                    answered[run].append(Answer(trial.scale, trial.intensity, bool(right), trial.catch))
                _learn(design, beliefs, rows, [answered[run][-1] for run in rows])
    return [tuple(rows) for rows in answered]


def _each(observers: Observer | Sequence[Observer], runs: int) -> Sequence[Observer]:
    """The observer of each run."""
    each = [observers] * runs if isinstance(observers, Observer) else observers
    if len(each) != runs:
        raise BadValueError(f"expected one observer, or one for each of {runs} runs, got {len(each)}")
    return each


def _trials(scale: Scale, catch: bool, number: int, beliefs: FloatArray, guess: float) -> list[Trial]:
    """What to ask R people, of each of whom (T, N) is believed."""
    if catch or not len(beliefs):
        return [Trial(number, scale.name, scale.catch, True)] * len(beliefs)
    places = most_telling(beliefs, asking(scale.levels, guess)[1])
    return [Trial(number, scale.name, scale.levels[place], False) for place in places.tolist()]


def _learn(design: Design, beliefs: dict[str, FloatArray], rows: IntArray, answers: list[Answer]) -> None:
    """Weigh what is believed of some runs by their answers to one kind of trial, in place.

    A catch trial tells of the lapse rate on every scale, any other trial of its own scale.
    """
    for scale in design.scales if answers else ():
        if not (answers[0].catch or scale.name == answers[0].scale):
            continue
        grid, tables = asking(scale.levels, design.guess)
        if answers[0].catch:
            share = np.tile(1 - grid.lapses, len(grid.slopes))[None, None, :]
        else:
            share = tables[:, :, [scale.levels.index(answer.intensity) for answer in answers]].transpose(2, 0, 1)
        right = np.array([answer.correct for answer in answers])[:, None, None]
        learned = beliefs[scale.name][rows] * np.where(right, share, np.maximum(1 - share, 1e-9))
        beliefs[scale.name][rows] = learned / learned.sum((1, 2), keepdims=True)


def _prior(levels: tuple[float, ...], guess: float, runs: int) -> FloatArray:
    grid, _ = asking(levels, guess)
    prior = np.exp(grid.log_prior).reshape(len(grid.thresholds), -1)
    return np.repeat((prior / prior.sum())[None], runs, axis=0)
