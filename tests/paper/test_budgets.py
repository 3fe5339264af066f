"""Equal budgets, on curves where the answer is a formula."""

import pytest
from analytic import analytic_result

from gradlab.errors import BadValueError
from gradlab.paper import at_equal_budget
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
