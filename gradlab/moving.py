"""Many images and where they go, as rows: (N, C, H, W) flattened to (N, P), in the order of channels_last.

So all that is done to each value is done to a contiguous row.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from gradlab.evaluate import Answers


@dataclass(frozen=True, eq=False)
class Walk:
    """N images and where they go: each flattened to a row of P values, channels last as in memory."""

    images: Tensor
    along: Tensor
    epsilons: Sequence[float]
    shape: torch.Size
    labels: Tensor
    clean: Answers

    def unclipped(self, group: Sequence[int]) -> Tensor:
        """The images + epsilon · along for some of the epsilons, (K, N, P)."""
        moved = self.images.new_empty((len(group), *self.images.shape))
        for row, k in zip(moved, group, strict=True):
            torch.add(self.images, self.along, alpha=self.epsilons[k], out=row)
        return moved

    def at(self, ks: Tensor, ns: Tensor) -> Tensor:
        """The very values of some perturbed images, (M, P): at the epsilons `ks`, ascending, of the images `ns`."""
        kinds, counts = ks.unique_consecutive(return_counts=True)
        parts = zip(kinds.tolist(), ns.split(counts.tolist()), strict=True)
        moved = [torch.add(self.images[n], self.along[n], alpha=self.epsilons[k]) for k, n in parts]
        return torch.cat(moved).clamp_(0, 1)

    def as_images(self, rows: Tensor) -> Tensor:
        """(M, P) as (M, C, H, W)."""
        _, channels, height, width = self.shape
        return rows.view(-1, height, width, channels).permute(0, 3, 1, 2)


def as_rows(images: Tensor) -> Tensor:
    """(N, C, H, W) as (N, P), height and width before channels."""
    return images.permute(0, 2, 3, 1).flatten(1)


def near(rows: Tensor, others: Tensor, tolerance: float) -> Tensor:
    """Which rows (…, P) differ nowhere by more than that, bool (…); NaN does."""
    return torch.sub(rows, others).abs_().amax(-1) <= tolerance
