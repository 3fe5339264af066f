"""The engine: accuracy over signed epsilons, from one backward pass a batch, streamed batch by batch.

The direction does not depend on epsilon, so each batch costs one forward and one backward pass in float32, and then one
bare forward pass for each epsilon of each rule, several epsilons stacked into one. Epsilon 0 costs nothing: its
predictions are the clean ones.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch import nn

from gradlab.device import device_of
from gradlab.errors import BadValueError, GradlabError, NoLogitsError
from gradlab.experiments.asking import Asking, Tally, asking_of
from gradlab.experiments.sweep_batch import Job, Measured
from gradlab.experiments.work import Lock, Placed, last_of, named, pass_size, so_many
from gradlab.steps.epsilon import check_epsilon, default_grid, warn_of_unit
from gradlab.steps.inputs import as_batch
from gradlab.steps.logits import check_repeatable
from gradlab.types import (
    MEASURES,
    Batch,
    Curve,
    EqualTo,
    IntArray,
    LabelSource,
    Precision,
    Rule,
    SweepResult,
)
from gradlab.types.arrays import class_type

Epsilons = Sequence[Any] | Mapping[Rule, Sequence[Any]] | Mapping[str, Sequence[Any]] | None

# Images of 32 × 32 pixels a backward pass, and a forward pass, unless told otherwise.
_BATCH = {"cpu": 256, "cuda": 2_048, "mps": 512}
_CHUNK = {"cpu": 256, "cuda": 16_384, "mps": 2_048}


def sweep(
    model: nn.Module,
    batch: Batch,
    rules: Sequence[Rule | str] = ("sign", "raw"),
    epsilons: Epsilons = None,
    **options: Any,
) -> SweepResult:
    """All of a sweep at once; the arguments are those of `stream_sweep`."""
    return last_of(stream_sweep(model, batch, rules, epsilons, **options), "to sweep over")


def stream_sweep(  # noqa: PLR0913 - all that follows the star is a choice of its own, and has a default
    model: nn.Module,
    batch: Batch,
    rules: Sequence[Rule | str] = ("sign", "raw"),
    epsilons: Epsilons = None,
    *,
    labels: LabelSource | str = LabelSource.TRUE,
    eight_bit: bool = False,
    ssim: bool = False,
    equal_to: EqualTo | str | None = None,
    seed: int = 0,
    batch_size: int | None = None,
    precision: Precision = "auto",
    compiled: bool | None = None,
    asking: Asking | None = None,
    lock: Lock | None = None,
) -> Iterator[SweepResult]:
    """Sweep, and yield the result over all images done so far after each batch. Stop by not asking for more.

    In bfloat16, and where a compiled model is asked, predictions that are too close to call are made again in float32,
    and so is a random 1 % of the others, or some 300. The result says how many these were. If float32 disagrees with
    any of them, the sweep begins again in float32, and a notice says so.

    Args:
        model: takes images in [0, 1], gives logits; where it is, the work is done.
        batch: the images; they are moved to the model's device. Where a label is unknown, the class that the model
            gives the clean image stands for the label of each, and a notice says so.
        rules: which directions; each is named once.
        epsilons: signed epsilons for every rule, or a mapping of rule to epsilons; None takes `default_grid`.
        labels: the class whose loss is climbed or descended: `true`, `predicted` or `target:<class>`.
        eight_bit: classify the perturbed images once more after rounding them to n/255.
        ssim: measure the structural similarity of each perturbed image with the clean one, too; it takes about as long
            as a forward pass of a small network.
        equal_to: `l2` or `linf`: on each image, every step changes as much as that of `raw` does, so that only the
            directions differ; `l2:max` is as much as that of `max`, and so on. That rule comes first, whether it was
            named or not; the epsilons are those of that rule, for all. Where a direction cannot change an image by so
            much, its step is the longest that changes anything. Equal L2 on each image is equal PSNR.
        seed: of the `random` rule.
        batch_size: images a backward pass; None chooses by the device.
        precision: of the evaluation, never of the gradient: `float32`; `bfloat16`, where close calls are made again in
            float32; or `auto`, the quicker one.
        compiled: whether to ask a compiled model first, on a CPU with a C++ compiler: None where there is so much to do
            that it pays; True always; False never, as it has to be where threads share the process. Where it can't be
            done the notices say so.
        asking: what an earlier sweep found out about how to ask the same model, instead of `precision` and `compiled`;
            what it lacks is found out and kept in it.
        lock: held while the device computes, and let go between chunks of work, a fraction of a second each.

    Yields:
        A `SweepResult` that is valid on its own; the last one is over all images.

    Raises:
        BadValueError: for no rules, a rule named twice, no epsilons, one that isn't finite, or a batch size below 1.
        NoLogitsError: when the model gives nothing but NaN.
        UnknownNameError: for a rule, label source, target class or precision that doesn't exist.
        GradlabError: when memory runs out with a single image.
    """
    equal = None if equal_to is None else EqualTo.parse(equal_to)
    plan = _plan(rules, epsilons) if equal is None else _equal_plan(rules, epsilons, equal)
    source, device = LabelSource.parse(labels), device_of(model)
    batch = as_batch(batch)
    shape = batch.images.shape
    size = pass_size(batch_size, _BATCH, device, shape)
    placed = Placed.of(replace(batch, images=batch.images.float()), source, device)
    job = Job(
        model=model, placed=placed, plan=plan, asking=asking or asking_of(model, precision, compiled),
        chunk=so_many(_CHUNK[device.type], shape, device), equal_to=equal, eight_bit=eight_bit, ssim=ssim, seed=seed,
        lock=lock or nullcontext(),
    )  # fmt: skip
    check_repeatable(model, placed.images[:size])
    return _stream(job, min(size, len(batch)))


def _stream(job: Job, size: int) -> Iterator[SweepResult]:
    started, start, asked, images = time.perf_counter(), 0, size, len(job.placed)
    store, notices = _Store(_room(job)), job.placed.notices
    while start < images:
        part = slice(start, min(start + size, images))
        try:
            measured = job.measure(part)
        except torch.OutOfMemoryError:
            if size == 1:
                raise GradlabError(f"there is not enough memory for a single image on {job.placed.device}") from None
            size, job.chunk = (size + 1) // 2, (job.chunk + 1) // 2
            notices.append(f"Memory ran out; it went on with {size} images a batch.")
            continue
        store.add(measured, part, job.placed.batch)
        start = part.stop
        if measured.tally.disagreed:
            job.asking.distrust(store.tally)
            # All is measured again in float32; what was yielded stays as it was.
            store, start = _Store(_room(job), batches=store.batches, tally=store.tally._replace(unchecked=0)), 0
        if store.filled:
            used = job.asking.evaluator.precision if job.asking.evaluator else torch.float32
            yield replace(
                store.result(), notices=(*job.asking.notices, *notices), batch_size=asked,
                precision=str(used).removeprefix("torch."), seconds=time.perf_counter() - started,
            )  # fmt: skip
    if images and not store.filled:
        raise NoLogitsError(f"expected logits, got NaN or infinity for each of the {images} images")


def _named(rules: Sequence[Rule | str]) -> list[Rule]:
    names = [Rule(rule) for rule in rules]
    if not names or len(set(names)) < len(names):
        raise BadValueError(f"expected one or more rules, each once, got {', '.join(names) or 'none'}")
    return names


def _plan(rules: Sequence[Rule | str], epsilons: Epsilons) -> dict[Rule, tuple[float, ...]]:
    names = _named(rules)
    grids = epsilons if isinstance(epsilons, Mapping) else dict.fromkeys(names, epsilons)
    if left := [str(rule) for rule in map(Rule, grids) if rule not in names]:
        raise BadValueError(f"expected epsilons for {', '.join(names)}, got some for {', '.join(left)}")
    plan = {}
    for rule in names:
        chosen = grids.get(rule)
        plan[rule] = default_grid(rule) if chosen is None else tuple(sorted({check_epsilon(e) for e in chosen}))
        if not plan[rule]:
            raise BadValueError(f"expected at least one epsilon for the rule {rule}, got none")
        warn_of_unit(max(plan[rule], key=abs), rule)
    return plan


def _equal_plan(rules: Sequence[Rule | str], epsilons: Epsilons, equal: EqualTo) -> dict[Rule, tuple[float, ...]]:
    """The epsilons of the rule whose change all are to make, for each rule; that rule comes first."""
    if isinstance(epsilons, Mapping):
        raise BadValueError(f"expected one list of epsilons, those of {equal.rule}, for all rules; got one for each")
    (steps,) = _plan([equal.rule], epsilons).values()
    return dict.fromkeys([equal.rule, *(rule for rule in _named(rules) if rule != equal.rule)], steps)


def _room(job: Job) -> SweepResult:
    """A result with room for all images, and with all that is known of the circumstances."""
    (name, sha256), images, classes = named(job.model), len(job.placed), len(job.placed.batch.classes)

    def places() -> IntArray:
        return np.empty(images, np.int64)

    def curve(rule: Rule, epsilons: tuple[float, ...]) -> Curve:
        shape = (len(epsilons), images)
        columns = {name: np.empty(shape, np.float32) for name in MEASURES if name != "ssim" or job.ssim}
        rounded = np.empty(shape, class_type(classes)) if job.eight_bit else None
        scaled = None if job.equal_to is None or rule == job.equal_to.rule else job.equal_to
        return Curve(
            rule=rule, epsilons=np.array(epsilons), predictions=np.empty(shape, class_type(classes)), rounded=rounded,
            equal_to=scaled, **columns,
        )  # fmt: skip

    return SweepResult(
        **job.placed.provenance, indices=places(), labels=places(), clean_predictions=places(),
        clean_probability=np.empty(images, np.float32), zero_gradient=np.empty(images, np.bool_),
        curves=tuple(curve(*one) for one in job.plan.items()), failed=np.empty(0, np.int64),
        labelled=job.placed.batch.labelled,
        model=name, weights_sha256=sha256, seed=job.seed, batch_size=0, precision="float32", notices=(), seconds=0.0,
        backwards=0,
    )  # fmt: skip


@dataclass(eq=False)
class _Store:
    """Room for all images, filled from the left; what was yielded is a view of the filled part and stays as it was."""

    room: SweepResult
    filled: int = 0
    batches: int = 0
    failed: list[int] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)

    def add(self, measured: Measured, part: slice, batch: Batch) -> None:
        """Take over a batch, without the images that failed."""
        good = measured.good.cpu().numpy()
        places = slice(self.filled, self.filled + int(good.sum()))
        indices, labels = (values[part].cpu().numpy() for values in (batch.indices, batch.labels))
        said = measured.clean.predictions.cpu().numpy()
        facts = {
            "indices": indices,
            "labels": labels if batch.labelled else said,
            "clean_predictions": said,
            "clean_probability": measured.clean.probability.cpu().numpy(),
            "zero_gradient": measured.zero_gradient.cpu().numpy(),
        }
        for name, values in facts.items():
            getattr(self.room, name)[places] = values[good]
        for curve in self.room.curves:
            for name in ("predictions", "rounded", *MEASURES):
                if (column := getattr(measured.curves[curve.rule], name)) is not None:
                    getattr(curve, name)[:, places] = column.cpu().numpy()[:, good]
        self.failed += indices[~good].tolist()
        self.filled, self.batches, self.tally = places.stop, self.batches + 1, self.tally.plus(measured.tally)

    def result(self) -> SweepResult:
        """All images so far."""
        failed, spent = np.array(self.failed, np.int64), self.tally._asdict()
        return replace(self.room.part(slice(self.filled)), failed=failed, backwards=self.batches, **spent)
