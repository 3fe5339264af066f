"""What is asked next: a function of design, seed and answers alone."""

import json
import math

import numpy as np
import pytest

from gradlab.errors import BadValueError
from gradlab.seeing.psychometrics import chance_correct, next_intensity, next_trial, schedule, share_correct, simulate
from gradlab.seeing.psychometrics.adaptive import asking
from gradlab.seeing.psychometrics.grid import normalised
from gradlab.seeing.psychometrics.likelihood import log_likelihood
from gradlab.types import Answer, Answers, Design, Observer, Scale, Trial

SIGN = Scale.spaced("sign", 0.5 / 255, 64 / 255)
RAW = Scale.spaced("raw", 0.01, 3.0, points=20, catch=10.0)
BOTH = Design((SIGN, RAW), trials=20)
SEEN = {"sign": Observer(6 / 255), "raw": Observer(0.3)}


def entropy(mass: np.ndarray) -> float:
    share = mass / mass.sum()
    return -float((share * np.log(share)).sum())


def test_levels_are_spaced_evenly_and_end_where_they_should() -> None:
    assert (SIGN.levels[0], SIGN.levels[-1], len(SIGN.levels), SIGN.catch) == (0.5 / 255, 64 / 255, 32, 64 / 255)
    ratios = np.diff(np.log(SIGN.levels))
    assert ratios == pytest.approx(ratios[0])


def test_the_next_level_is_the_one_of_the_least_expected_entropy() -> None:
    rows = simulate(BOTH, SEEN)[0][:21]
    answers = Answers.of(rows, "raw")
    grid, _ = asking(RAW.levels, 0.5)
    belief = normalised(grid.log_prior + log_likelihood(grid, answers))
    expected = []
    for level in RAW.levels:
        share = grid.correct(np.array([level]), 0.5)[0]
        right, wrong = (belief * share).sum((1, 2)), (belief * (1 - share)).sum((1, 2))
        expected.append(right.sum() * entropy(right) + wrong.sum() * entropy(wrong))
    assert next_intensity(RAW, answers) == RAW.levels[int(np.argmin(expected))]


def test_a_test_goes_on_from_its_answers_alone() -> None:
    """A simulated test is what a server would ask that remembers nothing but the rows of its database."""
    rows = simulate(BOTH, SEEN, runs=3, seed=7)
    for run, answers in enumerate(rows):
        stored = [json.loads(json.dumps(vars(answer))) for answer in answers]
        for number, answer in enumerate(answers):
            trial = next_trial(BOTH, 7 + run, [Answer(**row) for row in stored[:number]])
            assert trial == Trial(number, answer.scale, answer.intensity, answer.catch)
        assert next_trial(BOTH, 7 + run, answers) is None


def test_the_scales_take_turns_and_catch_trials_come_at_their_rate() -> None:
    order = schedule(Design((SIGN, RAW), trials=40, catch_every=8), seed=1)
    assert len(order) == 80 + 10
    plain = [name for name, catch in order if not catch]
    assert all({plain[k], plain[k + 1]} == {"sign", "raw"} for k in range(0, 80, 2))
    assert sorted(name for name, catch in order if catch) == ["raw"] * 5 + ["sign"] * 5
    for stretch in range(10):  # one catch trial goes with each eight others
        assert sum(catch for _, catch in order[stretch * 9 : (stretch + 1) * 9]) == 1
    assert schedule(Design((SIGN,), trials=5, catch_every=0), seed=1) == [("sign", False)] * 5


def test_the_seed_decides_the_order_once_and_for_all() -> None:
    assert schedule(BOTH, 3) == schedule(BOTH, 3)
    assert len({tuple(schedule(BOTH, seed)) for seed in range(20)}) == 20
    places = [[catch for _, catch in schedule(BOTH, seed)].index(True) for seed in range(400)]
    assert set(places) == set(range(8))
    # Written down: a study that was begun with another version of Python or numpy goes on as it began.
    assert [name[0] + "*" * catch for name, catch in schedule(BOTH, 2026)[:12]] == "s r s r r* s r r s r s s".split()


def test_intensities_are_levels_and_catch_trials_are_the_catch() -> None:
    for answer in simulate(BOTH, SEEN, runs=5)[0]:
        scale = {"sign": SIGN, "raw": RAW}[answer.scale]
        assert answer.intensity == scale.catch if answer.catch else answer.intensity in scale.levels


def test_a_scale_of_another_unit_is_asked_alike() -> None:
    other = Scale("sign", tuple(255 * level for level in SIGN.levels), 255 * SIGN.catch)
    first = simulate(Design((SIGN,)), {"sign": Observer(6 / 255)})[0]
    second = simulate(Design((other,)), {"sign": Observer(6.0)})[0]
    assert [answer.intensity for answer in second] == pytest.approx([255 * answer.intensity for answer in first])


@pytest.mark.parametrize(("right", "way"), [(True, -1), (False, 1)])
def test_who_is_always_right_is_asked_for_less_and_who_never_is_for_more(right: bool, way: int) -> None:
    rows: list[Answer] = []
    design = Design((SIGN,), catch_every=0)
    while trial := next_trial(design, 0, rows):
        rows.append(Answer(trial.scale, trial.intensity, right, trial.catch))
    assert rows[-1].intensity == (SIGN.levels[0] if way < 0 else SIGN.levels[-1])


def test_most_trials_are_near_the_threshold() -> None:
    rows = simulate(Design((SIGN,), catch_every=0), {"sign": Observer(6 / 255)}, runs=20)
    late = np.array([answer.intensity for run in rows for answer in run[20:]])
    assert 0.8 * 6 / 255 < np.median(late) < 2 * 6 / 255


def test_an_observer_is_right_as_often_as_the_function_says() -> None:
    observer = Observer(0.04, 3.0, 0.05)
    assert chance_correct(observer, Trial(0, "sign", 0.04, False)) == pytest.approx(0.75)
    assert chance_correct(observer, Trial(0, "sign", 0.0, False), guess=0.25) == pytest.approx(0.25)
    assert chance_correct(observer, Trial(0, "sign", 0.04, True)) == 0.95
    rows = simulate(Design((SIGN,), catch_every=1), {"sign": observer}, runs=100)
    caught = [answer.correct for run in rows for answer in run if answer.catch]
    assert np.mean(caught) == pytest.approx(0.95, abs=0.012)
    shares = [(a.correct, share_correct(a.intensity, 0.04, 3.0, 0.05)) for run in rows for a in run if not a.catch]
    assert np.mean([right for right, _ in shares]) == pytest.approx(np.mean([share for _, share in shares]), abs=0.02)


@pytest.mark.parametrize(
    ("design", "message"),
    [
        (Design(()), r"expected scales of different names, at least one, got \[\]"),
        (Design((SIGN, SIGN)), "expected scales of different names, at least one, got"),
        (Design((SIGN,), trials=0), "expected at least 1 trial for each scale, got 0"),
        (Design((SIGN,), catch_every=-1), "expected a catch trial for every so many others, 0 for none, got -1"),
        (Design((SIGN,), guess=0.8), "expected a guess rate above 0 and below 0.75, got 0.8"),
        (Design((Scale("s", (0.1,), 1.0),)), "expected levels of 's' that ascend from above 0, at least two"),
        (Design((Scale("s", (0.0, 0.1), 1.0),)), "expected levels of 's' that ascend"),
        (Design((Scale("s", (0.2, 0.1), 1.0),)), "expected levels of 's' that ascend"),
        (Design((Scale("s", (0.1, math.nan), 1.0),)), "expected levels of 's' that ascend"),
        (
            Design((Scale("s", (0.1, 0.2), 0.15),)),
            "expected a catch intensity of 's' of at least its highest level 0.2",
        ),
    ],
)
def test_a_design_that_cannot_be_given(design: Design, message: str) -> None:
    with pytest.raises(BadValueError, match=f"^{message}"):
        next_trial(design, 0, [])


def test_answers_of_another_test() -> None:
    design = Design((SIGN,), trials=3, catch_every=0)
    right = Answer("sign", 0.1, True)
    with pytest.raises(BadValueError, match="^expected at most 3 answers, the whole test, got 4$"):
        next_trial(design, 0, [right] * 4)
    with pytest.raises(BadValueError, match="^expected the answer to trial 1 to be of 'sign', got one of 'raw'$"):
        next_trial(design, 0, [right, Answer("raw", 0.1, True)])
    with pytest.raises(BadValueError, match=r"to be of 'sign', got one of 'sign' \(catch trial\)$"):
        next_trial(design, 0, [Answer("sign", 0.1, True, True)])
    with pytest.raises(BadValueError, match="^expected intensities of at least 0, got -1.0$"):
        next_trial(design, 0, [Answer("sign", -1.0, True)])


@pytest.mark.parametrize(
    ("observer", "message"),
    [
        (Observer(0.0), "expected a threshold and a slope above 0, got 0.0 and 3.0"),
        (Observer(math.nan), "expected a threshold and a slope above 0, got nan and 3.0"),
        (Observer(1.0, slope=0.0), "expected a threshold and a slope above 0, got 1.0 and 0.0"),
        (Observer(1.0, lapse=0.25), "expected a lapse rate of at least 0 and below 0.25, got 0.25"),
    ],
)
def test_an_observer_who_cannot_be(observer: Observer, message: str) -> None:
    with pytest.raises(BadValueError, match=f"^{message}$"):
        simulate(Design((SIGN,)), {"sign": observer})


def test_each_scale_has_its_observer() -> None:
    with pytest.raises(BadValueError, match=r"^expected an observer for each scale, got none for \['raw'\]$"):
        simulate(BOTH, {"sign": Observer(0.1)})
    assert simulate(BOTH, SEEN, runs=0) == []
