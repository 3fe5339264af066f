"""A gallery at once, what a finished sweep already says of one, and which of its images are shown, in which order."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np
import torch
from torch import nn

from gradlab.errors import BadValueError, UnknownNameError
from gradlab.experiments.pool import Pool, ask, joined, stream_flips, stream_pool, stream_tiles, tiles_of
from gradlab.experiments.work import Lock, chunks, last_of, provenance_of
from gradlab.statistics import first_flip
from gradlab.steps.epsilon import check_epsilon, default_grid, of_default_grid
from gradlab.types import (
    Batch,
    BoolArray,
    FloatArray,
    Gallery,
    IntArray,
    LabelSource,
    Provenance,
    Rule,
    SweepResult,
    Tiles,
)

# By name, which images are meant, (N,): by their classes before the step, after it, and by the data set's labels.
SHOWS: dict[str, Callable[[IntArray, IntArray, IntArray], BoolArray]] = {
    "all": lambda before, after, labels: np.ones(len(labels), np.bool_),
    "flipped": lambda before, after, labels: before != after,
    "kept": lambda before, after, labels: before == after,
    "lost": lambda before, after, labels: (before == labels) & (after != labels),
    "won": lambda before, after, labels: (before != labels) & (after == labels),
    "right_before": lambda before, after, labels: before == labels,
    "wrong_before": lambda before, after, labels: before != labels,
    "right_after": lambda before, after, labels: after == labels,
    "wrong_after": lambda before, after, labels: after != labels,
}
BEFORE = ("all", "right_before", "wrong_before")  # those that do not ask for the classes after the step

# By name, what the images are sorted by, the smallest first and NaN last, (N,); None where that is not known.
ORDERS: dict[str, Callable[[Gallery], FloatArray | IntArray | None]] = {
    "place": lambda gallery: gallery.indices,
    "flip": lambda gallery: np.abs(gallery.flips),
    "before": lambda gallery: gallery.clean_confidence,
    "after": lambda gallery: gallery.tiles.confidence if gallery.tiles else None,
    "class": lambda gallery: gallery.labels,
}


def gallery(
    model: nn.Module,
    batch: Batch,
    rule: Rule | str,
    epsilon: Any,
    *,
    side: int = 0,
    labels: LabelSource | str = LabelSource.TRUE,
    seed: int = 0,
    batch_size: int | None = None,
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
        batch_size: images a pass; None chooses by their size.

    Returns:
        All of the gallery, its images in the order of the batch.

    Raises:
        BadValueError: for a batch without images, images outside [0, 1], a batch size below 1, or an epsilon that is
            not a finite number.
        UnknownNameError: for a rule, label source or target class that doesn't exist.
    """
    epsilon = check_epsilon(epsilon)
    how: dict[str, Any] = {"seed": seed, "batch_size": batch_size}
    pool = last_of(stream_pool(model, batch, labels=labels, batch_size=batch_size), "for a gallery")
    tiles = last_of(stream_tiles(model, pool, rule, epsilon, **how), "to move")
    flips = last_of(stream_flips(model, pool, rule, side or (-1 if epsilon < 0 else 1), **how), "to flip")
    return gathered(batch, pool, tiles, flips.epsilons, provenance_of(model, batch, labels, seed))


def gathered(
    batch: Batch, pool: Pool, tiles: Tiles, flips: FloatArray, provenance: Provenance | None = None
) -> Gallery:
    """What was found out about a batch.

    Args:
        batch: the images, N of them.
        pool: their gradients, and what the model says of them before the step.
        tiles: the images after it.
        flips: float64 (N,), as in `Flips`.
        provenance: where the images and the model come from.
    """
    return Gallery(
        batch.indices.cpu().numpy(), batch.labels.cpu().numpy(), pool.predictions.cpu().numpy(), tiles.predictions,
        flips, pool.confidence.cpu().numpy(), tiles, provenance,
    )  # fmt: skip


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
    return last_of(stream_walk(model, batch, rules, labels=labels, seed=seed, lock=lock), "to walk with")


def stream_walk(
    model: nn.Module,
    batch: Batch,
    rules: Sequence[Rule | str],
    *,
    labels: LabelSource | str = LabelSource.TRUE,
    seed: int = 0,
    lock: Lock | None = None,
) -> Iterator[dict[Rule, Tiles]]:
    """As `walk`, and what is done so far: nothing once the gradient is there, and then a rule more each time."""
    if len(batch) != 1:
        raise BadValueError(f"expected one image, got {len(batch)}")
    names, found = [Rule(rule) for rule in rules], dict[Rule, Tiles]()
    (pool,) = stream_pool(model, batch, labels=labels, lock=lock)
    yield {}
    for rule in names:
        line = pool.line(rule, seed)
        steps = [line.at(epsilon) for epsilon in default_grid(rule)]
        parts = []
        for part in chunks(len(steps), pool.size(None)):
            with lock or nullcontext():
                moved = torch.cat(steps[part])
                parts.append(tiles_of(moved, ask(model, moved)))
        found[rule] = joined(parts)
        yield dict(found)


def chosen(gallery: Gallery, show: str = "all", order: str = "place", classes: Sequence[int] = ()) -> IntArray:
    """The rows of a gallery that are to be shown, in their order; where two are alike, by place in the split.

    Args:
        gallery: all images.
        show: a name of `SHOWS`.
        order: a name of `ORDERS`.
        classes: the true classes to keep; none named, all are kept.

    Returns:
        int64 (M,), M from 0 to N.

    Raises:
        UnknownNameError: for a name that doesn't exist.
        BadValueError: for what goes by classes or confidences that the gallery lacks.
    """
    for what, name, table in (("choice of images", show, SHOWS), ("order", order, ORDERS)):
        if name not in table:
            raise UnknownNameError(what, name, list(table))
    values, after = ORDERS[order](gallery), gallery.predictions
    if values is None or (after is None and show not in BEFORE):
        raise BadValueError(f"expected a gallery that holds what {show!r} and {order!r} go by, got one without")
    kept = SHOWS[show](gallery.clean_predictions, gallery.clean_predictions if after is None else after, gallery.labels)
    if classes:
        kept = kept & np.isin(gallery.labels, list(classes))
    rows: IntArray = np.lexsort((gallery.indices, values))
    shown: IntArray = rows[kept[rows]]
    return shown


def known_predictions(
    result: SweepResult, indices: IntArray, labels: IntArray, rule: Rule, epsilon: float
) -> tuple[IntArray, IntArray | None] | None:
    """The classes of some images before a step and after it.

    Args:
        result: of a sweep over these images, and others.
        indices: (N,), their places in the split.
        labels: (N,), their true classes: a split may come in another order elsewhere, which its labels tell.
        rule: the direction.
        epsilon: the signed step.

    Returns:
        Two int64 (N,), the second None where the sweep lacks the rule or the epsilon; None where it lacks an image.
    """
    columns, curve = _columns(result, indices, labels), next((c for c in result.curves if c.rule == rule), None)
    if columns is None:
        return None
    before = result.clean_predictions[columns]
    if curve is None or epsilon not in curve.epsilons:
        return before, None
    k = int(np.flatnonzero(curve.epsilons == epsilon)[0])
    return before, curve.predictions[k, columns].astype(np.int64)


def known_flips(result: SweepResult, indices: IntArray, labels: IntArray, rule: Rule, side: int) -> FloatArray | None:
    """Where some images first change their class over the rule's default grid, on one side of 0.

    Args:
        result: as for `known_predictions`, and so are `indices`, `labels` and `rule`.
        indices: (N,).
        labels: (N,).
        rule: the direction.
        side: above or below 0.

    Returns:
        float64 (N,), NaN where no epsilon of that side does; None where the sweep lacks an image or an epsilon.
    """
    columns, curve = _columns(result, indices, labels), next((c for c in result.curves if c.rule == rule), None)
    if columns is None or curve is None:
        return None
    rows = of_default_grid(rule, curve.epsilons, side)
    if rows is None:
        return None
    up, down = first_flip(
        curve.epsilons[rows], curve.predictions[rows][:, columns], result.clean_predictions[columns]
    )  # fmt: skip
    return up if side > 0 else down


def _columns(result: SweepResult, indices: IntArray, labels: IntArray) -> IntArray | None:
    """Where in the result the images are; None where it lacks one, or says that it is of another class."""
    order = np.argsort(result.indices, kind="stable")
    found = np.searchsorted(result.indices[order], indices)
    if not len(result.indices) or (len(found) and found.max() >= len(order)):
        return None
    columns: IntArray = order[found]
    same = np.array_equal(result.indices[columns], indices) and np.array_equal(result.labels[columns], labels)
    return columns if same else None
