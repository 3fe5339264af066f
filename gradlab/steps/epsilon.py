"""Epsilon as people write it, and the grids that a sweep takes when it is given none."""

import math
import warnings
from typing import Any

import numpy as np

from gradlab.errors import BadValueError
from gradlab.types import BoolArray, FloatArray, Rule, Unit

PIXEL_LEVELS = Unit.PIXEL.row.levels
LARGEST = 3.4e38  # what float32, in which the step is taken, can hold
_PLAIN = 3.0  # an L2 distance that shows on any image
_FURTHEST = 35  # a power of ten


def default_grid(rule: Rule) -> tuple[float, ...]:
    """The signed epsilons of a rule, ascending, 0 in the middle, in the rule's own unit."""
    steps = rule.row.grid
    return (*(-e for e in reversed(steps)), 0.0, *steps)


def of_default_grid(rule: Rule, epsilons: FloatArray, side: int = 0) -> BoolArray | None:
    """Which of some measured epsilons are those that a sweep over the default grid would have measured.

    Baselines once began at another smallest size, half a level: their own smallest stands in for the grid's.

    Args:
        rule: whose grid.
        epsilons: float64 (K,), signed.
        side: only those above 0 (1) or below (−1); 0: all.

    Returns:
        bool (K,); None where any other epsilon of the grid is lacking.
    """
    grid = [e for e in default_grid(rule) if not side or e * side > 0]
    there = [e for e in epsilons.tolist() if e and (not side or e * side > 0)]
    small, own = min(abs(e) for e in grid if e), min(map(abs, there), default=0.0)
    instead = [e for e in grid if abs(e) != small] + [e for e in there if abs(e) == own]
    kept: BoolArray = np.isin(epsilons, grid if small in np.abs(there) else instead)
    return kept if kept.sum() == len(grid) else None


def fine_grid(rule: Rule) -> tuple[float, ...]:
    """The default grid, with each whole level between where a rule is in pixel units: all that a key can step to."""
    between = {n / PIXEL_LEVELS for n in range(17)} if rule.unit is Unit.PIXEL else set()
    sizes = sorted({abs(e) for e in default_grid(rule)} | between)
    return (*(-e for e in reversed(sizes[1:])), *sizes)


def stretch(rule: Rule, gradient_l2: float) -> float:
    """By what power of ten the rule's grid has to be multiplied so that its largest step changes an image at all.

    Where a network is very sure, the gradient is so small that no epsilon of the grid does: under `raw`, which
    multiplies it, the largest step is to be as long as one that is plainly visible, 3 in pixel units.

    Args:
        rule: whose grid.
        gradient_l2: of the image's gradient, in nats per pixel unit.

    Returns:
        1 for any other unit, for a gradient that is large enough, and for one that is 0.
    """
    if rule.unit is not Unit.GRADIENT or not gradient_l2 > 0:
        return 1.0
    lacking = math.log10(_PLAIN / rule.row.grid[-1]) - math.log10(gradient_l2)
    return 10.0 ** min(_FURTHEST, max(0, math.ceil(lacking)))


def check_epsilon(epsilon: Any) -> float:
    """Epsilon as a float that is finite in float32 too, from whatever is one number, or text such as "8/255".

    Args:
        epsilon: a number of Python's, numpy's or the standard library's; a tensor or an array of one value; or text,
            as `parse_epsilon` reads it.

    Raises:
        BadValueError: for NaN, infinity, what float32 cannot hold, or anything that is not a number.
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
    """Warn, once for each epsilon, where `unit_doubt` has something to say."""
    if doubt := unit_doubt(epsilon, rule):
        warnings.warn(doubt, stacklevel=3)


def unit_doubt(epsilon: float, rule: Rule) -> str:
    """What is odd about an epsilon in pixel units that is larger than all of [0, 1]: 8 where 8/255 was meant; or "".

    Where not every value moves alike, as with `max`, the smaller ones go on when the largest has arrived: there whole
    numbers only look like a mistake.
    """
    mistaken = rule.row.alike or epsilon == round(epsilon)
    if rule.unit is not Unit.PIXEL or not mistaken or abs(epsilon) <= 1:
        return ""
    meant = f"; was {epsilon:.6g}/{PIXEL_LEVELS} meant?" if abs(epsilon) <= PIXEL_LEVELS else ""
    return (
        f"epsilon {epsilon:.6g} of the rule {str(rule)!r} is {epsilon * PIXEL_LEVELS:.6g}/{PIXEL_LEVELS}, more than "
        f"from black to white{meant}"
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
    return f"{sign}{rule.unit.shown(abs(epsilon)):.4g}{rule.unit.over if epsilon else ''}"
