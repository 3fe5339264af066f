"""A pool of images and the gradient of each, from which every rule, every epsilon and both directions follow.

Each stream works through the pool a chunk at a time and yields all that is done so far; stop by not asking for more.
"""

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gradlab.device import device_of
from gradlab.errors import BadValueError
from gradlab.experiments.work import Lock, Placed, chunks, pass_size
from gradlab.measures import Compared
from gradlab.steps.epsilon import PIXEL_LEVELS, check_epsilon, default_grid, warn_of_unit
from gradlab.steps.evaluate import Predictions
from gradlab.steps.gradient import Gradient, check_numbers
from gradlab.steps.inputs import as_batch
from gradlab.steps.line import Line
from gradlab.steps.logits import check_repeatable, logits_of
from gradlab.steps.perturb import to_eight_bit
from gradlab.types import Batch, Changes, FloatArray, LabelSource, Rule, Tiles
from gradlab.types.gallery import Flips

CHUNK = {"cpu": 50, "cuda": 50, "mps": 50}  # images of 32 × 32 pixels a pass, unless told otherwise

_Columns = dict[str, FloatArray]  # by the measure's name


@dataclass(frozen=True, eq=False)
class Pool:
    """N images, on the model's device except for their indices.

    Attributes:
        images: float32 (N, C, H, W) in [0, 1], and what a `Gradient` knows of them: `logits` (N, K), `used` (its
            labels), `log_odds` and `of_log_odds`.
        predictions: int64 (N,), of the clean images.
        confidence: float32 (N,), the probability of these classes.
        indices: int64 (N,), what the `random` rule is seeded with, besides a seed.
    """

    images: Tensor
    logits: Tensor
    used: Tensor
    log_odds: Tensor
    of_log_odds: Tensor
    predictions: Tensor
    confidence: Tensor
    indices: Tensor

    def __len__(self) -> int:
        return len(self.predictions)

    def at(self, rows: slice | Tensor) -> "Pool":
        """Some of the images."""
        columns = vars(self).values()
        return Pool(*(one[rows if isinstance(rows, slice) else rows.to(one.device)] for one in columns))

    def size(self, wanted: int | None) -> int:
        """How many images a pass has: as many as are wanted, or as are usual."""
        return pass_size(wanted, CHUNK, self.images.device, self.images.shape)

    def line(self, rule: Rule, seed: int) -> Line:
        """Where a rule takes each image."""
        gradient = Gradient(self.images, self.logits, self.used, self.log_odds, self.of_log_odds)
        return Line.along(gradient, rule, seed=seed, indices=self.indices)


def stream_pool(
    model: nn.Module,
    batch: Batch,
    *,
    labels: LabelSource | str = LabelSource.TRUE,
    batch_size: int | None = None,
    lock: Lock | None = None,
) -> Iterator[Pool]:
    """The gradients of a batch.

    Args:
        model: takes images in [0, 1], gives logits; where it is, the work is done.
        batch: the images.
        labels: the class whose loss is taken: `true`, `predicted` or `target:<class>`.
        batch_size: images a backward pass; None chooses by their size.
        lock: held while the device computes, and let go between chunks.

    Yields:
        The pool of all images done so far; the last one is of all.

    Raises:
        BadValueError: for images outside [0, 1], a batch that doesn't fit the model, or images of which the model says
            NaN or infinity.
        UnknownNameError: for a label source or target class that doesn't exist.
    """
    placed = Placed.of(as_batch(batch), LabelSource.parse(labels), device_of(model))
    room: Pool | None = None
    size = pass_size(batch_size, CHUNK, device_of(model), placed.batch.images.shape)
    for part in chunks(len(placed), size):
        with lock or nullcontext():
            if not room:
                check_repeatable(model, placed.images[part])
            found = placed.gradient(model, part)
            check_numbers(found)
            said = Predictions.of(found.logits)
            facts = found.logits, found.labels, found.log_odds, found.of_log_odds
            some = Pool(found.images, *facts, said.predictions, said.probability, placed.batch.indices[part])
            room = room or _room(len(placed), some)
            for column, values in zip(vars(room).values(), vars(some).values(), strict=True):
                column[part] = values
        yield room.at(slice(part.stop))


def stream_tiles(
    model: nn.Module,
    pool: Pool,
    rule: Rule | str,
    epsilon: Any,
    *,
    seed: int = 0,
    batch_size: int | None = None,
    lock: Lock | None = None,
) -> Iterator[Tiles]:
    """All images of a pool under one step.

    Args:
        model: as for `stream_pool`.
        pool: the images with their gradients.
        rule: the direction.
        epsilon: the signed step, in the rule's unit.
        seed: of the `random` rule.
        batch_size: images a forward pass; None chooses by their size.
        lock: as for `stream_pool`.

    Yields:
        The tiles of all images done so far; the last one is of all.

    Raises:
        BadValueError: when epsilon is not a finite number.
        UnknownNameError: for a rule that doesn't exist.
    """
    rule, epsilon = Rule(rule), check_epsilon(epsilon)
    warn_of_unit(epsilon, rule)
    parts: list[Tiles] = []
    for part in chunks(len(pool), pool.size(batch_size)):
        with lock or nullcontext():
            moved = pool.at(part).line(rule, seed).at(epsilon)
            parts.append(tiles_of(moved, ask(model, moved)))
        yield joined(parts)


def stream_changes(
    pool: Pool,
    rule: Rule | str,
    epsilon: Any,
    *,
    seed: int = 0,
    batch_size: int | None = None,
    lock: Lock | None = None,
) -> Iterator[Changes]:
    """By how much the same step changes the images, by every measure, before rounding and after it.

    No network is asked. The arguments are those of `stream_tiles`, and so are the errors; the last of what it yields is
    of all images.
    """
    rule, epsilon = Rule(rule), check_epsilon(epsilon)
    parts: list[tuple[_Columns, _Columns]] = []
    for part in chunks(len(pool), pool.size(batch_size)):
        with lock or nullcontext(), torch.inference_mode():
            line = pool.at(part).line(rule, seed)
            moved = line.at(epsilon)
            parts.append((_measured(line.images, moved), _measured(line.images, to_eight_bit(moved))))
        yield Changes(*(_joined(columns) for columns in zip(*parts, strict=True)))


def stream_flips(
    model: nn.Module,
    pool: Pool,
    rule: Rule | str,
    side: int,
    *,
    epsilons: Sequence[float] | None = None,
    seed: int = 0,
    batch_size: int | None = None,
    lock: Lock | None = None,
) -> Iterator[Flips]:
    """Where each image of a pool first gets another class than the clean image, as `first_flip` has it.

    All images are tried at the smallest epsilon first; those that have flipped are left out of what follows.

    All other arguments are those of `stream_tiles`; of the grid, which is the rule's default one unless `epsilons` are
    given, that side is tried which `side` names: above 0 to climb the loss, below 0 to descend it.

    Yields:
        All that is known so far, after each chunk; the last one is complete.

    Raises:
        BadValueError: when side is 0.
        UnknownNameError: for a rule that doesn't exist.
    """
    rule = Rule(rule)
    if not side:
        raise BadValueError("expected a side above or below 0, got 0")
    grid = default_grid(rule) if epsilons is None else tuple(check_epsilon(e) for e in epsilons)
    outward = sorted((e for e in grid if e * side > 0), key=abs)
    found, left = np.full(len(pool), np.nan), torch.arange(len(pool))
    for tried, epsilon in enumerate(outward):
        for part in chunks(len(left), pool.size(batch_size)):
            with lock or nullcontext():
                some = pool.at(left[part])
                said = ask(model, some.line(rule, seed).at(epsilon))
                changed = (said.predictions != some.predictions).cpu()
            found[left[part][changed].numpy()] = epsilon
            yield Flips(found.copy(), tried, len(outward))
        left = torch.from_numpy(np.flatnonzero(np.isnan(found)))
    yield Flips(found.copy(), len(outward), len(outward))


def joined(parts: Sequence[Tiles]) -> Tiles:
    """Tiles one after the other."""
    return Tiles(*(np.concatenate(columns) for columns in zip(*(vars(one).values() for one in parts), strict=True)))


def _measured(clean: Tensor, moved: Tensor) -> _Columns:
    return {name: value.cpu().numpy() for name, value in Compared(clean).to(moved).items()}


def _joined(parts: Sequence[_Columns]) -> _Columns:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def tiles_of(moved: Tensor, said: Predictions) -> Tiles:
    """Images (N, C, H, W) in [0, 1] and what the model says of them, for showing."""
    return Tiles(
        (moved * PIXEL_LEVELS).round_().to(torch.uint8).cpu().contiguous().numpy(),
        said.predictions.cpu().numpy(),
        said.probability.cpu().numpy(),
    )


@torch.inference_mode()
def ask(model: nn.Module, images: Tensor) -> Predictions:
    """What a model says of images, in float32, and how sure it is of that."""
    return Predictions.of(logits_of(model, images))


def _room(count: int, like: Pool) -> Pool:
    """Room for so many images: filled from the left; what was yielded is a view of the filled part, and stays."""
    empty = [column.new_empty((count, *column.shape[1:])) for column in vars(like).values()]
    last = [e.contiguous(memory_format=torch.channels_last) if e.ndim == 4 else e for e in empty]
    return Pool(*last)
