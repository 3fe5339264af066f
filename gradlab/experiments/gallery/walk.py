"""One image under every epsilon of several rules, from a single gradient."""

from collections.abc import Sequence
from contextlib import nullcontext

import torch
from torch import nn

from gradlab.errors import BadValueError
from gradlab.experiments.gallery.pool import Lock, ask, stream_pool, tiles_of
from gradlab.steps.epsilon import default_grid
from gradlab.steps.perturb import move
from gradlab.types import Batch, LabelSource, Rule, Tiles


def walk(
    model: nn.Module,
    batch: Batch,
    rules: Sequence[Rule | str],
    *,
    labels: LabelSource | str = LabelSource.TRUE,
    seed: int = 0,
    lock: Lock | None = None,
) -> dict[Rule, Tiles]:
    """Take each rule's default grid of epsilons, both directions and 0, with one image.

    Args:
        model: takes images in [0, 1], gives logits.
        batch: of exactly one image.
        rules: the directions.
        labels: the class whose loss is taken: `true`, `predicted` or `target:<class>`.
        seed: of the `random` rule.
        lock: held while the device computes, and let go between rules.

    Returns:
        For each rule, the tiles at `default_grid(rule)`, in its order.

    Raises:
        BadValueError: for a batch of another size, or images outside [0, 1].
        UnknownNameError: for a rule, label source or target class that doesn't exist.
    """
    if len(batch) != 1:
        raise BadValueError(f"expected one image, got {len(batch)}")
    names = [Rule(rule) for rule in rules]
    (pool,) = stream_pool(model, batch, labels=labels, lock=lock)
    found = {}
    for rule in names:
        with lock or nullcontext():
            along = pool.along(rule, seed)
            moved = torch.cat([move(pool.images, along, epsilon) for epsilon in default_grid(rule)])
            found[rule] = tiles_of(moved, ask(model, moved))
    return found
