"""The loss landscape around one image: along the gradient's direction, and over the plane of it and a random one.

    along the line    loss(clip(x + epsilon · d, 0, 1))
    over the plane    loss(clip(x + epsilon · d + eta · r, 0, 1))

As Li, Xu, Taylor, Studer, Goldstein 2018 ("Visualizing the Loss Landscape of Neural Nets",
https://arxiv.org/abs/1712.09913) draw it, but in the space of the image, where they vary the weights. They scale their
random directions to the weights, filter by filter; here r is scaled to d, as a whole (see `across_direction`).
"""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from gradlab.errors import BadValueError
from gradlab.experiments.work import Lock, chunks, last_of, provenance_of, so_many
from gradlab.steps.epsilon import check_epsilon
from gradlab.steps.gradient import loss_of
from gradlab.steps.inputs import as_images
from gradlab.steps.line import Line, line_through
from gradlab.steps.logits import logits_of
from gradlab.steps.perturb import direction
from gradlab.types import (
    Batch,
    BoolArray,
    FloatArray,
    IntArray,
    LabelSource,
    LossLine,
    LossPlane,
    Provenance,
    Rule,
    is_photograph,
)
from gradlab.types.landscape import STRIDES

POINTS, CELLS = 201, 41  # then every fifth point of the line is a column of the plane
FEWER = 61, 21  # of a photograph, of which a network is asked fifty times as long: every third point
CHUNK = 128  # images of 32 × 32 pixels a forward pass: the slowest network of these takes 0.3 s on one CPU core
_APART = 1_000  # from seeds of the rule `random`, so that r is other noise than its d


def loss_line(  # noqa: PLR0913 - all that follows the star is a choice of its own, and has a default
    model: nn.Module,
    batch: Batch,
    rule: Rule | str,
    reach: float,
    *,
    labels: LabelSource | str = LabelSource.TRUE,
    points: int | None = None,
    seed: int = 0,
    chunk: int | None = None,
    lock: Lock | None = None,
) -> LossLine:
    """The loss and the predicted class along the direction, from epsilon −`reach` to `reach`.

    Args:
        model: takes images in [0, 1], gives logits; where it is, the work is done, in float32.
        batch: of exactly one image.
        rule: the direction.
        reach: the largest epsilon, in the rule's unit.
        labels: the class whose loss is taken: `true`, `predicted` or `target:<class>`.
        points: how many epsilons: an odd number, so that 0 is one of them; None takes `POINTS`, fewer of a photograph.
        seed: of the rule `random`.
        chunk: images a forward pass; None chooses by the image's size. The result is the same.
        lock: held while the device computes, and let go between chunks.

    Raises:
        BadValueError: for a batch of another size, a reach that isn't above 0 and finite, points that aren't odd and at
            least 3, or a chunk below 1.
        UnknownNameError: for a rule, label source or target class that doesn't exist.
    """
    grid = _grid(reach, _usual(batch, POINTS, FEWER[0]) if points is None else points)
    place = _place(model, batch, rule, labels, seed, chunk, lock)
    found = [place.ask(grid[part], None) for part in chunks(len(grid), place.chunk)]
    loss, predictions = (np.concatenate(column) for column in zip(*found, strict=True))
    slope = place.slope(place.line.direction)
    return LossLine(Rule(rule), place.label, grid, loss, predictions, slope, place.provenance)


def loss_plane(model: nn.Module, batch: Batch, rule: Rule | str, reach: float, **options: Any) -> LossPlane:
    """All of a plane at once; the arguments are those of `stream_loss_plane`."""
    return last_of(stream_loss_plane(model, batch, rule, reach, **options), "to look around")


def stream_loss_plane(
    model: nn.Module, batch: Batch, rule: Rule | str, reach: float, *, across: int = 0,
    cells: int | None = None,
    **options: Any,
) -> Iterator[LossPlane]:  # fmt: skip
    """The loss and the predicted class over the plane, and what is done so far after each chunk of cells.

    Coarse to fine: every 4th row and column first, then every 2nd, then all, from the middle outwards; each cell is
    computed once. Stop by not asking for more.

    Args:
        model: as for `loss_line`, and so is `batch`.
        batch: of exactly one image.
        rule: the direction d.
        reach: the largest epsilon, and the largest eta, in the rule's unit.
        across: the seed of the random direction r, 0 or more.
        cells: rows, and columns: an odd number, so that the clean image is one of the cells; None takes `CELLS`, fewer
            of a photograph.
        options: `labels`, `seed`, `chunk` and `lock`, as `loss_line` takes them.

    Yields:
        A `LossPlane` that stays as it is; the last one is complete.

    Raises:
        BadValueError: as `loss_line`, of cells for points; or for a negative `across`.
        UnknownNameError: as `loss_line`.
    """
    grid = _grid(reach, _usual(batch, CELLS, FEWER[1]) if cells is None else cells)
    if across < 0:
        raise BadValueError(f"expected the seed of the random direction to be 0 or more, got {across}")
    place = _place(model, batch, rule, **options)
    r = across_direction(place.line.direction, across, int(batch.indices))
    return _fill(place, Rule(rule), grid, r, across)


def across_direction(along: Float[Tensor, "1 c h w"], across: int, index: int = 0) -> Float[Tensor, "1 c h w"]:
    """The random direction r: ±1 at random for each value, less what of it goes along d, scaled to ‖r‖₂ = ‖d‖₂.

    So r is at right angles to d, and equal epsilon and eta are equal L2 distances from the image before clipping. Where
    d is ±1 throughout, as `sign` gives it, all but a few percent of the values of r are ±1. Zero where d is zero, or
    where an image of a single value leaves no other direction.

    Args:
        along: d, as `perturb.direction` gives it.
        across: the seed.
        index: the image's place in the split, which the noise is seeded with, too.
    """
    d = along.cpu().double()  # the squares of a confident network's gradient, 1e-25 say, are 0 in float32
    noise = direction(d, Rule.RANDOM, seed=_APART + across, indices=torch.tensor([index]))
    length = torch.linalg.vector_norm(d)
    if not length > 0:
        return torch.zeros_like(along)
    unit = d / length
    rest = noise - (noise * unit).sum() * unit
    left = torch.linalg.vector_norm(rest)
    # Of noise along d, nothing but rounding is left, which has no direction.
    r = rest * (length / left) if left > 1e-9 * torch.linalg.vector_norm(noise) else torch.zeros_like(d)
    return r.to(along)


@dataclass(frozen=True, eq=False)
class _Place:
    """The line through an image, and who is asked about what lies on it and beside it."""

    line: Line
    label: int
    model: nn.Module
    lock: Lock
    chunk: int
    provenance: Provenance

    def slope(self, way: Tensor) -> float:
        return float(self.line.gradient.slope(way.to(self.line.images)))

    def ask(self, epsilons: FloatArray, across: tuple[FloatArray, Tensor] | None) -> tuple[FloatArray, IntArray]:
        """Loss and predicted class at some epsilons, (N,) each; `across` adds eta · r."""
        with self.lock, torch.inference_mode():
            moved = self.line.images + self._sizes(epsilons) * self.line.direction
            if across:
                moved += self._sizes(across[0]) * across[1]
            moved = moved.clamp_(0, 1).contiguous(memory_format=torch.channels_last)
            logits = logits_of(self.model, moved, spare=True).cpu()
        return _loss_and_class(logits, self.label)

    def _sizes(self, values: FloatArray) -> Tensor:
        return torch.from_numpy(values).to(self.line.images)[:, None, None, None]


def _place(
    model: nn.Module, batch: Batch, rule: Rule | str, labels: LabelSource | str = LabelSource.TRUE, seed: int = 0,
    chunk: int | None = None, lock: Lock | None = None,
) -> _Place:  # fmt: skip
    if chunk is not None and chunk < 1:
        raise BadValueError(f"expected a chunk of at least 1 image, got {chunk}")
    with lock or nullcontext():
        line = line_through(model, batch, rule, labels, seed)
    chunk = chunk or so_many(CHUNK, line.images.shape)
    return _Place(line, int(line.used), model, lock or nullcontext(), chunk, provenance_of(model, batch, labels, seed))


def _fill(place: _Place, rule: Rule, grid: FloatArray, r: Tensor, across: int) -> Iterator[LossPlane]:
    shape = (len(grid), len(grid))
    loss, predictions, computed = np.full(shape, np.nan), np.full(shape, -1, np.int32), np.zeros(shape, np.bool_)
    slopes = place.slope(place.line.direction), place.slope(r)
    for rows, columns in _chunks(len(grid), place.chunk):
        answer = place.ask(grid[columns], (grid[rows], r))
        loss[rows, columns], predictions[rows, columns] = answer
        computed[rows, columns] = True
        seen: tuple[FloatArray, IntArray, BoolArray] = (loss.copy(), predictions.copy(), computed.copy())
        yield LossPlane(rule, place.label, grid, *seen, *slopes, across, place.provenance)


def _chunks(count: int, size: int) -> Iterator[tuple[IntArray, IntArray]]:
    """Rows and columns of the cells to compute next, each cell once; a chunk doesn't mix two grids."""
    away = np.abs(np.arange(count) - count // 2)
    done = np.zeros((count, count), np.bool_)
    for stride in STRIDES:
        due = (away % stride == 0)[:, None] & (away % stride == 0) & ~done
        done |= due
        rows, columns = np.nonzero(due)
        outward = np.argsort(np.maximum(away[rows], away[columns]), kind="stable")
        for start in range(0, len(outward), size):
            part = outward[start : start + size]
            yield rows[part], columns[part]


def _usual(batch: Batch, many: int, fewer: int) -> int:
    """How many steps are taken along an axis, by how long a network is asked about such an image."""
    return fewer if is_photograph(as_images(batch.images).shape) else many


def _grid(reach: float, count: int) -> FloatArray:
    """`count` epsilons from −reach to reach, 0 exactly in the middle."""
    if not check_epsilon(reach) > 0:
        raise BadValueError(f"expected a reach above 0, got {reach}")
    if count < 3 or count % 2 == 0:
        raise BadValueError(f"expected an odd number of points, 3 or more, got {count}")
    half = count // 2
    grid: FloatArray = np.arange(-half, half + 1) / half * float(reach)
    return grid


def _loss_and_class(logits: Float[Tensor, "n k"], label: int) -> tuple[FloatArray, IntArray]:
    """The loss, exact where the network is sure, and the class; NaN and −1 where a logit is not a number."""
    finite = logits.isfinite().all(1)
    wanted = torch.full((len(logits),), label)
    loss = loss_of(logits, wanted).where(finite, torch.nan)
    return loss.numpy(), logits.argmax(1).where(finite, -1).int().numpy()
