"""Which images of a gallery are shown, and in which order: numpy only."""

from collections.abc import Callable, Sequence

import numpy as np

from gradlab.errors import BadValueError, UnknownNameError
from gradlab.types import BoolArray, FloatArray, Gallery, IntArray


def _right(predictions: IntArray, gallery: Gallery) -> BoolArray:
    right: BoolArray = predictions == gallery.labels
    return right


def _before(gallery: Gallery) -> BoolArray:
    return _right(gallery.clean_predictions, gallery)


def _after(gallery: Gallery) -> BoolArray:
    return _right(gallery.predictions, gallery)


# By name, which images of a gallery are meant, (N,).
SHOWS: dict[str, Callable[[Gallery], BoolArray]] = {
    "all": lambda gallery: np.ones(len(gallery), np.bool_),
    "flipped": lambda gallery: gallery.flipped,
    "kept": lambda gallery: ~gallery.flipped,
    "lost": lambda gallery: _before(gallery) & ~_after(gallery),
    "won": lambda gallery: ~_before(gallery) & _after(gallery),
    "right_before": _before,
    "wrong_before": lambda gallery: ~_before(gallery),
    "right_after": _after,
    "wrong_after": lambda gallery: ~_after(gallery),
}

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
        BadValueError: for an order by a confidence that the gallery lacks.
    """
    for what, name, table in (("choice of images", show, SHOWS), ("order", order, ORDERS)):
        if name not in table:
            raise UnknownNameError(what, name, list(table))
    values = ORDERS[order](gallery)
    if values is None:
        raise BadValueError(f"expected a gallery that holds what the order {order!r} goes by, got one without")
    kept = SHOWS[show](gallery)
    if classes:
        kept = kept & np.isin(gallery.labels, list(classes))
    rows: IntArray = np.lexsort((gallery.indices, values))
    shown: IntArray = rows[kept[rows]]
    return shown
