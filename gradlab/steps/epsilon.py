"""Epsilon as people write it, and the grids that a sweep takes when it is given none."""

import math
import warnings
from typing import Any

import numpy as np

from gradlab.errors import BadValueError
from gradlab.types import BoolArray, FloatArray, Rule

PIXEL_LEVELS = 255
LARGEST = 3.4e38  # what float32, in which the step is taken, can hold

# Positive halves, in each rule's own unit; together they span from "nothing happens" to "nothing is left". Those of
# `sign` and `random` begin at a quarter of a level: at half a level rounding is not defined (`types.rounding_defined`).
_STEPS: dict[Rule, tuple[float, ...]] = {
    Rule.SIGN: tuple(n / PIXEL_LEVELS for n in (0.25, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)),
    Rule.RANDOM: tuple(n / PIXEL_LEVELS for n in (0.25, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)),
    Rule.MAX: tuple(n / PIXEL_LEVELS for n in (1, 2, 4, 8, 16, 24, 32, 48, 64, 96, 128, 192, 255)),
    Rule.RAW: (0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.6, 1.0, 3.0, 10.0, 30.0, 100.0),
    Rule.L2: (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 8.0),
}


def default_grid(rule: Rule) -> tuple[float, ...]:
    """The signed epsilons of a rule, ascending, 0 in the middle, in the rule's own unit."""
    steps = _STEPS[rule]
    return (*(-e for e in reversed(steps)), 0.0, *steps)


def of_default_grid(rule: Rule, epsilons: FloatArray, side: int = 0) -> BoolArray | None:
    """Which of some measured epsilons are those that a sweep over the default grid would have measured.

    Studies once began at another smallest size, half a level: their own smallest stands in for the grid's.

    Args:
        rule: whose grid.
        epsilons: float64 (K,), signed.
        side: only those above 0 (1) or below (−1); 0: all.

    Returns:
        bool (K,); None where any other epsilon of the grid is lacking.
    """
    grid = [e for e in default_grid(rule) if not side or e * side > 0]
    there = [e for e in epsilons.tolist() if e and (not side or e * side > 0)]
    small = min(abs(e) for e in grid if e)
    if small not in np.abs(there):
        own = min(map(abs, there), default=0.0)
        wanted = [e for e in grid if abs(e) != small] + [e for e in there if abs(e) == own]
    else:
        wanted = grid
    kept: BoolArray = np.isin(epsilons, wanted)
    return kept if kept.sum() == len(grid) else None


def fine_grid(rule: Rule) -> tuple[float, ...]:
    """The default grid, with each whole level between where a rule is in pixel units: all that a key can step to."""
    between = {n / PIXEL_LEVELS for n in range(17)} if rule.unit == "pixel" else set()
    sizes = sorted({abs(e) for e in default_grid(rule)} | between)
    return (*(-e for e in reversed(sizes[1:])), *sizes)


def check_epsilon(epsilon: Any) -> float:
    """Epsilon as a float that is finite in float32 too, from whatever is one number, or text such as "8/255".

    Args:
        epsilon: a number of Python's, numpy's or the standard library's; a tensor or an array of one value; or text,
            as `parse_epsilon` reads it.

    Raises:
        BadValueError: for NaN, infinity, what float32 cannot hold, or what is no number.
    """
    if isinstance(epsilon, str):
        return parse_epsilon(epsilon)
    try:
        single = epsilon.item() if hasattr(epsilon, "item") else epsilon  # of torch's and numpy's, one value only
        value = math.nan if isinstance(single, bool | bytes | bytearray | str) else float(single)
    except OverflowError:  # an int beyond float64
        value = math.inf
    except (TypeError, ValueError, RuntimeError):
        value = math.nan
    if not abs(value) <= LARGEST:
        raise BadValueError(f"epsilon {epsilon!r}: expected a finite number, such as 0.03 or -8/255")
    return value


def warn_of_unit(epsilon: float, rule: Rule) -> None:
    """Warn, once for each epsilon, of one in pixel units that is larger than all of [0, 1]: 8 where 8/255 was meant.

    With `max` the smaller values go on where the largest has arrived: there whole numbers only look like a mistake.
    """
    mistaken = epsilon == round(epsilon) if rule is Rule.MAX else rule.unit == "pixel"
    if mistaken and abs(epsilon) > 1:
        meant = f"; was {epsilon:.6g}/{PIXEL_LEVELS} meant?" if abs(epsilon) <= PIXEL_LEVELS else ""
        warnings.warn(
            f"epsilon {epsilon:.6g} of the rule {str(rule)!r} is {epsilon * PIXEL_LEVELS:.6g}/{PIXEL_LEVELS}, more "
            f"than from black to white{meant}",
            stacklevel=3,
        )


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
