"""What is known of the data sets' splits that a figure has to say: twins, images of one photograph, class frequencies.

Light: facts and masks, numpy only.
"""

import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from gradlab.errors import BadValueError, CorruptFileError
from gradlab.images.registry import known_image_set
from gradlab.images.table import NO_FACTS, SplitFacts
from gradlab.shipped import assets_root
from gradlab.types import BoolArray, FloatArray, IntArray, SweepResult, TransferResult


@dataclass(frozen=True, eq=False)
class Twins:
    """Test images of which the train split has a near-duplicate.

    Attributes:
        test: int64 (T,), their places in the official test split, ascending.
        train: int64 (T,), the place of each one's twin in the official train split.
        source: who found them.
    """

    test: IntArray
    train: IntArray
    source: str


def twins(dataset: str) -> Twins | None:
    """The twins of a data set; None where nobody has listed any, or where the list is not among the assets.

    The lists are those of ciFAIR, made by eye from candidates near each other in a CNN's features: Barz, Denzler 2020,
    https://doi.org/10.3390/jimaging6060041. CIFAR-10 has 286, CIFAR-100 891.

    Raises:
        CorruptFileError: when the file cannot be read.
    """
    path = assets_root() / "twins.json"
    return _read(path).get(dataset) if path.is_file() else None


@cache
def _read(path: Path) -> dict[str, Twins]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        tables = {name: np.array(pairs, np.int64) for name, pairs in content["pairs"].items()}
        return {name: Twins(pairs[:, 0], pairs[:, 1], content["source"]) for name, pairs in tables.items()}
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise CorruptFileError(f"{path.name}: expected pairs of test and train images, got {error!r}") from None


def twins_among(dataset: str, split: str, places: IntArray, labels: IntArray, classes: int) -> BoolArray | None:
    """Which of some images have a twin in the train split: (N,); None where that is not known.

    It is not known for data sets without a list, for images of the train split, and for CIFAR-100 where its images come
    class by class in turns, as in the shipped baselines: the list has places in the official order.

    Args:
        dataset: its name.
        split: `train` or `test`.
        places: int64 (N,), the images' places in the split.
        labels: int64 (N,), their true classes.
        classes: how many classes there are.
    """
    known = twins(dataset) if split == "test" else None
    in_turns = len(labels) > 0 and bool((labels == places % classes).all())
    return None if known is None or in_turns else np.isin(places, known.test)


def twin_mask(result: SweepResult) -> BoolArray | None:
    """The same of the images of a result."""
    return twins_among(result.dataset, result.split, result.indices, result.labels, len(result.classes))


def check_twins(dataset: str, mask: BoolArray | None) -> BoolArray:
    """The mask, where there is one.

    Raises:
        BadValueError: where it is not known which images have a twin.
    """
    if mask is None:
        raise BadValueError(
            "expected a data set whose test images with twins in the train split are known, in the official order, "
            f"got {dataset}"
        )
    return mask


def without(result: SweepResult, mask: BoolArray) -> SweepResult:
    """The result without some of its images.

    Args:
        result: of a sweep. Of a condensed one the predictions are those of the rest; its measures (L2, PSNR and so on)
            stay those of all images together, since it does not have them image by image.
        mask: bool (N,), True for those that go.

    Raises:
        BadValueError: for a mask of another shape, or one that leaves nothing.
    """
    if mask.shape != result.labels.shape or mask.all():
        raise BadValueError(f"expected a mask ({result.images},) that leaves an image, got {mask.shape}, {mask.sum()}")
    return replace(result.part(np.flatnonzero(~mask)), planned=result.planned - int(mask.sum()))


def without_twins(result: SweepResult) -> SweepResult:
    """The result without the images that have a twin in the train split, which a notice then says.

    The images are then no longer those of a draw: to get them again, name them one by one.

    Raises:
        BadValueError: where it is not known which have one.
    """
    mask = check_twins(result.dataset, twin_mask(result))
    if not mask.any():
        return result
    told = f"Left out: {mask.sum():,} test images that have a twin in the train split."
    if result.condensed:
        told += " L2, PSNR and the other measures are those of all images still."
    return replace(without(result, mask), draw_seed=None, notices=(*result.notices, told))


def facts_of(dataset: str) -> SplitFacts:
    """What figures about a data set's test split have to say; nothing for an unknown one."""
    found = known_image_set(dataset)
    return found.facts if found else NO_FACTS


def shared_places(dataset: str, split: str, images: int) -> tuple[int, ...]:
    """Places of a split whose image is of the same photograph as one of the other split, on which networks are trained.

    Args:
        dataset: its name.
        split: `train` or `test`.
        images: how many the split has: of SVHN, only the one of 2,000 was cut so.
    """
    facts = facts_of(dataset)
    return facts.shared if (split, images) == ("test", facts.cut) else ()


def without_shared(result: SweepResult) -> SweepResult:
    """The result without such images, if it is over all of its split."""
    shared = shared_places(result.dataset, result.split, result.done)
    mask = np.isin(result.indices, shared)
    return without(result, mask) if mask.any() else result


def is_balanced_draw(result: SweepResult | TransferResult) -> bool:
    """Whether its images are equally many of each class, from a split whose classes are not equally frequent."""
    if not result.labelled:
        return False
    members = np.bincount(result.labels, minlength=len(result.classes))
    uneven = facts_of(result.dataset).uneven and result.draw_seed is not None
    return uneven and bool(members.min()) and bool(np.ptp(members) <= 1)


def class_shares(result: SweepResult | TransferResult) -> FloatArray | None:
    """How frequent each class is in the split that the images are from, (C,), summing to 1; None if not known."""
    facts = facts_of(result.dataset)
    if not facts.counts or result.split != "test" or bool((result.indices >= facts.cut).any()):
        return None
    shares: FloatArray = np.array(facts.counts) / sum(facts.counts)
    return shares


def at_class_shares(right: BoolArray, labels: IntArray, shares: FloatArray) -> float:
    """The accuracy that the split would have: that of each class, (N,) right of these labels, weighted by its share."""
    return float(sum(share * right[labels == k].mean() for k, share in enumerate(shares.tolist())))
