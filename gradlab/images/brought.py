"""An image set of what a person brings: images in memory, with labels or without."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from gradlab.errors import BadValueError, MissingFileError
from gradlab.images.registry import AtHand, Counts, ImageSet
from gradlab.steps.inputs import as_images, as_labels, check_known
from gradlab.types import UNKNOWN


def image_set_of(
    key: str,
    images: Any,
    labels: Any = None,
    *,
    classes: Sequence[str],
    title: str = "",
    licence: str = "",
    **more: Any,
) -> ImageSet:
    """An image set that `gradlab.images.registry.register` makes known.

    Args:
        key: its name in links and on the command line.
        images: (N, C, H, W), bytes or floats in [0, 1]; N at least 1.
        labels: whole numbers (N,), -1 where unknown; None: all are unknown.
        classes: the names of the classes that networks tell apart.
        title: its name for people; the key, where there is none.
        licence: what may be done with the images.
        more: of what else an `ImageSet` says, what there is to say: `space`, `synsets`, `titles`, `credits`, `listed`,
            `sha256`, `pictures`.

    Raises:
        BadValueError: for images or labels that are not as said.
    """
    pixels = images if isinstance(images, Tensor) and images.dtype == torch.uint8 else as_images(images)
    if pixels.ndim != 4 or not len(pixels):
        raise BadValueError(f"expected at least one image (N, C, H, W), got {tuple(pixels.shape)}")
    truth = torch.full((len(pixels),), UNKNOWN) if labels is None else as_labels(labels, len(pixels))
    check_known(truth, len(classes))
    kept = AtHand(pixels, truth, torch.arange(len(pixels)), "memory", len(pixels))
    channels, height, width = pixels.shape[1:]

    def read(split: str, source: str, whole: bool) -> AtHand:
        if split != "test":
            raise MissingFileError(f"expected the test split of {key}, its only one, got {split}")
        return kept

    return ImageSet(
        key=key, title=title or key, classes=tuple(classes), shape=(channels, height, width), read=read,
        count=lambda: Counts(test=len(pixels)), sizes={"test": len(pixels)}, licence=licence,
        labelled=bool((truth != UNKNOWN).all()), **more,
    )  # fmt: skip
