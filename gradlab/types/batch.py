"""Images on their way in: tensors, with what belongs to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # whoever draws or writes results never needs torch
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class Batch:
    """Images with what is known about them.

    Attributes:
        images: float32 in [0, 1], (N, C, H, W), never normalised.
        labels: int64 (N,), an index into `classes`.
        indices: int64 (N,), each image's place in the split.
        classes: the class names.
        dataset: the data set's name, as in the table of data sets.
        split: `train` or `test`.
        source: `store` (the full set on disk) or `sample` (the embedded one).
        seed: of the draw that chose these images; None for a whole split, or where they were named one by one.
    """

    images: Tensor
    labels: Tensor
    indices: Tensor
    classes: tuple[str, ...]
    dataset: str
    split: str
    source: str
    seed: int | None = None

    def __len__(self) -> int:
        return len(self.labels)
