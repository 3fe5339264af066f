"""Sweeps put together: epsilons and rules of the same images, or more images of the same rules."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import nn

from gradlab.errors import BadValueError, NoLogitsError
from gradlab.experiments.stored import selected
from gradlab.experiments.sweep import stream_sweep
from gradlab.types import MEASURES, UNKNOWN, Batch, Curve, Rule, SweepResult
from gradlab.types.sweep import OF_IMAGES

SPENT = ("seconds", "backwards", "checked", "disagreed")


def stream_rest(
    model: nn.Module, batch: Batch, rules: Sequence[Rule], before: SweepResult, **options: Any
) -> Iterator[SweepResult]:
    """As `stream_sweep` over the default grids, but what an earlier sweep has of it is taken from there.

    Args:
        model: the one that was asked.
        batch: all images; the earlier sweep was over the first `before.done` of them.
        rules: which directions.
        before: over the default grids of any rules, of which one at least is asked for, with measures image by image.
        options: those of `stream_sweep`, as they were, but that it may have rounded and measured SSIM in vain.

    Yields:
        As `stream_sweep`: first the rules that are lacking, on the images that were done, then the other images.

    Raises:
        What `stream_sweep` raises.
    """
    had = {curve.rule for curve in before.curves}
    there, lacking = [rule for rule in rules if rule in had], [rule for rule in rules if rule not in had]
    done = selected(before, there, options.get("eight_bit", False))
    if not options.get("ssim"):
        done = replace(done, curves=tuple(replace(curve, ssim=None) for curve in done.curves))
    now = done = replace(done, planned=len(batch))
    if not batch.labelled:  # nor then is any part of it
        batch = replace(batch, labels=torch.full_like(batch.labels, UNKNOWN))
    first, rest = batch.part(slice(before.done)), batch.part(slice(before.done, None))
    if lacking:
        try:
            for more in stream_sweep(model, first, lacking, **options):
                now = _beside(done, more, rules, first.indices.tolist())
                yield now
        except NoLogitsError:  # under these rules all that was done fails: there is nothing to go on from
            yield from stream_sweep(model, batch, rules, **options)
            return
    else:
        yield now
    if len(rest):
        head = now
        try:
            for more in stream_sweep(model, rest, rules, **options):
                yield appended(head, more)
        except NoLogitsError:  # none of the rest has an answer: as part of all images they fail, one by one
            yield replace(head, failed=np.concatenate([head.failed, rest.indices.numpy()]))


def merged(first: SweepResult, second: SweepResult) -> SweepResult:
    """Two sweeps over the same images as one: the epsilons of both, rule by rule, in order.

    Raises:
        BadValueError: for sweeps over other images, or of another network.
    """
    _check_alike(first, second)
    if not np.array_equal(first.indices, second.indices):
        raise BadValueError("expected two sweeps over the same images, got some that only one of them has")
    others = {(curve.rule, curve.equal_to): curve for curve in second.curves}
    curves = [_joined(curve, others.pop((curve.rule, curve.equal_to), None)) for curve in first.curves]
    return replace(first, curves=(*curves, *others.values()), notices=_notices(first, second), **added(first, second))


def appended(first: SweepResult, second: SweepResult) -> SweepResult:
    """Two sweeps along the same rules and epsilons as one: the images of the first, and then those of the second.

    Raises:
        BadValueError: for images that are in both, another network, other rules or epsilons, or measures that are not
            there image by image.
    """
    _check_alike(first, second)
    if len(twice := np.intersect1d(first.indices, second.indices)):
        raise BadValueError(f"expected two sweeps over different images, got {len(twice)} that both have")
    curves = tuple(_longer(a, b, first, second) for a, b in zip(first.curves, second.curves, strict=True))
    of_images: dict[str, Any] = {
        name: np.concatenate([getattr(first, name), getattr(second, name)]) for name in OF_IMAGES
    }
    return replace(
        first, curves=curves, failed=np.concatenate([first.failed, second.failed]), notices=_notices(first, second),
        planned=max(first.planned, first.done + second.planned), **of_images, **added(first, second),
    )  # fmt: skip


def added(*parts: SweepResult) -> dict[str, Any]:
    """What adds up, of several sweeps."""
    return {name: sum(getattr(part, name) for part in parts) for name in (*SPENT, "unchecked")}


def of_each_image(result: SweepResult) -> bool:
    """Whether all measures are there image by image, and not as one number for all of them."""
    return all(
        values is None or values.shape[1] == result.images
        for curve in result.curves
        for values in (getattr(curve, name) for name in MEASURES)
    )


def _check_alike(first: SweepResult, second: SweepResult) -> None:
    if first.weights_sha256 != second.weights_sha256 or first.label_source != second.label_source:
        raise BadValueError("expected two sweeps of one network, for the same labels")


def _notices(first: SweepResult, second: SweepResult) -> tuple[str, ...]:
    return tuple(dict.fromkeys(first.notices + second.notices))


def _beside(done: SweepResult, more: SweepResult, rules: Sequence[Rule], places: list[int]) -> SweepResult:
    """More rules of the images that both have; an image fails that fails under one of them."""
    tried = np.array(places[: more.done], np.int64)
    both = np.intersect1d(done.indices, more.indices)
    a, b = (part.part(np.flatnonzero(np.isin(part.indices, both))) for part in (done, more))
    found = merged(a, b)
    curves, failed = tuple(map(found.curve, rules)), tried[~np.isin(tried, both)]
    return replace(found, curves=curves, failed=failed, planned=done.planned)


def _joined(a: Curve, b: Curve | None) -> Curve:
    if b is None:
        return a
    epsilons, places = np.unique(np.concatenate([a.epsilons, b.epsilons]), return_index=True)
    columns: dict[str, Any] = {name: None if both is None else both[places] for name, both in _columns(a, b, 0).items()}
    return replace(a, epsilons=epsilons, **columns)


def _longer(a: Curve, b: Curve, first: SweepResult, second: SweepResult) -> Curve:
    if (a.rule, a.equal_to) != (b.rule, b.equal_to) or not np.array_equal(a.epsilons, b.epsilons):
        raise BadValueError(f"expected the same rules and epsilons, got {a.rule} and {b.rule}")
    if not (of_each_image(first) and of_each_image(second)):
        raise BadValueError("expected sweeps with measures image by image, got a condensed one")
    return replace(a, **_columns(a, b, 1))


def _columns(a: Curve, b: Curve, axis: int) -> dict[str, Any]:
    """What both have of each epsilon and image, one after the other; None where one of them lacks it."""
    both = {name: (getattr(a, name), getattr(b, name)) for name in ("predictions", "rounded", *MEASURES)}
    return {
        name: None if mine is None or other is None else np.concatenate([mine, other], axis=axis)
        for name, (mine, other) in both.items()
    }
