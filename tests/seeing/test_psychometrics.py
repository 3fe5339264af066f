"""The psychometric function, the fit and its curve: closed forms, brute force, and what must not matter."""

import math

import numpy as np
import pytest

from gradlab.errors import BadValueError
from gradlab.seeing.psychometrics import curve, fit, fit_people, share_correct, simulate
from gradlab.seeing.psychometrics.grid import SIZE, around, normalised
from gradlab.seeing.psychometrics.likelihood import log_likelihood
from gradlab.types import Answer, Answers, Design, Estimate, Observer, Scale

SPAN = (0.5 / 255, 64 / 255)


def table(intensity: list[float], correct: list[bool], catch: list[bool] | None = None, guess: float = 0.5) -> Answers:
    caught = [False] * len(intensity) if catch is None else catch
    return Answers(np.array(intensity, dtype=np.float64), np.array(correct, bool), np.array(caught, bool), guess)


def observed(count: int, seed: int, threshold: float = 0.04, slope: float = 3.0, lapse: float = 0.02) -> Answers:
    """An observer's answers at seven levels around the threshold."""
    chance = np.random.default_rng(seed)
    x = np.resize(np.geomspace(threshold / 3, threshold * 3, 7), count)
    right = chance.random(count) < share_correct(x, threshold, slope, lapse)
    return Answers(x, right, np.zeros(count, bool))


@pytest.mark.parametrize("guess", [0.25, 1 / 3, 0.5])
@pytest.mark.parametrize("lapse", [0.0, 0.03, 0.2])
@pytest.mark.parametrize("slope", [0.7, 3.0, 10.0])
def test_the_threshold_is_where_three_of_four_answers_are_right(guess: float, lapse: float, slope: float) -> None:
    assert share_correct(0.04, 0.04, slope, lapse, guess) == pytest.approx(0.75, abs=1e-14)
    assert share_correct(0.0, 0.04, slope, lapse, guess) == pytest.approx(guess, abs=1e-14)
    assert share_correct(1e30, 0.04, slope, lapse, guess) == pytest.approx(1 - lapse, abs=1e-14)


def test_the_function_without_lapses_is_watsons() -> None:
    # With γ = 1/2 and λ = 0 the constant is ln 2: ψ = 1 − 2^(−(x/t)^β) / 2.
    x = np.array([0.5, 1.0, 2.0])
    assert share_correct(x, 1.0, 2.0) == pytest.approx(1 - 0.5 * 2.0 ** -(x**2), abs=1e-14)


def test_the_function_rises_and_scales_with_its_axis() -> None:
    x = np.geomspace(1e-3, 0.25, 50)
    share = share_correct(x, 0.1, 2.5, 0.02)
    assert bool((np.diff(share) > 0).all())
    assert share_correct(255 * x, 25.5, 2.5, 0.02) == pytest.approx(share, abs=1e-12)


def test_the_prior_and_what_is_believed_sum_to_one() -> None:
    grid = around(SPAN)
    assert grid.shape == SIZE
    assert normalised(grid.log_prior).sum() == pytest.approx(1)
    found = fit(observed(40, 0), SPAN)
    assert found.weights.sum() == pytest.approx(1)
    assert bool((found.weights > 0).all())


def test_the_likelihood_is_the_product_over_the_answers() -> None:
    grid = around((0.02, 0.1), (5, 4, 3))
    answers = table(
        [0.02, 0.05, 0.05, 0.1, 1.0, 1.0], [False, True, False, True, True, False], [False] * 4 + [True] * 2
    )
    for i, threshold in enumerate(grid.thresholds):
        for j, slope in enumerate(grid.slopes):
            for k, lapse in enumerate(grid.lapses[1:], start=1):
                p = [share_correct(x, threshold, slope, lapse) for x in (0.02, 0.05, 0.1)]
                product = (1 - p[0]) * p[1] * (1 - p[1]) * p[2] * (1 - lapse) * lapse
                assert log_likelihood(grid, answers)[i, j, k] == pytest.approx(math.log(product), abs=1e-12)


def test_the_fit_is_brute_force_on_a_far_finer_grid() -> None:
    answers = observed(60, 3)
    grid = around(SPAN, (801, 41, 13))
    mass = normalised(grid.log_prior + log_likelihood(grid, answers)).sum((1, 2))
    low, middle, high = np.exp(np.interp((0.025, 0.5, 0.975), np.cumsum(mass) - mass / 2, np.log(grid.thresholds)))
    found = fit(answers, SPAN).threshold
    assert (found.low, found.value, found.high) == pytest.approx((low, middle, high), rel=0.01)


def test_ten_thousand_answers_leave_no_doubt() -> None:
    found = fit(observed(10_000, 1))
    assert found.threshold.value == pytest.approx(0.04, rel=0.03)
    assert found.slope.value == pytest.approx(3, rel=0.1)
    assert found.lapse.value == pytest.approx(0.02, abs=0.01)
    assert found.threshold.high / found.threshold.low < 1.15


def test_the_order_of_the_answers_does_not_matter() -> None:
    answers = observed(50, 2)
    shuffled = np.random.default_rng(0).permutation(50)
    again = Answers(answers.intensity[shuffled], answers.correct[shuffled], answers.catch[shuffled])
    assert fit(again).threshold == fit(answers).threshold


@pytest.mark.parametrize("factor", [1 / 255, 255.0, 1e6])
def test_another_unit_of_the_axis_scales_the_threshold_alone(factor: float) -> None:
    answers = observed(50, 4)
    here = fit(answers)
    there = fit(Answers(answers.intensity * factor, answers.correct, answers.catch))
    assert here.threshold.value is not None
    assert there.threshold.value == pytest.approx(here.threshold.value * factor, rel=1e-6)
    assert (there.threshold.low, there.threshold.high) == pytest.approx(
        (here.threshold.low * factor, here.threshold.high * factor), rel=1e-6
    )
    assert there.slope.value == pytest.approx(here.slope.value, rel=1e-6)


def test_what_anybody_sees_tells_of_lapses_and_not_of_thresholds_by_itself() -> None:
    answers = observed(40, 5)
    missed = Answers(
        np.append(answers.intensity, [1.0] * 6), np.append(answers.correct, [False] * 6),
        np.append(answers.catch, [True] * 6),
    )  # fmt: skip
    seen = Answers(missed.intensity, np.append(answers.correct, [True] * 6), missed.catch)
    assert fit(missed).lapse.value > fit(answers).lapse.value > fit(seen).lapse.value
    assert (fit(missed).catches, fit(missed).catches_right, fit(missed).trials) == (6, 0, 40)
    assert fit(seen).span == fit(answers).span


@pytest.mark.parametrize(
    ("correct", "finding"),
    [([True] * 40, "below"), ([True, False] * 20, "above"), ([False] * 40, "above")],
)
def test_answers_that_only_bound_the_threshold_give_a_bound(correct: list[bool], finding: str) -> None:
    x = np.repeat(np.geomspace(0.01, 0.1, 4), 10).tolist()
    found = fit(table(x, correct)).threshold
    assert (found.value, found.finding) == (None, finding)
    if finding == "below":
        assert found.low == 0
        assert 0.01 <= found.high < 0.1
    else:
        assert math.isinf(found.high)
        assert 0.01 < found.low <= 0.1


def test_a_bound_is_never_tighter_than_what_was_asked() -> None:
    assert fit(table([0.05] * 40, [True] * 40)).threshold == Estimate(None, 0.0, 0.05)
    assert fit(table([0.05] * 40, [True, False] * 20)).threshold == Estimate(None, 0.05, math.inf)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_few_answers_say_nothing(count: int) -> None:
    found = fit(table([0.02, 0.04, 0.08][:count], [False, True, True][:count]), (0.01, 0.1))
    assert (found.threshold, found.threshold.finding) == (Estimate(None, 0.0, math.inf), "unknown")


def test_the_curve_crosses_at_the_threshold_and_the_band_at_its_interval() -> None:
    found = fit(observed(200, 6))
    band = curve(found)
    assert len(band.intensities) == 101
    for edge, end in ((band.middle, "value"), (band.high, "low"), (band.low, "high")):
        assert np.interp(0.75, edge, band.intensities) == pytest.approx(getattr(found.threshold, end), rel=0.01)
        assert bool((np.diff(edge) >= -1e-12).all())
    assert bool(((band.low >= 0.5) & (band.low <= band.middle) & (band.middle <= band.high)).all())
    assert curve(found, np.array([0.0])).middle == pytest.approx([0.5])


def test_answers_of_one_scale_take_the_catch_trials_of_all() -> None:
    rows = [
        Answer("sign", 0.1, True), Answer("raw", 2.0, False), Answer("raw", 9.0, False, True),
        Answer("sign", 0.5, True, True),
    ]  # fmt: skip
    own = Answers.of(rows, "sign")
    assert own.intensity.tolist() == [0.1, 9.0, 0.5]
    assert own.correct.tolist() == [True, False, True]
    assert own.catch.tolist() == [False, True, True]
    assert (fit(own, SPAN).trials, fit(own, SPAN).catches) == (1, 2)


def test_people_who_are_all_alike_are_nearly_one() -> None:
    tables = [observed(40, seed) for seed in range(20)]
    together = fit_people(tables, SPAN)
    assert (together.people, together.trials) == (20, 800)
    assert together.spread is not None
    assert together.spread.value < 1.2
    assert together.threshold.low < 0.04 < together.threshold.high
    assert together.threshold.high / together.threshold.low < 1.4
    assert np.interp(0.75, curve(together).middle, curve(together).intensities) == pytest.approx(
        together.threshold.value, rel=0.03
    )


def test_people_who_differ_widen_the_interval_and_the_spread_says_so() -> None:
    apart = np.exp(0.5 * np.random.default_rng(8).standard_normal(25))
    tables = [observed(60, seed, threshold=0.04 * factor) for seed, factor in enumerate(apart.tolist())]
    together = fit_people(tables, SPAN)
    true = 0.04 * float(np.exp(np.log(apart).mean()))
    assert together.threshold.value == pytest.approx(true, rel=0.1)
    assert together.spread.low < np.exp(np.log(apart).std()) < together.spread.high
    joined = Answers(
        *(np.concatenate([getattr(t, name) for t in tables]) for name in ("intensity", "correct", "catch"))
    )
    as_one = fit(joined, SPAN).threshold
    assert math.log(together.threshold.high / together.threshold.low) > 1.5 * math.log(as_one.high / as_one.low)


def test_the_order_of_people_does_not_matter() -> None:
    tables = [observed(20, seed, threshold=0.02 + 0.01 * seed) for seed in range(5)]
    ends = [fit_people(order, SPAN).threshold for order in (tables, tables[::-1])]
    assert (ends[0].low, ends[0].high) == pytest.approx((ends[1].low, ends[1].high), rel=1e-9)


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        (table([0.1, -0.1], [True, True]), "expected intensities of at least 0, got -0.1"),
        (table([math.nan], [True]), "expected intensities of at least 0, got nan"),
        (table([math.inf], [True]), "expected intensities of at least 0, got inf"),
        (table([0.1], [True], guess=0.75), "expected a guess rate above 0 and below 0.75, got 0.75"),
        (table([0.1], [True], guess=0.0), "expected a guess rate above 0 and below 0.75, got 0.0"),
        (table([0.1, 0.2], [True]), r"expected three columns of one length, got the shapes \[\(1,\), \(2,\)\]"),
        (table([], []), "expected an answer at an intensity above 0, or the span that was to be asked, got neither"),
        (table([0.0], [True]), "expected an answer at an intensity above 0, or the span that was to be asked"),
        (table([1.0], [True], [True]), "expected an answer at an intensity above 0, or the span that was to be asked"),
    ],
)
def test_answers_that_make_no_sense(answers: Answers, message: str) -> None:
    if len(answers.correct) != len(answers.intensity):
        answers = Answers(answers.intensity, answers.correct, np.zeros(len(answers.intensity), bool))
    with pytest.raises(BadValueError, match=f"^{message}"):
        fit(answers)


@pytest.mark.parametrize("span", [(0.0, 1.0), (2.0, 1.0), (1.0, math.inf), (math.nan, 1.0)])
def test_a_span_that_is_none(span: tuple[float, float]) -> None:
    with pytest.raises(BadValueError, match="^expected a lowest and a highest intensity, above 0 and in this order"):
        fit(observed(10, 0), span)


def test_people_of_different_tasks_are_not_thrown_together() -> None:
    with pytest.raises(BadValueError, match="expected at least one person, and one guess rate for all, got 2"):
        fit_people([table([0.1], [True]), table([0.1], [True], guess=0.25)])
    with pytest.raises(BadValueError, match="expected at least one person"):
        fit_people([])


@pytest.mark.slow
@pytest.mark.parametrize(("threshold", "slope"), [(3 / 255, 3.0), (6 / 255, 2.0), (12 / 255, 3.0)])
def test_known_thresholds_are_recovered_from_forty_adaptive_trials(threshold: float, slope: float) -> None:
    design = Design((Scale.spaced("sign", *SPAN),), trials=40)
    runs = simulate(design, {"sign": Observer(threshold, slope, 0.02)}, runs=1000)
    check_recovery([fit(Answers.of(rows, "sign"), SPAN).threshold for rows in runs], threshold, found_at_least=0.9)


@pytest.mark.slow
@pytest.mark.parametrize("slope", [2.0, 3.0])
def test_known_thresholds_are_recovered_from_constant_stimuli(slope: float) -> None:
    chance = np.random.default_rng(5)
    x = np.repeat(0.04 * np.array([0.35, 0.6, 1, 1.6, 2.8]), 8)
    chances = share_correct(x, 0.04, slope, 0.02)
    tables = [Answers(x, chance.random(len(x)) < chances, np.zeros(len(x), bool)) for _ in range(1000)]
    check_recovery([fit(answers, SPAN).threshold for answers in tables], 0.04, found_at_least=0.8)


def check_recovery(found: list[Estimate], true: float, found_at_least: float) -> None:
    """Bias under 5 %, coverage of 92 to 98 %, and mostly a threshold at all."""
    values = np.array([estimate.value for estimate in found if estimate.value is not None])
    covered = np.mean([estimate.low <= true <= estimate.high for estimate in found])
    assert len(values) >= found_at_least * len(found)
    assert abs(values.mean() / true - 1) < 0.05
    assert 0.92 <= covered <= 0.98


@pytest.mark.slow
def test_the_median_of_people_is_covered_as_promised() -> None:
    design = Design((Scale.spaced("sign", *SPAN),), trials=20)
    chance = np.random.default_rng(11)
    covered = 0
    for study in range(60):
        thresholds = 6 / 255 * np.exp(0.35 * chance.standard_normal(12))
        rows = [
            simulate(design, {"sign": Observer(t)}, 1, 1000 * study + k)[0] for k, t in enumerate(thresholds.tolist())
        ]
        found = fit_people([Answers.of(row, "sign") for row in rows], SPAN).threshold
        covered += found.low <= 6 / 255 <= found.high
    assert 0.87 <= covered / 60 <= 1  # 95 % of 60, less three standard errors
