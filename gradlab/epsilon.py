"""Epsilon as people write it, and the grids that a sweep takes when it is given none."""

import math
from numbers import Real

from gradlab.errors import BadValueError
from gradlab.types import Rule

PIXEL_LEVELS = 255
LARGEST = 3.4e38  # what float32, in which the step is taken, can hold

# Positive halves, in each rule's own unit; together they span from "nothing happens" to "nothing is left".
_STEPS: dict[Rule, tuple[float, ...]] = {
    Rule.SIGN: tuple(n / PIXEL_LEVELS for n in (0.5, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)),
    Rule.RANDOM: tuple(n / PIXEL_LEVELS for n in (0.5, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)),
    Rule.MAX: tuple(n / PIXEL_LEVELS for n in (1, 2, 4, 8, 16, 24, 32, 48, 64, 96, 128, 192, 255)),
    Rule.RAW: (0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.6, 1.0, 3.0, 10.0, 30.0, 100.0),
    Rule.L2: (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 8.0),
}


def default_grid(rule: Rule) -> tuple[float, ...]:
    """The signed epsilons of a rule, ascending, 0 in the middle, in the rule's own unit."""
    steps = _STEPS[rule]
    return (*(-e for e in reversed(steps)), 0.0, *steps)


def fine_grid(rule: Rule) -> tuple[float, ...]:
    """The default grid, with each whole level between where a rule is in pixel units: all that a key can step to."""
    between = {n / PIXEL_LEVELS for n in range(17)} if rule.unit == "pixel" else set()
    sizes = sorted({abs(e) for e in default_grid(rule)} | between)
    return (*(-e for e in reversed(sizes[1:])), *sizes)


def check_epsilon(epsilon: object) -> float:
    """Epsilon as a float that is finite in float32 too, from any real number of Python's or numpy's.

    Raises:
        BadValueError: for NaN, infinity, what float32 cannot hold, or what is no number.
    """
    try:
        value = math.nan if isinstance(epsilon, bool) or not isinstance(epsilon, Real) else float(epsilon)
    except OverflowError:  # an int beyond float64
        value = math.inf
    if not abs(value) <= LARGEST:
        raise BadValueError(f"epsilon {epsilon!r}: expected a finite number, such as 0.03 or -8/255")
    return value


def parse_epsilon(text: str) -> float:
    """Read `0.03`, `1e-3` or `-8/255`; a minus as `format_epsilon` writes it (−) will do too.

    Raises:
        BadValueError: for anything else.
    """
    try:
        numerator, slash, denominator = text.replace("−", "-").partition("/")
        value = float(numerator) / float(denominator) if slash else float(numerator)
    except (ValueError, ZeroDivisionError):
        raise BadValueError(f"epsilon {text!r}: expected a finite number, such as 0.03 or -8/255") from None
    return check_epsilon(value)


def format_epsilon(epsilon: float, rule: Rule, signed: bool = True) -> str:
    """Epsilon as shown: n/255 for the rules in pixel units, else the plain number; signed unless it is 0."""
    sign = "" if epsilon == 0 or (epsilon > 0 and not signed) else "+" if epsilon > 0 else "−"
    if rule.unit != "pixel":
        return f"{sign}{abs(epsilon):.4g}"
    return f"{sign}{abs(epsilon) * PIXEL_LEVELS:.4g}/{PIXEL_LEVELS}" if epsilon else "0"
