"""Where the image after rounding to 8 bit is settled by its epsilon, and where float noise settles it."""

from collections.abc import Sequence

import numpy as np

from gradlab.types.arrays import BoolArray, FloatArray
from gradlab.types.rules import Rule
from gradlab.types.units import Unit

_LEVELS = Unit.PIXEL.row.levels
# In levels, 1/255 each: so near to halfway counts. float32 holds x + ε for values in [0, 1] to 2e-5 of a level.
HALFWAY = 1e-4


def rounding_defined(rule: Rule, epsilon: float | Sequence[float] | FloatArray) -> BoolArray:
    """Whether a perturbed image has one image after rounding to n/255, whatever float noise does.

    `sign` and `random` move every value by exactly epsilon. From a value n/255, a step of (k + ½)/255 ends halfway
    between two levels, and the last bit of a float32 decides which is taken: there is nothing to measure. From 1 on all
    values are clipped, and no step ends between levels. `max` moves its largest value by epsilon, and that one only may
    end halfway: one value by one level, which is taken as it comes. `raw` and `l2` end there by accident only.

    Images whose values are not n/255 have no such ties. A result does not keep its images, so it treats all alike:
    better no figure than one that noise made.

    Args:
        rule: which direction.
        epsilon: signed, in the rule's own unit; any shape.

    Returns:
        bool, of the same shape.
    """
    size = np.abs(np.asarray(epsilon, dtype=np.float64))
    if not rule.row.alike:
        return np.ones(size.shape, np.bool_)
    halfway = (np.abs(size * _LEVELS % 1 - 0.5) <= HALFWAY) & (size < 1)
    return np.asarray(~halfway)
