"""What is looked for is found on curves that are formulas, where it is known."""

import math

import pytest
from analytic import IMAGES, analytic_result

from gradlab.paper import AIMS, CLAIM_AIMS, NEGATIVE_AIMS, Aim, proposals
from gradlab.paper.aims import NARROW, _quarter
from gradlab.types import Rule, SweepResult, Unit, rounding_defined


def valley(epsilon: float, rule: Rule = Rule.SIGN) -> float:
    """0.6 at 0, lowest at 0.07, highest at −0.02; on a logarithmic axis a valley, as real curves are."""
    if epsilon == 0:
        return 0.6
    middle, height = (0.07, -0.55) if epsilon > 0 else (0.02, 0.35)
    return 0.6 + height * math.exp(-(math.log(abs(epsilon) / middle) ** 2))


def falling(epsilon: float) -> float:
    """Passes 0.2639 at 0.2."""
    return 0.6 if epsilon <= 0 else 0.6 * math.exp(-epsilon / 0.2 * math.log(0.6 / 0.2639))


FORMULAS = {Rule.SIGN: valley, Rule.RAW: falling}


def refined(aims: tuple[Aim, ...]) -> tuple[SweepResult, int]:
    """Measure whatever is proposed until nothing is; and how many epsilons that took."""
    more: dict[Rule, list[float]] = {}
    for _ in range(12):
        found = analytic_result(FORMULAS, more=more)
        wanted = proposals(found, aims)
        if not wanted:
            return found, sum(map(len, more.values()))
        for rule, epsilons in wanted.items():
            more[rule] = more.get(rule, []) + epsilons
    raise AssertionError(f"it never comes to an end: {more}")


@pytest.mark.parametrize(
    ("aim", "where"), [(AIMS[0], 0.07), (NEGATIVE_AIMS[0], -0.02), (AIMS[2], 0.01), (CLAIM_AIMS[0], 0.2)]
)
def test_it_comes_near(aim: Aim, where: float) -> None:
    result, _ = refined((aim,))
    found = aim.find(result)
    assert found is not None
    assert found.rule == aim.rule
    assert 1 / NARROW[aim.kind] <= found.epsilon / where <= NARROW[aim.kind]


def test_all_at_once_take_few_measurements() -> None:
    result, count = refined(AIMS + NEGATIVE_AIMS + CLAIM_AIMS)
    assert count < 40
    passed = CLAIM_AIMS[0].find(result)
    assert passed is not None
    assert passed.accuracy == pytest.approx(0.2639, abs=0.005)


def test_psnr_never_falls_below_its_target() -> None:
    found = AIMS[2].find(refined((AIMS[2],))[0])
    assert found is not None
    assert 40 <= found.psnr < 40.2


def test_of_several_that_are_as_good_it_is_the_nearest_to_zero() -> None:
    result = analytic_result({Rule.SIGN: lambda e: 0.0 if e > 0.03 else 0.6})
    found = AIMS[0].find(result)
    assert found is not None
    assert (found.correct, found.epsilon) == (0, pytest.approx(8 / 255))
    (epsilon,) = (e for e in proposals(result, AIMS[:1])[Rule.SIGN] if e < 8 / 255)
    assert 6 / 255 < epsilon < 8 / 255


def test_pixel_epsilons_are_quarters_of_a_level_no_half_among_them_and_others_have_three_digits() -> None:
    wanted = proposals(analytic_result(FORMULAS), AIMS + NEGATIVE_AIMS + CLAIM_AIMS)
    assert all(abs(e * 1020 - round(e * 1020)) < 1e-9 for e in wanted[Rule.SIGN])
    everything, _ = refined(AIMS + NEGATIVE_AIMS + CLAIM_AIMS)
    assert rounding_defined(Rule.SIGN, everything.curve(Rule.SIGN).epsilons).all()
    assert [round(_quarter(levels / 255) * 1020) / 4 for levels in (2.449, 2.5, 2.6, 3.1, 1.45)] == [
        2.25, 2.75, 2.75, 3.0, 1.25
    ]  # fmt: skip
    assert all(float(f"{e:.3g}") == e for e in wanted[Rule.RAW])


def test_what_a_curve_does_not_have_is_not_found() -> None:
    never = analytic_result({Rule.RAW: lambda e: 0.6}, more={Rule.RAW: [Unit.GRADIENT.row.last]})
    assert CLAIM_AIMS[0].find(never) is None
    assert CLAIM_AIMS[0].proposals(never) == []
    assert AIMS[0].find(never) is None
    assert proposals(never, AIMS[:1]) == {}
    from_below = analytic_result({Rule.RAW: lambda e: 0.1}, clean=0.1)
    assert CLAIM_AIMS[0].find(from_below) is None
    assert CLAIM_AIMS[0].proposals(from_below) == []


def test_it_is_looked_for_beyond_the_grid() -> None:
    """It passes 0.2639, and its lowest point, further out than a grid begins with."""
    more: dict[Rule, list[float]] = {}
    aims = (CLAIM_AIMS[0], AIMS[1])

    def late(epsilon: float) -> float:
        return 0.6 - 0.5 * math.exp(-(math.log(epsilon / 5000) ** 2)) if epsilon > 0 else 0.6

    for _ in range(24):
        found = analytic_result({Rule.RAW: late}, more=more)
        wanted = proposals(found, aims)
        if not wanted:
            break
        more[Rule.RAW] = more.get(Rule.RAW, []) + wanted[Rule.RAW]
    assert not wanted
    passed, lowest = (aim.find(found) for aim in aims)
    assert passed is not None
    assert lowest is not None
    assert passed.accuracy == pytest.approx(0.2639, abs=0.005)
    assert lowest.epsilon == pytest.approx(5000, rel=0.15)


def test_a_pixel_does_not_go_beyond_its_range() -> None:
    falls = analytic_result({Rule.SIGN: lambda e: 0.6 - 0.5 * max(0, e)})
    assert proposals(falls, AIMS[:1])[Rule.SIGN][-1] == pytest.approx(128 / 255)
    far = analytic_result({Rule.SIGN: lambda e: 0.6 - 0.5 * max(0, e)}, more={Rule.SIGN: [1.0]})
    assert max(proposals(far, AIMS[:1])[Rule.SIGN]) < 1


def test_a_point_is_what_was_measured() -> None:
    result = analytic_result(FORMULAS)
    found = AIMS[2].find(result)
    assert found is not None
    k = result.curve(Rule.RAW).epsilons.tolist().index(found.epsilon)
    assert found.correct == result.correct(result.curve(Rule.RAW))[k]
    assert found.images == IMAGES
    assert found.l2 == pytest.approx(10 * found.epsilon)
    assert found.low < found.accuracy < found.high
    assert found.error == 1 - found.accuracy
    assert found.ssim == pytest.approx(1 / (1 + found.epsilon))
