"""The line through each image along the direction of its step, x + epsilon · d: the start of every step along it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from gradlab.errors import BadValueError
from gradlab.steps.gradient import Gradient, exact_gradient
from gradlab.steps.inputs import as_batch, check_classes, wanted_labels
from gradlab.steps.perturb import direction, move
from gradlab.steps.scaling import sizes_for
from gradlab.types import Batch, LabelSource, Rule


@dataclass(frozen=True, eq=False)
class Line:
    """N images, what the model says of them, and where a rule takes each; all of it where the model is.

    Attributes:
        gradient: of the loss, with the images and what the model says of them.
        direction: d, (N, C, H, W).
    """

    gradient: Gradient
    direction: Float[Tensor, "n c h w"]

    @classmethod
    def along(cls, gradient: Gradient, rule: Rule | str, *, seed: int = 0, indices: Any = None) -> "Line":
        """The line of a rule; the arguments are those of `perturb.direction`."""
        return cls(gradient, direction(gradient, rule, seed=seed, indices=indices))

    @property
    def images(self) -> Float[Tensor, "n c h w"]:
        """x, in [0, 1]."""
        return self.gradient.images

    @property
    def logits(self) -> Float[Tensor, "n k"]:
        """What the model says of the clean images."""
        return self.gradient.logits

    @property
    def used(self) -> Int64[Tensor, " n"]:
        """The classes whose loss the gradient was taken of."""
        return self.gradient.labels

    @property
    def steady(self) -> "Line":
        """The same, except that images whose gradient is not a number stay where they are."""
        return replace(self, direction=self.direction.where(self.gradient.finite[:, None, None, None], 0))

    def at(self, epsilon: float) -> Float[Tensor, "n c h w"]:
        """clip(x + epsilon · d, 0, 1)."""
        return move(self.images, self.direction, epsilon)

    def steps(self, epsilons: Sequence[float]) -> "Steps":
        """The same as rows, with K signed steps along it."""
        return Steps(_as_rows(self.images), _as_rows(self.direction), self.images.shape, epsilons)


@dataclass(frozen=True, eq=False)
class Steps:
    """K steps along a line, with each image flattened to a row of P values, channels last as in memory.

    So all that is done to each value is done to a contiguous row.

    Attributes:
        images: (N, P), in [0, 1].
        along: (N, P), the directions.
        shape: of the images, (N, C, H, W).
        epsilons: K signed steps.
        sizes: float64 (K, N), a signed step for each image, in place of the K steps that are the same for all.
    """

    images: Tensor
    along: Tensor
    shape: torch.Size
    epsilons: Sequence[float]
    sizes: Tensor | None = None

    def scaled(self, wanted: Tensor, measure: str) -> "Steps":
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


def _as_rows(images: Tensor) -> Tensor:
    """(N, C, H, W) as (N, P), height and width before channels."""
    return images.permute(0, 2, 3, 1).flatten(1)


def line_through(
    model: nn.Module, batch: Batch, rule: Rule | str, labels: LabelSource | str = LabelSource.TRUE, seed: int = 0
) -> Line:
    """The line along which a rule takes one image, from a single backward pass.

    Args:
        model: takes images in [0, 1], gives logits; where it is, the work is done.
        batch: of exactly one image.
        rule: the direction.
        labels: the class whose loss is taken: `true`, `predicted` or `target:<class>`.
        seed: of the `random` rule.

    Raises:
        BadValueError: for a batch of another size, one that doesn't fit the model, an image outside [0, 1], or one of
            which the model gives NaN or infinity.
        UnknownNameError: for a rule, label source or target class that doesn't exist.
    """
    batch, source = as_batch(batch), LabelSource.parse(labels)
    if len(batch) != 1:
        raise BadValueError(f"expected one image, got {len(batch)}")
    gradient = exact_gradient(model, batch.images, wanted_labels(batch, source))
    check_classes(batch, gradient.logits.shape[1])
    return Line.along(gradient, rule, seed=seed, indices=batch.indices)
