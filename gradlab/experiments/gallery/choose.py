"""Which images of a gallery are shown, and in which order: numpy only."""

from collections.abc import Callable, Sequence

import numpy as np

from gradlab.errors import BadValueError, UnknownNameError
from gradlab.types import BoolArray, FloatArray, Gallery, IntArray

# By name, which images are meant, (N,): by their classes before the step, after it, and by the data set's labels.
SHOWS: dict[str, Callable[[IntArray, IntArray, IntArray], BoolArray]] = {
    "all": lambda before, after, labels: np.ones(len(labels), np.bool_),
    "flipped": lambda before, after, labels: before != after,
    "kept": lambda before, after, labels: before == after,
    "lost": lambda before, after, labels: (before == labels) & (after != labels),
    "won": lambda before, after, labels: (before != labels) & (after == labels),
    "right_before": lambda before, after, labels: before == labels,
    "wrong_before": lambda before, after, labels: before != labels,
    "right_after": lambda before, after, labels: after == labels,
    "wrong_after": lambda before, after, labels: after != labels,
}
BEFORE = ("all", "right_before", "wrong_before")  # those that do not ask for the classes after the step

# By name, what the images are sorted by, the smallest first and NaN last, (N,); None where that is not known.
ORDERS: dict[str, Callable[[Gallery], FloatArray | IntArray | None]] = {
    "place": lambda gallery: gallery.indices,
    "flip": lambda gallery: np.abs(gallery.flips),
    "before": lambda gallery: gallery.clean_confidence,
    "after": lambda gallery: gallery.tiles.confidence if gallery.tiles else None,
    "class": lambda gallery: gallery.labels,
}


def chosen(gallery: Gallery, show: str = "all", order: str = "place", classes: Sequence[int] = ()) -> IntArray:
    """The rows of a gallery that are to be shown, in their order; where two are alike, by place in the split.

    Args:
        gallery: all images.
        show: a name of `SHOWS`.
        order: a name of `ORDERS`.
        classes: the true classes to keep; none named, all are kept.

    Returns:
        int64 (M,), M from 0 to N.

    Raises:
        UnknownNameError: for a name that doesn't exist.
        BadValueError: for what goes by classes or confidences that the gallery lacks.
    """
    for what, name, table in (("choice of images", show, SHOWS), ("order", order, ORDERS)):
        if name not in table:
            raise UnknownNameError(what, name, list(table))
    values, after = ORDERS[order](gallery), gallery.predictions
    if values is None or (after is None and show not in BEFORE):
        raise BadValueError(f"expected a gallery that holds what {show!r} and {order!r} go by, got one without")
    kept = SHOWS[show](gallery.clean_predictions, gallery.clean_predictions if after is None else after, gallery.labels)
    if classes:
        kept = kept & np.isin(gallery.labels, list(classes))
    rows: IntArray = np.lexsort((gallery.indices, values))
    shown: IntArray = rows[kept[rows]]
    return shown
