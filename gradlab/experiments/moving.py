"""Many images and where they go, as rows: (N, C, H, W) flattened to (N, P), in the order of channels_last.

So all that is done to each value is done to a contiguous row.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from gradlab.steps.evaluate import Answers
from gradlab.steps.scaling import sizes_for


@dataclass(frozen=True, eq=False)
class Walk:
    """N images and where they go: each flattened to a row of P values, channels last as in memory.

    Attributes:
        images: (N, P), in [0, 1].
        along: (N, P), the directions.
        epsilons: K signed steps.
        shape: of the images.
        labels: int64 (N,), the true classes.
        clean: what the model says of the images.
        sizes: float64 (K, N), a signed step for each image, in place of the K steps that are the same for all.
    """

    images: Tensor
    along: Tensor
    epsilons: Sequence[float]
    shape: torch.Size
    labels: Tensor
    clean: Answers
    sizes: Tensor | None = None

    def scaled(self, wanted: Tensor, measure: str) -> "Walk":
        """The same with steps that change each image by what is wanted, (K, N), on the side of 0 of each epsilon."""
        sizes = torch.zeros(wanted.shape, dtype=torch.float64, device=wanted.device)
        for side in (1, -1):
            if rows := [k for k, epsilon in enumerate(self.epsilons) if epsilon * side > 0]:
                sizes[rows] = side * sizes_for(self.images, self.along, wanted[rows], measure, side)
        return replace(self, sizes=sizes)

    def unclipped(self, group: Sequence[int]) -> Tensor:
        """The images + epsilon · along for some of the epsilons, (K, N, P)."""
        moved = self.images.new_empty((len(group), *self.images.shape))
        for row, k in zip(moved, group, strict=True):
            self._step(k, slice(None), row)
        return moved

    def at(self, ks: Tensor, ns: Tensor) -> Tensor:
        """The very values of some perturbed images, (M, P): at the epsilons `ks`, ascending, of the images `ns`."""
        kinds, counts = ks.unique_consecutive(return_counts=True)
        parts = zip(kinds.tolist(), ns.split(counts.tolist()), strict=True)
        return torch.cat([self._step(k, n, None) for k, n in parts]).clamp_(0, 1)

    def _step(self, k: int, which: slice | Tensor, out: Tensor | None) -> Tensor:
        """Some images, unclipped, at the k-th step."""
        if self.sizes is None:
            return torch.add(self.images[which], self.along[which], alpha=self.epsilons[k], out=out)
        size = self.sizes[k, which, None].to(self.along.dtype)
        return torch.mul(self.along[which], size, out=out).add_(self.images[which])

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
