"""A gallery at once, for whoever can wait for it."""

from collections import deque
from collections.abc import Iterator
from typing import Any, TypeVar

from torch import nn

from gradlab.errors import BadValueError
from gradlab.experiments.gallery.pool import CHUNK, Pool, stream_flips, stream_pool, stream_tiles
from gradlab.steps.epsilon import check_epsilon
from gradlab.types import Batch, FloatArray, Gallery, LabelSource, Rule, Tiles

Done = TypeVar("Done")


def gallery(
    model: nn.Module,
    batch: Batch,
    rule: Rule | str,
    epsilon: Any,
    *,
    side: int = 0,
    labels: LabelSource | str = LabelSource.TRUE,
    seed: int = 0,
    batch_size: int = CHUNK,
) -> Gallery:
    """Take one step with many images, and find out at which epsilon each of them first changes its class.

    Args:
        model: takes images in [0, 1], gives logits; where it is, the work is done.
        batch: the images, N of them.
        rule: the direction.
        epsilon: the signed step, in the rule's unit.
        side: above or below 0: where flips are looked for, over the rule's default grid; 0 takes that of `epsilon`,
            and above where that is 0 as well.
        labels: the class whose loss is taken: `true`, `predicted` or `target:<class>`.
        seed: of the `random` rule.
        batch_size: images a pass.

    Returns:
        All of the gallery, its images in the order of the batch.

    Raises:
        BadValueError: for a batch without images, images outside [0, 1], a batch size below 1, or an epsilon that is
            not a finite number.
        UnknownNameError: for a rule, label source or target class that doesn't exist.
    """
    if not len(batch):
        raise BadValueError("expected at least one image for a gallery, got none")
    epsilon = check_epsilon(epsilon)
    how: dict[str, Any] = {"seed": seed, "batch_size": batch_size}
    pool = _last(stream_pool(model, batch, labels=labels, batch_size=batch_size))
    tiles = _last(stream_tiles(model, pool, rule, epsilon, **how))
    flips = _last(stream_flips(model, pool, rule, side or (-1 if epsilon < 0 else 1), **how))
    return gathered(batch, pool, tiles, flips.epsilons)


def gathered(batch: Batch, pool: Pool, tiles: Tiles, flips: FloatArray) -> Gallery:
    """What was found out about a batch.

    Args:
        batch: the images, N of them.
        pool: their gradients, and what the model says of them before the step.
        tiles: the images after it.
        flips: float64 (N,), as in `Flips`.
    """
    return Gallery(
        batch.indices.cpu().numpy(), batch.labels.cpu().numpy(), pool.predictions.cpu().numpy(), tiles.predictions,
        flips, pool.confidence.cpu().numpy(), tiles,
    )  # fmt: skip


def _last(stream: Iterator[Done]) -> Done:
    return deque(stream, maxlen=1).pop()  # the ones before are let go
