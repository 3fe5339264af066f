"""The verdicts, on curves where they are known."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from analytic import IMAGES, analytic_curve, analytic_result
from helpers import result

from gradlab.paper import CLAIMS, MARGIN, Verdict, claim_rows, combination, judged
from gradlab.statistics import wilson_interval
from gradlab.types import Rule, SweepResult

Formula = Callable[[float], float]


def gone_at(epsilon: float, start: float = 0.6354) -> Formula:
    """All right images are gone at an epsilon above 0; below 0 nothing happens."""
    return lambda e: max(0.0, start * (1 - e / epsilon)) if e > 0 else start


def same(accuracy: float) -> Formula:
    return lambda e: accuracy


def equal_part(raw: Formula, psnr: float, steps: tuple[float, ...] = (-0.1, 0.01, 0.1)) -> SweepResult:
    """The part of a baseline at equal change: `raw`, which changes every image to that PSNR at every epsilon."""
    curve = analytic_curve(Rule.RAW, steps, raw)
    whole = replace(curve, psnr=np.full(curve.predictions.shape, psnr, np.float32), ssim=None)
    before = analytic_result({}, 0.635)
    empty = result(whole, labels=(0,) * IMAGES, planned=IMAGES)
    return replace(empty, clean_predictions=before.clean_predictions)


def test_by_the_interval_and_the_margin_it_can_be_three_things() -> None:
    clean, sign, *_ = CLAIMS
    figure = clean.figure
    assert judged(clean, figure - MARGIN, figure + MARGIN) == Verdict.COMPATIBLE
    assert judged(clean, figure + MARGIN + 1e-9, 1) == Verdict.NOT
    assert judged(clean, 0, figure - MARGIN - 1e-9) == Verdict.NOT
    assert judged(clean, figure - 0.03, figure + 0.001) == Verdict.UNKNOWN
    # Who claims that it falls so far is not refuted by its falling further.
    assert judged(sign, 0, 0.019) == Verdict.COMPATIBLE
    assert judged(replace(sign, figure=0.3), 0, 0.1) == Verdict.COMPATIBLE
    assert judged(sign, 0.0, 0.021) == Verdict.UNKNOWN
    assert judged(sign, 0.021, 0.03) == Verdict.NOT


@pytest.mark.parametrize("n", [100, 1000, 100_000])
@pytest.mark.parametrize("accuracy", [0.0, 0.55, 0.6354, 0.66, 1.0])
def test_the_verdict_on_the_clean_accuracy_is_that_of_its_interval(n: int, accuracy: float) -> None:
    low, high = (float(end) for end in wilson_interval(round(accuracy * n), n))
    inside = CLAIMS[0].figure - MARGIN <= low and high <= CLAIMS[0].figure + MARGIN
    outside = low > CLAIMS[0].figure + MARGIN or high < CLAIMS[0].figure - MARGIN
    expected = Verdict.COMPATIBLE if inside else Verdict.NOT if outside else Verdict.UNKNOWN
    assert judged(CLAIMS[0], low, high) == expected
    if n == 100_000:
        assert expected != Verdict.UNKNOWN or accuracy == 0.66


def test_each_figure_is_of_images_that_its_epsilon_was_not_chosen_on() -> None:
    clean, *others = claim_rows(analytic_result({Rule.SIGN: gone_at(0.1), Rule.RAW: gone_at(1.0)}, 0.635))
    assert clean.point is not None
    assert clean.point.images == IMAGES
    for row in others:
        assert row.point is not None
        assert row.point.images == IMAGES // 2
        assert "half of the images" in row.claim.fitted


def test_sign_falls_so_far_or_not() -> None:
    def verdict(sign: Formula) -> Verdict:
        return claim_rows(analytic_result({Rule.SIGN: sign, Rule.RAW: same(0.6)}))[1].verdict

    assert verdict(gone_at(0.1)) == Verdict.COMPATIBLE
    assert verdict(same(0.3)) == Verdict.NOT
    assert verdict(same(0.016)) == Verdict.UNKNOWN


def test_no_sign_is_judged_by_the_changes_that_pass_unseen() -> None:
    """It comes to its figure on the curve, always; whether it does so unseen is another question."""
    baseline = analytic_result({Rule.SIGN: same(0.5), Rule.RAW: lambda e: 0.262 if e >= 0.1 else 0.635}, 0.635)
    faint = claim_rows(baseline, equal_part(lambda e: 0.2 if e > 0 else 0.635, psnr=45))[2]
    strong = claim_rows(baseline, equal_part(lambda e: 0.2 if e > 0 else 0.635, psnr=38))[2]
    unknown = claim_rows(baseline)[2]
    for row in (faint, strong, unknown):
        assert row.point is not None
        assert (row.point.epsilon, row.measured) == (0.1, 0.262)
    assert (faint.verdict, faint.measured_unseen) == (Verdict.COMPATIBLE, 0.2)
    assert (strong.verdict, strong.measured_unseen) == (Verdict.NOT, pytest.approx(0.635, abs=2e-3))
    assert (unknown.verdict, unknown.unseen, unknown.interval_unseen) == (Verdict.UNKNOWN, None, None)
    # At another limit the same images count.
    assert claim_rows(baseline, equal_part(lambda e: 0.2, psnr=38), limit=34.0)[2].verdict == Verdict.COMPATIBLE


def test_the_negative_direction_is_an_error_rate_and_of_the_better_rule() -> None:
    baseline = analytic_result({Rule.SIGN: same(0.9), Rule.RAW: lambda e: 0.98 if e == -0.01 else 0.6})
    row = claim_rows(baseline)[3]
    assert row.point is not None
    assert (row.point.rule, row.point.epsilon) == (Rule.RAW, -0.01)
    assert row.measured == pytest.approx(0.02)
    assert row.interval == (1 - row.point.high, 1 - row.point.low)
    assert row.verdict == Verdict.COMPATIBLE


def test_the_row_of_a_combination() -> None:
    baseline = analytic_result({Rule.SIGN: gone_at(0.1), Rule.RAW: lambda e: 0.3 if e > 0.5 else 0.4 if e > 0 else 0.7})
    found = combination(baseline, equal_part(lambda e: 0.5, psnr=41))
    assert (found.model, found.dataset, found.images, found.limit) == ("tiny", "zoo", IMAGES, 40.0)
    assert found.clean.accuracy == 0.6
    assert found.sign is not None
    assert (found.sign.correct, found.sign.images) == (0, IMAGES // 2)
    assert found.raw is not None
    assert (found.raw.accuracy, found.raw.epsilon) == (0.3, 0.6)
    assert found.raw_unseen is not None
    assert (found.raw_unseen.accuracy, found.raw_unseen.epsilon) == (0.5, 0.01)
    assert found.negative is not None
    assert found.negative.accuracy == 0.7
    assert combination(baseline).raw_unseen is None
    assert math.isinf(found.clean.psnr)
