"""Equal budgets, on curves where the answer is a formula."""

import pytest
from analytic import analytic_result

from gradlab.errors import BadValueError
from gradlab.paper import AIMS, at_equal_budget, fair_paragraph
from gradlab.types import Rule, SweepResult


def straight(slope: float) -> "object":
    return lambda e: 0.6 - slope * abs(e)


RESULT = analytic_result({Rule.SIGN: straight(2.0), Rule.RAW: straight(1.0)})


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize(("measure", "value"), [("l2", 0.5), ("linf", 0.05), ("ssim", 1 / 1.05)])
def test_it_is_read_off_between_the_points(measure: str, value: float, side: int) -> None:
    shares = at_equal_budget(RESULT, measure, value, side)
    assert shares[Rule.SIGN].accuracy == pytest.approx(0.5, abs=2e-3)
    assert shares[Rule.RAW].accuracy == pytest.approx(0.55, abs=2e-3)
    assert shares[Rule.SIGN].low < shares[Rule.SIGN].accuracy < shares[Rule.SIGN].high


def test_a_point_itself_is_exact_and_psnr_counts_downward() -> None:
    shares = at_equal_budget(RESULT, "psnr", 20.0)  # dB, that of 0.1
    assert shares[Rule.RAW].accuracy == 0.5
    assert shares[Rule.SIGN].accuracy == pytest.approx(0.4, abs=0.01)


def test_who_never_spends_as_much_is_left_out() -> None:
    assert at_equal_budget(RESULT, "linf", 1.0).keys() == {Rule.RAW}
    assert at_equal_budget(RESULT, "linf", 1e-9) == {}


def test_without_rounding_there_is_nothing_to_say_of_it() -> None:
    plain = SweepResult(
        **vars(RESULT) | {"curves": tuple(type(c)(**vars(c) | {"rounded": None, "ssim": None}) for c in RESULT.curves)}
    )
    with pytest.raises(BadValueError, match="eight_bit=True"):
        at_equal_budget(plain, "l2", 0.5, rounded=True)
    with pytest.raises(BadValueError, match="ssim=True"):
        at_equal_budget(plain, "ssim", 0.9)
    assert at_equal_budget(RESULT, "l2", 0.5, rounded=True) == at_equal_budget(RESULT, "l2", 0.5)


def test_the_paragraph_says_who_hurts_more_and_how_much_is_left() -> None:
    at = AIMS[2].find(RESULT)
    assert at is not None
    text = fair_paragraph(RESULT, at)
    assert text.startswith("At equal mean L2 (0.1) the sign of the gradient")
    assert "At equal median PSNR (40.0 dB)" in text
    assert "At equal mean SSIM (0.990)" in text
    swapped = analytic_result({Rule.SIGN: straight(0.1), Rule.RAW: straight(30.0)})
    assert "the gradient itself hurts more than its sign" in fair_paragraph(swapped, at)
    equal = analytic_result({Rule.SIGN: straight(1.0), Rule.RAW: straight(1.0)})
    assert "hurt about as much" in fair_paragraph(equal, at)
