"""By how much a step changes the images of a pool, by every measure; no network is asked."""

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gradlab.experiments.gallery.pool import CHUNK, Lock, Pool, chunks
from gradlab.measures import available
from gradlab.steps.epsilon import check_epsilon
from gradlab.steps.perturb import move, to_eight_bit
from gradlab.types import Changes, FloatArray, Rule

Columns = dict[str, FloatArray]


def stream_changes(
    pool: Pool,
    rule: Rule | str,
    epsilon: Any,
    *,
    seed: int = 0,
    batch_size: int = CHUNK,
    lock: Lock | None = None,
) -> Iterator[Changes]:
    """Measure all images of a pool under one step, before rounding and after it.

    Args:
        pool: the images with their gradients.
        rule: the direction.
        epsilon: the signed step, in the rule's unit.
        seed: of the `random` rule.
        batch_size: images at a time.
        lock: held while the device computes, and let go between chunks.

    Yields:
        The changes of all images done so far; the last one is of all.

    Raises:
        BadValueError: when epsilon is not a finite number, or for a batch size below 1.
        UnknownNameError: for a rule that doesn't exist.
    """
    rule, epsilon = Rule(rule), check_epsilon(epsilon)
    computed: list[Columns] = []
    rounded: list[Columns] = []
    for part in chunks(len(pool), batch_size):
        with lock or nullcontext():
            some = pool.at(part)
            moved = move(some.images, some.along(rule, seed), epsilon)
            computed.append(_measured(some.images, moved))
            rounded.append(_measured(some.images, to_eight_bit(moved)))
        yield Changes(_joined(computed), _joined(rounded))


@torch.inference_mode()
def _measured(clean: Tensor, moved: Tensor) -> Columns:
    return {name: metric.function(clean, moved).cpu().numpy() for name, metric in available().items()}


def _joined(parts: list[Columns]) -> Columns:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
