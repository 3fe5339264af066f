"""Arrays by what is in them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]
IntArray = NDArray[np.integer[Any]]
BoolArray = NDArray[np.bool_]


def class_type(classes: int) -> type[np.signedinteger[Any]]:
    """What predictions of so many classes are kept in, −1 included: int16 where it holds them all, else int32."""
    return np.int16 if classes - 1 <= np.iinfo(np.int16).max else np.int32
