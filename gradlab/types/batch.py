"""Images on their way in: tensors, with what belongs to them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # drawing and writing results never needs torch
    from collections.abc import Sequence

    from torch import Tensor

UNKNOWN = -1  # stands for an unknown label


@dataclass(frozen=True, eq=False)
class Batch:
    """Images with what is known about them.

    Attributes:
        images: float32 in [0, 1], (N, C, H, W), never normalised.
        labels: int64 (N,), an index into `classes`; `UNKNOWN`, -1, where nobody knows it.
        indices: int64 (N,), each image's place in the split.
        classes: the class names.
        dataset: the image set's key.
        split: `train` or `test`.
        source: `store` (the full set on disk), `sample` (the embedded one), or `memory` (what somebody brought).
        seed: of the draw that chose these images; None for a whole split, or where they were named one by one.
        sha256: of the files that somebody's images were read from; empty for others.
    """

    images: Tensor
    labels: Tensor
    indices: Tensor
    classes: tuple[str, ...]
    dataset: str
    split: str
    source: str
    seed: int | None = None
    sha256: str = ""

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def labelled(self) -> bool:
        """Whether the labels of all images are known."""
        return bool((self.labels != UNKNOWN).all())

    def part(self, rows: slice | Sequence[int] | Tensor) -> Batch:
        """Some of the images, by their places in the batch, in this order; no longer a draw."""
        places = rows if isinstance(rows, slice) or hasattr(rows, "shape") else list(rows)
        images, labels, indices = self.images[places], self.labels[places], self.indices[places]
        return replace(self, images=images, labels=labels, indices=indices, seed=None)


def class_name(classes: Sequence[str], label: int) -> str:
    """The name of a class; `unknown` for the label that stands for that."""
    return "unknown" if label == UNKNOWN else classes[label]
