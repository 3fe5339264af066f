"""The verdicts, on curves where they are known."""

import math

import pytest
from analytic import analytic_result

from gradlab.paper import VISIBLE_BELOW, Verdict, claim_rows, combination
from gradlab.types import Rule


def gone_at(epsilon: float, start: float = 0.6354) -> "object":
    """All right images are gone at an epsilon above 0; below 0 nothing happens."""
    return lambda e: max(0.0, start * (1 - e / epsilon)) if e > 0 else start


def verdicts(sign, raw, clean: float = 0.635) -> list[Verdict]:  # type: ignore[no-untyped-def]
    return [row.verdict for row in claim_rows(analytic_result({Rule.SIGN: sign, Rule.RAW: raw}, clean))]


def test_clean_accuracy_may_be_half_a_point_off() -> None:
    nothing = gone_at(math.inf)
    assert verdicts(nothing, nothing, clean=0.635)[0] == verdicts(nothing, nothing, clean=0.640)[0] == Verdict.HOLDS
    assert verdicts(nothing, nothing, clean=0.642)[0] == Verdict.NOT


def test_sign_has_to_come_to_nothing() -> None:
    assert verdicts(gone_at(0.1), gone_at(math.inf))[1] == Verdict.HOLDS
    assert verdicts(lambda e: 0.002, gone_at(math.inf))[1] == Verdict.NOT


@pytest.mark.parametrize(("near", "verdict"), [(0.01, Verdict.HOLDS), (0.2, Verdict.VISIBLE), (None, Verdict.NOT)])
def test_no_sign_has_to_pass_its_figure_unseen(near: float | None, verdict: Verdict) -> None:
    def raw(epsilon: float) -> float:
        return 0.635 if near is None or epsilon <= 0 else 0.2639 if epsilon == near else 0.5 if epsilon < near else 0.1

    row = claim_rows(analytic_result({Rule.SIGN: gone_at(1.0), Rule.RAW: raw}, 0.635))[2]
    assert row.verdict == verdict
    if near is not None:
        assert row.point is not None
        assert (row.point.epsilon, row.measured) == (near, 0.264)
        assert (row.point.psnr >= VISIBLE_BELOW) == (verdict == Verdict.HOLDS)


def test_the_negative_direction_is_an_error_rate_and_of_the_better_rule() -> None:
    row = claim_rows(analytic_result({Rule.SIGN: lambda e: 0.9, Rule.RAW: lambda e: 0.97 if e == -0.01 else 0.6}, 0.6))[
        3
    ]
    assert row.point is not None
    assert (row.point.rule, row.point.epsilon) == (Rule.RAW, -0.01)
    assert row.measured == pytest.approx(0.03)
    assert row.interval == (1 - row.point.high, 1 - row.point.low)
    assert row.verdict == Verdict.HOLDS


def test_noise_that_is_not_visible_comes_first() -> None:
    def below(far: float, near: float) -> list[object]:
        formula = {Rule.SIGN: lambda e: far if e < -0.1 else near if e < 0 else 0.6, Rule.RAW: lambda e: 0.6}
        row = claim_rows(analytic_result(formula, 0.6))[3]
        assert row.point is not None
        return [row.measured, row.verdict]

    assert below(far=0.99, near=0.97) == [pytest.approx(0.03), Verdict.HOLDS]
    assert below(far=0.99, near=0.90) == [pytest.approx(0.01), Verdict.VISIBLE]
    assert below(far=0.95, near=0.90) == [pytest.approx(0.05), Verdict.NOT]


def test_the_row_of_a_combination() -> None:
    found = combination(
        analytic_result({Rule.SIGN: gone_at(0.1), Rule.RAW: lambda e: 0.3 if e > 0.5 else 0.4 if e > 0 else 0.7}, 0.6)
    )
    assert (found.model, found.dataset, found.images) == ("tiny", "zoo", 1000)
    assert found.clean.accuracy == 0.6
    assert found.sign is not None
    assert found.sign.correct == 0
    assert found.raw is not None
    assert (found.raw.accuracy, found.raw.epsilon) == (0.3, 0.6)
    assert found.raw_clean_looking is not None
    assert (found.raw_clean_looking.accuracy, found.raw_clean_looking.epsilon) == (0.4, 0.01)
    assert found.negative is not None
    assert found.negative.accuracy == 0.7
