"""How widely values are spread over the images."""

import numpy as np
from numpy.typing import ArrayLike

from gradlab.errors import BadValueError

SHARES = (0.05, 0.5, 0.95)


def spread(values: ArrayLike) -> tuple[float, float, float]:
    """The 5th percentile, the median and the 95th percentile: nine images of ten lie between the first and the last.

    Each is one of the values (the smallest that so many do not exceed), so that values may be infinite: nothing is
    interpolated. Hyndman, Fan 1996, definition 1, https://doi.org/10.1080/00031305.1996.10473566.

    Args:
        values: (N,), N at least 1; with a NaN among them, all three are NaN.

    Raises:
        BadValueError: without values.
    """
    known = np.sort(np.asarray(values, np.float64).ravel())
    if not known.size:
        raise BadValueError("expected at least one value, got none")
    if np.isnan(known).any():
        return np.nan, np.nan, np.nan
    # 0.95 · 20 is 19 but for rounding in float64, and the 19th value is the one that is meant.
    low, middle, high = (float(known[max(0, int(np.ceil(share * known.size - 1e-9)) - 1)]) for share in SHARES)
    return low, middle, high
