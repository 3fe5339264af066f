"""What a result's images stand for, and what its intervals take for granted: numbers, and sentences made of them."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from gradlab.images.splits import (
    at_class_shares,
    class_shares,
    facts_of,
    is_balanced_draw,
    shared_places,
    twin_mask,
    twins,
    without,
)
from gradlab.statistics import width_factors
from gradlab.types import SweepResult, TransferResult


@dataclass(frozen=True)
class IntervalFactor:
    """How much wider intervals should be, because neighbours in the split go right together.

    Attributes:
        pooled: over all points together.
        lowest: of a single point.
        highest: of a single point.
    """

    pooled: float
    lowest: float
    highest: float


def interval_factor(result: SweepResult | TransferResult) -> IntervalFactor | None:
    """The factor of `statistics.width_factors` over all points of all curves; None where it cannot be told."""
    said = [np.atleast_2d(result.clean_predictions)]
    if isinstance(result, SweepResult):
        said += [curve.predictions for curve in result.curves]
    else:
        said.append(result.predictions.reshape(-1, result.predictions.shape[-1]))
    labels = result.labels if result.labelled else np.atleast_2d(result.clean_predictions)[0]
    right = np.concatenate([rows == labels for rows in said])
    pooled, each = width_factors(right, result.indices)
    if not np.isfinite(pooled):
        return None
    return IntervalFactor(pooled, float(np.nanmin(each)), float(np.nanmax(each)))


def sampling_to_dict(result: SweepResult) -> dict[str, Any]:
    """The numbers as plain JSON-able values.

    `interval_factor`: by which factor the intervals should be wider because of neighbours in the split, over all points
    (`pooled`) and at single ones; None of fewer than 30 images. `twins`: how many images have a twin in the train split
    (`images`), and the clean accuracy without them; None where it is not known which. `class_balanced`: None, or,
    of a draw of equally many of each class from a split where they are not equally frequent, the clean accuracy at that
    split's class frequencies (None where these are not known).
    """
    factor, mask = interval_factor(result), twin_mask(result)
    balanced = {"clean_accuracy_at_split_frequencies": _at_frequencies(result)} if is_balanced_draw(result) else None
    return {
        "interval_factor": None if factor is None else vars(factor),
        "twins": None if mask is None else {"images": int(mask.sum()), "clean_accuracy_without": clean_rest(result)},
        "class_balanced": balanced,
    }


def clean_rest(result: SweepResult) -> float | None:
    """The clean accuracy without the images that have a twin in the train split; None where it is not known which."""
    mask = twin_mask(result)
    return None if mask is None or mask.all() else without(result, mask).clean_accuracy


def sampling_notes(result: SweepResult | TransferResult) -> list[str]:
    """What a reader of a result's figures and intervals should know of its images, a sentence or two each."""
    notes = [*_balance(result), *_neighbours(result)]
    return [*_twins(result), *_shared(result), *notes] if isinstance(result, SweepResult) else notes


def _twins(result: SweepResult) -> list[str]:
    mask, known = twin_mask(result), twins(result.dataset)
    if known is None or result.split != "test":
        return []
    if mask is None:
        return [
            f"{len(known.test):,} test images of this data set have a twin in the train split (ciFAIR). Which of the "
            "images here they are is not known: these come in an order of their own."
        ]
    if not mask.any():
        return ["None of these images has a twin in the train split (ciFAIR)."]
    have, them = ("has", "it") if mask.sum() == 1 else ("have", "them")
    rest = clean_rest(result)
    alone = "" if rest is None else f"; without {them} clean accuracy is {rest:.2%}"
    return [f"{mask.sum():,} of these images {have} a twin in the train split (ciFAIR){alone}."]


def _shared(result: SweepResult) -> list[str]:
    gone = shared_places(result.dataset, result.split, result.done + 1)
    if not gone or np.isin(gone, result.indices).any():
        return []
    return ["One more image of the split is left out: it is of the same photograph as an image of the train split."]


def _balance(result: SweepResult | TransferResult) -> list[str]:
    if not is_balanced_draw(result):
        return []
    shares = class_shares(result)
    text = "Equally many images of each class: accuracies are means over the classes, not the split's"
    if shares is None:
        return [f"{text}, where classes are not equally frequent."]
    most = int(shares.argmax())
    text = f"{text}, where {shares[most]:.0%} are of class {result.classes[most]}"
    accuracy = _at_frequencies(result) if isinstance(result, SweepResult) else None
    return [f"{text}." if accuracy is None else f"{text}; at its class frequencies clean accuracy is {accuracy:.1%}."]


def _at_frequencies(result: SweepResult) -> float | None:
    shares = class_shares(result)
    return None if shares is None else at_class_shares(result.clean_predictions == result.labels, result.labels, shares)


def _neighbours(result: SweepResult | TransferResult) -> list[str]:
    factor = interval_factor(result) if facts_of(result.dataset).neighbours else None
    if factor is None:
        return []
    low, high = f"{factor.lowest:.2f}", f"{factor.highest:.2f}"
    each = "" if low == high else f" over all points, {low} to {high} times point by point"
    return [
        "Neighbours in the split are often crops of one photograph and go right together, which the intervals do not "
        f"know: they should be {factor.pooled:.2f} times as wide{each}."
    ]
