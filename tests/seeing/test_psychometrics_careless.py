"""People who lapse often, stop attending or guess: what is believed of them, and that the intervals hold."""

import math
from dataclasses import replace

import numpy as np
import pytest
from test_psychometrics import SPAN, observed, table

from gradlab.errors import BadValueError
from gradlab.seeing.psychometrics import fit, fit_people, share_correct, simulate
from gradlab.seeing.psychometrics.grid import CARELESS, around, normalised
from gradlab.seeing.psychometrics.likelihood import (
    STOPS,
    STRETCHES,
    careless,
    chances,
    levels_of,
    log_attending,
    log_evidence,
    log_likelihood,
)
from gradlab.types import Answer, Answers, Design, Observer, Scale

DESIGN = Design((Scale.spaced("sign", *SPAN),), trials=40)
ASKED = 45  # with catch trials
OBSERVER = Observer(6 / 255)


def tables(observers: list[Observer], seed: int = 0, design: Design = DESIGN) -> list[Answers]:
    rows = simulate(design, {"sign": observers}, len(observers), seed)
    return [Answers.of(row, "sign") for row in rows]


def at_least(share: float, count: int, risk: float = 0.01) -> int:
    """The least of `count` that a share as large as this gives, but for one time in a hundred: by the binomial."""
    chances_ = [math.comb(count, k) * share**k * (1 - share) ** (count - k) for k in range(count + 1)]
    return next(k for k in range(count + 1) if sum(chances_[: k + 1]) > risk)


# What is believed


def test_who_stops_attending_is_the_sum_over_where_they_stop() -> None:
    grid, chance = around(SPAN, (5, 3, 3)), np.random.default_rng(3)
    answers = Answers(
        np.geomspace(0.01, 0.2, 30), chance.random(30) < 0.7, chance.random(30) < 0.2, number=np.arange(30)
    )  # fmt: skip
    found = log_attending(chances(grid, levels_of(answers), 0.5), answers)
    for place in np.ndindex(*grid.shape):
        t, s, lapse = grid.thresholds[place[0]], grid.slopes[place[1]], grid.lapses[place[2]]
        share = np.where(answers.catch, 1 - lapse, share_correct(answers.intensity, t, s, lapse)).clip(1e-9, 1 - 1e-9)
        each = np.where(answers.correct, share, 1 - share)
        ways = [STOPS / (STRETCHES - 1) * each[: 3 * k].prod() * 0.5 ** (30 - 3 * k) for k in range(1, STRETCHES)]
        total = (1 - STOPS) * each.prod() + sum(ways)
        assert found[place] == pytest.approx(math.log(total), abs=1e-9)


def test_without_an_order_nobody_is_suspected_of_stopping() -> None:
    answers, grid = observed(40, 1), around(SPAN, (9, 3, 3))
    assert answers.number is None
    found = log_attending(chances(grid, levels_of(answers), 0.5), answers)
    assert found == pytest.approx(log_likelihood(grid, answers), abs=1e-12)


def test_it_is_the_number_that_counts_not_the_row() -> None:
    (answers,) = tables([replace(OBSERVER, attends=30)], 4)
    mixed = np.random.default_rng(0).permutation(len(answers))
    assert answers.number is not None
    again = Answers(
        answers.intensity[mixed], answers.correct[mixed], answers.catch[mixed], number=answers.number[mixed]
    )  # fmt: skip
    assert fit(again, SPAN).threshold == fit(answers, SPAN).threshold
    backwards = replace(answers, number=answers.number[::-1].copy())
    assert fit(backwards, SPAN).threshold != fit(answers, SPAN).threshold


def test_guesses_at_the_end_are_told_from_a_high_threshold() -> None:
    late = tables([replace(OBSERVER, attends=30)] * 30)
    ordered, shuffled = (
        np.mean([np.average(np.log(found.thresholds), weights=found.weights) for found in fits])
        for fits in (
            [fit(answers, SPAN) for answers in late],
            [fit(replace(answers, number=None), SPAN) for answers in late],
        )
    )
    assert abs(ordered - np.log(6 / 255)) < 0.1 < abs(shuffled - np.log(6 / 255))


def test_the_prior_of_the_lapse_rate_is_careful_people_and_careless_ones() -> None:
    grid = around((0.01, 0.1), (3, 3, 241), CARELESS)
    mass = normalised(grid.log_prior_of_lapses)
    careful = 20 * (1 - grid.lapses) ** 19 / (1 - 0.76**20)
    expected = 0.85 * careful + 0.15 / 0.24
    expected[[0, -1]] /= 2
    assert mass == pytest.approx(expected / expected.sum())


def test_without_catch_trials_all_are_believed_to_take_care() -> None:
    answers = observed(60, 3)
    caught = replace(
        answers,
        **{
            name: np.append(getattr(answers, name), more)
            for name, more in (("intensity", 1.0), ("correct", True), ("catch", True))
        },
    )
    assert (careless(answers), careless(caught), careless(answers, caught)) == (0, CARELESS, CARELESS)
    grid = around(SPAN, (801, 31, 13), CARELESS)
    mass = normalised(grid.log_prior + log_likelihood(grid, caught)).sum((1, 2))
    ends = np.exp(np.interp((0.025, 0.975), np.cumsum(mass) - mass / 2, np.log(grid.thresholds)))
    found = fit(caught, SPAN).threshold
    assert (found.low, found.high) == pytest.approx(tuple(ends), rel=0.02)


def test_the_evidence_is_the_mean_likelihood_over_the_prior() -> None:
    grid, answers = around(SPAN, (7, 5, 3)), observed(20, 2)
    prior = normalised(grid.log_prior)
    logs = log_likelihood(grid, answers)
    assert log_evidence(grid, logs) == pytest.approx(math.log((prior * np.exp(logs)).sum()))


def test_an_observer_guesses_from_where_they_stop_attending() -> None:
    rows = simulate(DESIGN, {"sign": [Observer(1e-4, attends=20)] * 200}, 200)
    early = np.mean([answer.correct for run in rows for answer in run[:20]])
    late = np.mean([answer.correct for run in rows for answer in run[20:]])
    assert early > 0.95
    assert late == pytest.approx(0.5, abs=0.03)
    with pytest.raises(BadValueError, match="^expected an observer who attends to at least 0 trials, got -1$"):
        simulate(DESIGN, {"sign": Observer(0.1, attends=-1)})
    with pytest.raises(BadValueError, match="^expected one observer, or one for each of 3 runs, got 2$"):
        simulate(DESIGN, {"sign": [OBSERVER] * 2}, 3)


def test_many_observers_answer_as_each_would_alone() -> None:
    observers = [Observer(t / 255) for t in (2, 6, 20)]
    together = simulate(DESIGN, {"sign": observers}, 3, seed=8)
    assert together == [simulate(DESIGN, {"sign": one}, 1, seed=8 + n)[0] for n, one in enumerate(observers)]


def test_answers_know_their_place_in_the_test() -> None:
    rows = [Answer("raw", 1.0, True), Answer("sign", 0.1, True), Answer("raw", 9.0, False, True)]
    assert Answers.of(rows, "sign").number.tolist() == [1, 2]  # type: ignore[union-attr]
    with pytest.raises(BadValueError, match=r"^expected a number for each of 1 answers, got \(2,\)$"):
        fit(Answers(np.array([0.1]), np.array([True]), np.array([False]), number=np.arange(2)))


# Who guesses


def test_who_guesses_is_found_and_who_sees_is_not() -> None:
    seeing = fit_people(tables([OBSERVER] * 100), SPAN)
    guessing = fit_people(tables([replace(OBSERVER, attends=0)] * 100), SPAN)
    assert seeing.guessers <= 1
    assert guessing.guessers >= at_least(0.85, 100)
    assert guessing.people == 100 - guessing.guessers


def test_who_sees_nothing_but_what_anybody_sees_does_not_guess() -> None:
    blind = fit_people(tables([Observer(10.0, lapse=0.0)] * 60), SPAN)
    assert (blind.guessers, blind.threshold.finding) == (0, "above")


def test_guessers_are_left_out_and_counted_where_that_is_wished() -> None:
    people = tables([OBSERVER] * 8, 1) + _guessing()[:2]
    found, kept = fit_people(people, SPAN), fit_people(people, SPAN, guessers=True)
    assert found.guessing == kept.guessing == (False,) * 8 + (True,) * 2
    assert (found.people, found.left_out, found.guessers) == (8, 2, 2)
    assert (kept.people, kept.left_out, kept.guessers) == (10, 0, 2)
    alone = fit_people(people[:8], SPAN)
    assert found.threshold == alone.threshold
    assert found.trials == alone.trials == 320
    assert kept.spread.high > found.spread.high  # type: ignore[union-attr]


def test_where_everybody_guesses_nothing_is_known() -> None:
    found = fit_people(_guessing())
    assert (found.people, found.left_out, found.trials) == (0, 3, 0)
    assert found.threshold.finding == "unknown"


def _guessing() -> list[Answers]:
    right = [n % 2 == 0 for n in range(40)]
    return [table([0.02, 0.05] * 20, right, [n > 29 for n in range(40)])] * 3


def test_before_ten_answers_nobody_guesses() -> None:
    missed = table([0.05] * 9, [False] * 9, [n > 4 for n in range(9)])
    more = table([0.05] * 10, [False] * 10, [n > 4 for n in range(10)])
    assert fit(missed).guessing == (False,)
    assert fit(more).guessing == (True,)


# Each person's lapse rate


def test_the_lapse_rate_of_a_class_is_the_mean_of_peoples() -> None:
    people = tables([replace(OBSERVER, lapse=0.0)] * 15 + [replace(OBSERVER, lapse=0.16)] * 5, 3)
    found = fit_people(people, SPAN)
    assert found.lapse.low < 0.04 < found.lapse.high
    assert found.lapse.low <= found.lapse.value <= found.lapse.high  # type: ignore[operator]


def test_one_careless_person_hardly_moves_the_rest() -> None:
    people = tables([OBSERVER] * 9, 5)
    careless = tables([Observer(6 / 255, lapse=0.2, attends=20)], 70)
    without, with_one = fit_people(people, SPAN), fit_people(people + careless, SPAN, guessers=True)
    assert without.threshold.value is not None
    assert with_one.threshold.value == pytest.approx(without.threshold.value, rel=0.1)


# The intervals, with a bound by the binomial; `python -m benchmarks.people` measures them on more

COUNT = 60


def covered(observers: list[Observer], seed: int) -> int:
    found = [fit(answers, SPAN).threshold for answers in tables(observers, seed)]
    return sum(end.low <= one.threshold <= end.high for end, one in zip(found, observers, strict=True))


def drawn(seed: int, **how: float) -> list[Observer]:
    chance = np.random.default_rng(seed)
    return [
        Observer(**{"threshold": 3 / 255 * 4 ** chance.random(), "slope": chance.uniform(2, 4), "lapse": 0.02, **how})
        for _ in range(COUNT)
    ]


@pytest.mark.parametrize(
    ("how", "share"),
    [({}, 0.92), ({"lapse": 0.2}, 0.9), ({"attends": round(0.75 * ASKED)}, 0.9)],
    ids=["careful", "lapses", "leaves"],
)
def test_the_interval_of_one_person_covers_the_truth(how: dict[str, float], share: float) -> None:
    assert covered(drawn(17, **how), 900) >= at_least(share, COUNT)


@pytest.mark.slow
def test_the_interval_of_a_class_with_two_guessers_covers_the_truth() -> None:
    chance = np.random.default_rng(23)
    thresholds = 6 / 255 * np.exp(0.35 * chance.standard_normal((COUNT, 10)))
    observers = [
        Observer(t, attends=0 if n < 2 else math.inf) for row in thresholds.tolist() for n, t in enumerate(row)
    ]
    people = tables(observers, 40_000)
    ends = [fit_people(people[10 * n : 10 * n + 10], SPAN).threshold for n in range(COUNT)]
    assert sum(end.low <= 6 / 255 <= end.high for end in ends) >= at_least(0.9, COUNT)
    middle = np.exp(np.mean([np.log(end.value or np.nan) for end in ends]))
    assert middle * 255 == pytest.approx(6, rel=0.1)
