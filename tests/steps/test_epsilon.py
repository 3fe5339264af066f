"""Epsilon as people write it, as we show it, and the grids."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import torch

from gradlab.errors import BadValueError
from gradlab.steps.epsilon import (
    check_epsilon,
    default_grid,
    fine_grid,
    format_epsilon,
    of_default_grid,
    parse_epsilon,
    stretch,
)
from gradlab.types import Rule, rounding_defined


@pytest.mark.parametrize(
    ("text", "value"),
    [("0.03", 0.03), ("1e-3", 1e-3), ("-8/255", -8 / 255), ("+2/255", 2 / 255), (" 8 / 255 ", 8 / 255), ("-0", 0.0),
     ("0.5/255", 0.5 / 255), ("−8/255", -8 / 255), ("30", 30.0)],
)  # fmt: skip
def test_parse(text: str, value: float) -> None:
    assert parse_epsilon(text) == value


@pytest.mark.parametrize(
    "text", ["", "x", "8/", "/255", "8/0", "8/255/2", "nan", "inf", "-inf", "inf/inf", "1e39", "1e999", "8:255", "1+1"]
)
def test_nonsense_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(BadValueError, match=r"^epsilon .*: expected a finite number, such as 0.03 or -8/255$"):
        parse_epsilon(text)


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, 1e39, 10**400, True, None, "a", "nan", 1j, b"1", [0.1, 0.2], np.ones(2)]
)
def test_what_is_no_finite_number(value: object) -> None:
    with pytest.raises(BadValueError, match=r"^epsilon .*: expected a finite number"):
        check_epsilon(value)


@pytest.mark.parametrize(
    "value",
    [2, 0.25, np.float64(0.25), np.float32(0.25), np.int64(2), Fraction(1, 4), Decimal("0.25"), torch.tensor(0.25),
     torch.tensor([2]), np.array(0.25), np.array([0.25]), "0.25", "8/32"],
)  # fmt: skip
def test_any_one_number_will_do(value: object) -> None:
    checked = check_epsilon(value)
    assert type(checked) is float
    assert checked in (0.25, 2)


@pytest.mark.parametrize(
    ("epsilon", "rule", "shown"),
    [
        (8 / 255, "sign", "+8/255"),
        (-8 / 255, "random", "−8/255"),
        (0.5 / 255, "max", "+0.5/255"),
        (0.001 / 255, "sign", "+0.001/255"),
        (0.0314, "sign", "+8.007/255"),
        (0.2, "raw", "+0.2"),
        (-30.0, "raw", "−30"),
        (1e-6, "raw", "+1e-06"),
        (-0.75, "l2", "−0.75"),
        (0.0, "sign", "0"),
        (0.0, "raw", "0"),
        (-0.0, "l2", "0"),
    ],
)
def test_format(epsilon: float, rule: str, shown: str) -> None:
    assert format_epsilon(epsilon, Rule(rule)) == shown
    assert format_epsilon(epsilon, Rule(rule), signed=False) == shown.removeprefix("+")


@pytest.mark.parametrize("rule", list(Rule))
def test_default_grid(rule: Rule) -> None:
    grid = default_grid(rule)
    assert list(grid) == sorted(set(grid))
    assert grid == tuple(-epsilon for epsilon in reversed(grid))
    assert grid[len(grid) // 2] == 0
    assert len(grid) > 10
    assert rounding_defined(rule, grid).all()
    assert rounding_defined(rule, fine_grid(rule)).all()
    assert all(parse_epsilon(format_epsilon(epsilon, rule)) == pytest.approx(epsilon, rel=1e-9) for epsilon in grid)


@pytest.mark.parametrize("rule", list(Rule))
def test_the_fine_grid_has_the_default_one_and_each_level_between(rule: Rule) -> None:
    fine = fine_grid(rule)
    assert set(default_grid(rule)) <= set(fine)
    assert list(fine) == sorted(set(fine))
    assert fine == tuple(-e for e in reversed(fine))
    levels = {n / 255 for n in range(17)} if rule.unit == "pixel" else set()
    assert levels <= set(fine)


@pytest.mark.parametrize("length", [1e-300, 2.7e-7, 0.01, 0.029, 0.031, 1.0, 1e6])
def test_a_grid_is_stretched_until_its_largest_step_shows(length: float) -> None:
    by = stretch(Rule.RAW, length)
    assert by == pytest.approx(10.0 ** round(math.log10(by)))
    assert by >= 1
    longest = by * default_grid(Rule.RAW)[-1] * length
    if 1 < by < 1e35:
        assert 3 <= longest < 30
    else:
        assert (longest >= 3) == (by == 1)
    check_epsilon(by * default_grid(Rule.RAW)[-1])


def test_no_other_grid_is_stretched_nor_one_along_a_gradient_of_zero() -> None:
    assert {stretch(rule, 1e-9) for rule in Rule if rule is not Rule.RAW} == {1}
    assert stretch(Rule.RAW, 0.0) == 1


@pytest.mark.parametrize("side", [-1, 0, 1])
def test_of_what_was_measured_the_default_grid_is_found(side: int) -> None:
    grid = np.array([e for e in default_grid(Rule.SIGN) if not side or e * side > 0])
    more = np.sort(np.append(grid, [5 / 255, -5 / 255]))
    kept = of_default_grid(Rule.SIGN, more, side)
    assert kept is not None
    assert more[kept].tolist() == grid.tolist()
    older = np.sort(np.where(np.abs(more) == 0.25 / 255, 2 * more, more))  # began at half a level
    stands_in = of_default_grid(Rule.SIGN, older, side)
    assert stands_in is not None
    assert np.abs(older[stands_in]).min(where=older[stands_in] != 0, initial=1) == 0.5 / 255
    assert stands_in.sum() == len(grid)
    for lacking in (0.25 / 255, 8 / 255):
        assert of_default_grid(Rule.SIGN, more[np.abs(more) != lacking], side) is None
    assert of_default_grid(Rule.SIGN, np.empty(0), side) is None
