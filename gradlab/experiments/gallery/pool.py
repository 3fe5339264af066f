"""A pool of images and the gradient of each, from which every rule, every epsilon and both directions follow.

Each stream works through the pool a chunk at a time and yields all that is done so far; stop by not asking for more.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gradlab.device import device_of
from gradlab.errors import BadValueError
from gradlab.images.resident import resident
from gradlab.steps.epsilon import PIXEL_LEVELS, check_epsilon, default_grid, warn_of_unit
from gradlab.steps.evaluate import Answers, answers
from gradlab.steps.gradient import Gradient, check_numbers, gradient_of
from gradlab.steps.inputs import as_batch, check_classes, wanted_labels
from gradlab.steps.logits import check_repeatable, logits_of
from gradlab.steps.perturb import direction, move
from gradlab.types import Batch, FloatArray, LabelSource, Rule, Tiles

CHUNK = 50  # images a pass, where nobody says otherwise

Lock = AbstractContextManager[Any]


@dataclass(frozen=True, eq=False)
class Pool:
    """N images, on the model's device, but for their indices.

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
        if isinstance(rows, slice):
            return Pool(*(column[rows] for column in vars(self).values()))
        return Pool(*(column[rows.to(column.device)] for column in vars(self).values()))

    def along(self, rule: Rule, seed: int) -> Tensor:
        """The direction of each image."""
        gradient = Gradient(self.images, self.logits, self.used, self.log_odds, self.of_log_odds)
        return direction(gradient, rule, seed=seed, indices=self.indices)


@dataclass(frozen=True, eq=False)
class Flips:
    """At which epsilon each image first changes its class, as far as it is known.

    Attributes:
        epsilons: float64 (N,), signed; NaN where no epsilon tried so far changes the class.
        tried: how many epsilons of the side have been tried with all images, outward from 0.
        planned: how many there are.
    """

    epsilons: FloatArray
    tried: int
    planned: int

    @property
    def complete(self) -> bool:
        """Whether all epsilons were tried."""
        return self.tried == self.planned


def stream_pool(
    model: nn.Module,
    batch: Batch,
    *,
    labels: LabelSource | str = LabelSource.TRUE,
    batch_size: int = CHUNK,
    lock: Lock | None = None,
) -> Iterator[Pool]:
    """The gradients of a batch.

    Args:
        model: takes images in [0, 1], gives logits; where it is, the work is done.
        batch: the images.
        labels: the class whose loss is taken: `true`, `predicted` or `target:<class>`.
        batch_size: images a backward pass.
        lock: held while the device computes, and let go between chunks.

    Yields:
        The pool of all images done so far; the last one is of all.

    Raises:
        BadValueError: for images outside [0, 1], a batch that doesn't fit the model, or images of which the model says
            something that is no number.
        UnknownNameError: for a label source or target class that doesn't exist.
    """
    batch, device = as_batch(batch), device_of(model)
    source, wanted = resident(batch.images, device), wanted_labels(batch, LabelSource.parse(labels))
    room: Pool | None = None
    for part in chunks(len(batch), batch_size):
        with lock or nullcontext():
            if not room:
                check_repeatable(model, source[part])
            found = gradient_of(model, source[part], None if wanted is None else wanted[part].to(device))
            check_classes(batch, found.logits.shape[1])
            check_numbers(found)
            said = answers(found.logits, found.logits.argmax(1))
            facts = found.logits, found.labels, found.log_odds, found.of_log_odds
            some = Pool(found.images, *facts, said.predictions, said.probability, batch.indices[part])
            room = room or _room(len(batch), some)
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
    batch_size: int = CHUNK,
    lock: Lock | None = None,
) -> Iterator[Tiles]:
    """All images of a pool under one step.

    Args:
        model: as for `stream_pool`.
        pool: the images with their gradients.
        rule: the direction.
        epsilon: the signed step, in the rule's unit.
        seed: of the `random` rule.
        batch_size: images a forward pass.
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
    for part in chunks(len(pool), batch_size):
        with lock or nullcontext():
            some = pool.at(part)
            moved = move(some.images, some.along(rule, seed), epsilon)
            parts.append(tiles_of(moved, ask(model, moved)))
        yield Tiles(*(np.concatenate(columns) for columns in zip(*(vars(one).values() for one in parts), strict=True)))


def stream_flips(
    model: nn.Module,
    pool: Pool,
    rule: Rule | str,
    side: int,
    *,
    epsilons: Sequence[float] | None = None,
    seed: int = 0,
    batch_size: int = CHUNK,
    lock: Lock | None = None,
) -> Iterator[Flips]:
    """Where each image of a pool first gets another class than the clean image, as `first_flip` has it.

    All images are tried at the smallest epsilon first; those that have flipped are left out of what follows.

    Args:
        model: as for `stream_pool`.
        pool: the images with their gradients.
        rule: the direction.
        side: above 0 to climb the loss, below 0 to descend it.
        epsilons: those of the other side, and 0, play no part; None takes the rule's default grid.
        seed: of the `random` rule.
        batch_size: images a forward pass.
        lock: as for `stream_pool`.

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
        for part in chunks(len(left), batch_size):
            with lock or nullcontext():
                some = pool.at(left[part])
                said = ask(model, move(some.images, some.along(rule, seed), epsilon))
                changed = (said.predictions != some.predictions).cpu()
            found[left[part][changed].numpy()] = epsilon
            yield Flips(found.copy(), tried, len(outward))
        left = torch.from_numpy(np.flatnonzero(np.isnan(found)))
    yield Flips(found.copy(), len(outward), len(outward))


def tiles_of(moved: Tensor, said: Answers) -> Tiles:
    """Images (N, C, H, W) in [0, 1] and what the model says of them, for showing."""
    return Tiles(
        (moved * PIXEL_LEVELS).round_().to(torch.uint8).cpu().contiguous().numpy(),
        said.predictions.cpu().numpy(),
        said.probability.cpu().numpy(),
    )


@torch.inference_mode()
def ask(model: nn.Module, images: Tensor) -> Answers:
    """What a model says of images, in float32, and how sure it is of that."""
    logits = logits_of(model, images)
    return answers(logits, logits.argmax(1))


def chunks(count: int, size: int) -> Iterator[slice]:
    """So many images, at most so many at a time.

    Raises:
        BadValueError: for a size below 1.
    """
    if size < 1:
        raise BadValueError(f"expected a batch size of at least 1, got {size}")
    return (slice(start, min(start + size, count)) for start in range(0, count, size))


def _room(count: int, like: Pool) -> Pool:
    """Room for so many images: filled from the left; what was yielded is a view of the filled part, and stays."""
    empty = [column.new_empty((count, *column.shape[1:])) for column in vars(like).values()]
    last = [e.contiguous(memory_format=torch.channels_last) if e.ndim == 4 else e for e in empty]
    return Pool(*last)
