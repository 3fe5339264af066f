"""The engine: accuracy over signed epsilons, from one backward pass a batch, streamed batch by batch.

The direction does not depend on epsilon, so each batch costs one forward and one backward pass, and then one bare
forward pass for each epsilon of each rule. Epsilon 0 costs nothing: its predictions are the clean ones.
"""

import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gradlab.device import describe_device
from gradlab.epsilon import check_epsilon, default_grid
from gradlab.errors import BadValueError
from gradlab.perceptibility import METRICS
from gradlab.perturb import check_images, direction, evaluating, logits_and_gradient, step, to_eight_bit
from gradlab.types import Batch, Curve, IntArray, LabelSource, Rule, SweepResult

Epsilons = Sequence[float] | Mapping[Rule, Sequence[float]] | None


def sweep(
    model: nn.Module,
    batch: Batch,
    rules: Sequence[Rule | str] = ("sign", "raw"),
    epsilons: Epsilons = None,
    **options: Any,
) -> SweepResult:
    """All of a sweep at once; the arguments are those of `stream_sweep`."""
    last = deque(stream_sweep(model, batch, rules, epsilons, **options), maxlen=1)
    if not last:
        raise BadValueError("expected at least one image to sweep over, got none")
    return last.pop()


def stream_sweep(
    model: nn.Module,
    batch: Batch,
    rules: Sequence[Rule | str] = ("sign", "raw"),
    epsilons: Epsilons = None,
    *,
    labels: LabelSource | str = LabelSource.TRUE,
    eight_bit: bool = False,
    seed: int = 0,
    batch_size: int = 128,
) -> Iterator[SweepResult]:
    """Sweep, and yield the result over all images done so far after each batch. Stop by not asking for more.

    Args:
        model: takes images in [0, 1], gives logits; where it is, the work is done.
        batch: the images; they are moved to the model's device batch by batch.
        rules: which directions; each is named once.
        epsilons: signed epsilons for every rule, or a mapping of rule to epsilons; None takes `default_grid`.
        labels: the class whose loss is climbed or descended: `true` or `predicted`.
        eight_bit: round the perturbed images to n/255 before they are measured and classified.
        seed: of the `random` rule.
        batch_size: images a backward pass.

    Yields:
        A `SweepResult` that is valid on its own; the last one is over all images.

    Raises:
        BadValueError: for no rules, a rule named twice, no epsilons, one that isn't finite, or a batch size below 1.
        UnknownNameError: for a rule or label source that doesn't exist.
    """
    plan = _plan(rules, epsilons)
    source = LabelSource(labels)
    check_images(batch.images)
    if batch_size < 1:
        raise BadValueError(f"expected a batch size of at least 1, got {batch_size}")
    device = next((p.device for p in model.parameters()), torch.device("cpu"))
    card = getattr(model, "card", None)
    job = _Job(model, batch, device, source, eight_bit, seed)
    blank = SweepResult(
        batch.dataset, batch.split, batch.source, batch.classes, *(np.empty(0, np.int64),) * 3, (), len(batch),
        card.name if card else type(model).__name__, card.sha256 if card else "",
        source, eight_bit, describe_device(str(device)), seed, 0.0, 0,
    )  # fmt: skip
    store = _Arrays.allocate(len(batch), plan)
    started = time.perf_counter()
    for count, start in enumerate(range(0, len(batch), batch_size), 1):
        part = slice(start, min(start + batch_size, len(batch)))
        _sweep_batch(job, part, store)
        yield store.view(part.stop, blank, batch, time.perf_counter() - started, count)


def _plan(rules: Sequence[Rule | str], epsilons: Epsilons) -> dict[Rule, tuple[float, ...]]:
    names = [Rule(rule) for rule in rules]
    if not names or len(set(names)) < len(names):
        raise BadValueError(f"expected one or more rules, each once, got {', '.join(names) or 'none'}")
    grids = epsilons if isinstance(epsilons, Mapping) else dict.fromkeys(names, epsilons)
    plan = {}
    for rule in names:
        chosen = grids.get(rule)
        plan[rule] = default_grid(rule) if chosen is None else tuple(sorted({check_epsilon(e) for e in chosen}))
        if not plan[rule]:
            raise BadValueError(f"expected at least one epsilon for the rule {rule}, got none")
    return plan


@dataclass(frozen=True, eq=False)
class _Arrays:
    """Room for all images, filled from the left; what was yielded is a view of the filled part and stays as it was."""

    clean: IntArray
    curves: tuple[Curve, ...]

    @classmethod
    def allocate(cls, images: int, plan: dict[Rule, tuple[float, ...]]) -> "_Arrays":
        def curve(rule: Rule, grid: tuple[float, ...]) -> Curve:
            shape = (len(grid), images)
            numbers = (np.empty(shape, np.float32) for _ in range(3))
            return Curve(rule, np.array(grid), np.empty(shape, np.int16), *numbers)

        return cls(np.empty(images, np.int64), tuple(curve(rule, grid) for rule, grid in plan.items()))

    def view(self, done: int, blank: SweepResult, batch: Batch, seconds: float, backwards: int) -> SweepResult:
        return replace(
            blank,
            indices=batch.indices[:done].cpu().numpy(),
            labels=batch.labels[:done].cpu().numpy(),
            clean_predictions=self.clean[:done],
            curves=tuple(_left_part(curve, done) for curve in self.curves),
            seconds=seconds,
            backwards=backwards,
        )


def _left_part(curve: Curve, done: int) -> Curve:
    arrays = ("predictions", "l2", "linf", "psnr")
    return replace(curve, **{name: getattr(curve, name)[:, :done] for name in arrays})


@dataclass(frozen=True, eq=False)
class _Job:
    """What stays the same from batch to batch."""

    model: nn.Module
    batch: Batch
    device: torch.device
    labels: LabelSource
    eight_bit: bool
    seed: int


def _sweep_batch(job: _Job, part: slice, store: _Arrays) -> None:
    """One forward and backward pass, then a forward pass for each epsilon; the results land in `store[..., part]`."""
    images = job.batch.images[part].to(job.device).contiguous(memory_format=torch.channels_last)
    labels = job.batch.labels[part].to(job.device) if job.labels is LabelSource.TRUE else None
    logits, gradient = logits_and_gradient(job.model, images, labels)
    clean = logits.argmax(1)
    store.clean[part] = clean.cpu().numpy()
    for curve in store.curves:
        along = direction(gradient, curve.rule, seed=job.seed, indices=job.batch.indices[part])
        rows = [_at_epsilon(job, images, along, float(epsilon), clean) for epsilon in curve.epsilons]
        # One transfer a rule: asking the device for each number would make it wait for us K times.
        predictions, *measures = (torch.stack(column).cpu().numpy() for column in zip(*rows, strict=True))
        curve.predictions[:, part] = predictions
        for array, values in zip((curve.l2, curve.linf, curve.psnr), measures, strict=True):
            array[:, part] = values


@torch.inference_mode()
def _at_epsilon(job: _Job, images: Tensor, along: Tensor, epsilon: float, clean: Tensor) -> tuple[Tensor, ...]:
    """The predictions at one epsilon, and how far the images moved: four tensors (N,)."""
    moved = step(images, along, epsilon)
    if job.eight_bit:
        moved = to_eight_bit(moved)
    unchanged = epsilon == 0 and not job.eight_bit
    with evaluating(job.model):
        predictions = clean if unchanged else job.model(moved).argmax(1)
    return predictions, *(METRICS[name].function(images, moved) for name in ("l2", "linf", "psnr"))
