"""The engine: accuracy over signed epsilons, from one backward pass a batch, streamed batch by batch.

The direction does not depend on epsilon, so each batch costs one forward and one backward pass in float32, and then one
bare forward pass for each epsilon of each rule, several epsilons stacked into one. Epsilon 0 costs nothing: its
predictions are the clean ones.
"""

import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from gradlab.device import describe_device, device_of
from gradlab.errors import BadValueError, GradlabError
from gradlab.experiments.asking import Asking
from gradlab.experiments.measure import Job, Measured
from gradlab.experiments.spotcheck import Tally
from gradlab.images.resident import resident
from gradlab.shipped import __version__
from gradlab.steps.epsilon import check_epsilon, default_grid, warn_of_unit
from gradlab.steps.evaluate import pick_precision
from gradlab.steps.inputs import as_batch, check_classes, wanted_labels
from gradlab.steps.logits import check_repeatable
from gradlab.types import MEASURES, UNKNOWN, Batch, Curve, EqualTo, LabelSource, Precision, Rule, SweepResult
from gradlab.types.arrays import class_type

Epsilons = Sequence[Any] | Mapping[Rule, Sequence[Any]] | Mapping[str, Sequence[Any]] | None

# Images a backward pass, and images a forward pass, where nobody says otherwise.
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
    last = deque(stream_sweep(model, batch, rules, epsilons, **options), maxlen=1)
    if not last:
        raise BadValueError("expected at least one image to sweep over, got none")
    return last.pop()


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
    lock: AbstractContextManager[Any] | None = None,
) -> Iterator[SweepResult]:
    """Sweep, and yield the result over all images done so far after each batch. Stop by not asking for more.

    In bfloat16, and where a compiled model is asked, predictions that are too close to call are made again in float32,
    and so is a random 1 % of the others, or some 300. The result says how many these were. If float32 disagrees with
    any of them, the sweep begins again in float32, and a notice says so.

    Args:
        model: takes images in [0, 1], gives logits; where it is, the work is done.
        batch: the images; they are moved to the model's device. For a label that nobody knows stands the class that
            the model gives the clean image, and a notice says so.
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
        BadValueError: for no rules, a rule named twice, no epsilons, one that isn't finite, or a batch size below 1; or
            when the model gives nothing but NaN.
        UnknownNameError: for a rule, label source, target class or precision that doesn't exist.
        GradlabError: when memory runs out with a single image.
    """
    equal = None if equal_to is None else EqualTo.parse(equal_to)
    plan = _plan(rules, epsilons) if equal is None else _equal_plan(rules, epsilons, equal)
    source = LabelSource.parse(labels)
    if batch_size is not None and batch_size < 1:
        raise BadValueError(f"expected a batch size of at least 1, got {batch_size}")
    batch = as_batch(batch)
    batch = replace(batch, images=batch.images.float())
    asking = asking or asking_of(model, precision, compiled)
    job = _job(model, batch, plan, source, asking)
    job = replace(job, equal_to=equal, eight_bit=eight_bit, ssim=ssim, seed=seed, lock=lock or nullcontext())
    size = min(batch_size or _BATCH[job.labels.device.type], len(batch))
    check_repeatable(model, job.images[:size])
    return _stream(job, size, _Store.allocate(len(batch), len(batch.classes), job), batch, source)


def _stream(job: Job, size: int, store: "_Store", batch: Batch, source: LabelSource) -> Iterator[SweepResult]:
    started, start, notices, asked = time.perf_counter(), 0, _unlabelled(batch), size
    while start < len(batch):
        stop = min(start + size, len(batch))
        try:
            measured = job.measure(slice(start, stop))
        except torch.OutOfMemoryError:
            if size == 1:
                raise GradlabError(f"there is not memory enough for a single image on {_device(job)}") from None
            size, job.chunk = (size + 1) // 2, (job.chunk + 1) // 2
            notices.append(f"Memory ran out; it went on with {size} images a batch.")
            continue
        store.add(measured, slice(start, stop), batch)
        start = stop
        if measured.tally.disagreed:
            job.asking.distrust(store.tally)
            store, start = store.emptied(len(batch), len(batch.classes), job), 0
        if store.filled:
            blank = _blank(job, batch, source)
            seconds = time.perf_counter() - started
            told = (*job.asking.notices, *notices)
            yield store.fill(replace(blank, notices=told, batch_size=asked, seconds=seconds))
    if len(batch) and not store.filled:
        raise BadValueError(f"expected logits, got NaN or infinity for each of the {len(batch)} images")


def _unlabelled(batch: Batch) -> list[str]:
    """What is counted where nobody knows the labels: a notice."""
    count = int((batch.labels == UNKNOWN).sum())
    if not count:
        return []
    return [
        f"Nobody knows the labels of {count:,} of the {len(batch):,} images: the class that the network gives each of "
        "these before the step stands for its label, and accuracy is the share that keeps it."
    ]


def asking_of(model: nn.Module, precision: Precision, compiled: bool | None, keep: bool = False) -> Asking:
    """How a model is to be asked, before anything is found out; `keep` the gradients for further sweeps.

    Raises:
        UnknownNameError: for a precision that doesn't exist.
    """
    picked = pick_precision(precision, device_of(model))
    return Asking(picked, precision == "bfloat16", compiled, gradients={} if keep else None)


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


def _job(
    model: nn.Module, batch: Batch, plan: dict[Rule, tuple[float, ...]], source: LabelSource, asking: Asking
) -> Job:
    device = device_of(model)
    wanted = wanted_labels(batch, source)
    return Job(
        model=model,
        images=resident(batch.images, device),
        labels=batch.labels.to(device),
        wanted=None if wanted is None else wanted.to(device),
        indices=batch.indices,
        plan=plan,
        asking=asking,
        chunk=_CHUNK[device.type],
        check=lambda classes: check_classes(batch, classes),
    )


def _device(job: Job) -> str:
    return describe_device(str(job.labels.device))


def _blank(job: Job, batch: Batch, source: LabelSource) -> SweepResult:
    """A result without images: all that is known of the circumstances."""
    card = getattr(job.model, "card", None)
    used = job.asking.evaluator.precision if job.asking.evaluator else torch.float32
    none, no_places = np.empty(0, np.float32), np.empty(0, np.int64)
    return SweepResult(
        dataset=batch.dataset, split=batch.split, source=batch.source, classes=batch.classes,
        indices=no_places, labels=no_places, clean_predictions=no_places, clean_probability=none,
        zero_gradient=np.empty(0, np.bool_), curves=(), failed=no_places, planned=len(batch),
        model=card.name if card else type(job.model).__name__, weights_sha256=card.sha256 if card else "",
        label_source=source, draw_seed=batch.seed, seed=job.seed, batch_size=0, device=_device(job),
        precision=str(used).removeprefix("torch."), software=f"gradlab {__version__}, torch {torch.__version__}",
        notices=(), seconds=0.0, backwards=0,
    )  # fmt: skip


@dataclass(eq=False)
class _Store:
    """Room for all images, filled from the left; what was yielded is a view of the filled part and stays as it was."""

    facts: dict[str, NDArray[Any]]
    curves: dict[Rule, dict[str, NDArray[Any]]]
    plan: dict[Rule, tuple[float, ...]]
    equal_to: EqualTo | None = None
    filled: int = 0
    batches: int = 0
    failed: list[int] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)

    @classmethod
    def allocate(cls, images: int, classes: int, job: Job) -> "_Store":
        counted = ("predictions", "rounded") if job.eight_bit else ("predictions",)
        measured = [name for name in MEASURES if name != "ssim" or job.ssim]
        kinds: dict[str, type] = dict.fromkeys(counted, class_type(classes)) | dict.fromkeys(measured, np.float32)
        facts: dict[str, type] = dict.fromkeys(("indices", "labels", "clean_predictions"), np.int64)
        facts |= {"clean_probability": np.float32, "zero_gradient": np.bool_}
        return cls(
            {name: np.empty(images, kind) for name, kind in facts.items()},
            {
                rule: {name: np.empty((len(grid), images), kind) for name, kind in kinds.items()}
                for rule, grid in job.plan.items()
            },
            job.plan,
            job.equal_to,
        )

    def emptied(self, images: int, classes: int, job: Job) -> "_Store":
        """Room to measure everything again in float32; what was yielded stays as it was."""
        tally = self.tally._replace(unchecked=0)
        return replace(self.allocate(images, classes, job), batches=self.batches, tally=tally)

    def add(self, measured: Measured, part: slice, batch: Batch) -> None:
        """Take over a batch, without the images that failed."""
        good = measured.good.cpu().numpy()
        places = slice(self.filled, self.filled + int(good.sum()))
        indices, labels = (values[part].cpu().numpy() for values in (batch.indices, batch.labels))
        said = measured.clean.predictions.cpu().numpy()
        facts = {
            "indices": indices,
            "labels": np.where(labels == UNKNOWN, said, labels),
            "clean_predictions": said,
            "clean_probability": measured.clean.probability.cpu().numpy(),
            "zero_gradient": measured.zero_gradient.cpu().numpy(),
        }
        for name, values in facts.items():
            self.facts[name][places] = values[good]
        for rule, columns in measured.curves.items():
            for name, tensor in columns.items():
                self.curves[rule][name][:, places] = tensor.cpu().numpy()[:, good]
        self.failed += indices[~good].tolist()
        self.filled, self.batches, self.tally = places.stop, self.batches + 1, self.tally.plus(measured.tally)

    def fill(self, blank: SweepResult) -> SweepResult:
        """A result with all images so far."""

        def curve(rule: Rule) -> Curve:
            columns: dict[str, Any] = {name: values[:, : self.filled] for name, values in self.curves[rule].items()}
            scaled = None if self.equal_to is None or rule == self.equal_to.rule else self.equal_to
            columns = {"rounded": None, "equal_to": scaled} | columns
            return Curve(rule=rule, epsilons=np.array(self.plan[rule]), **columns)

        facts: dict[str, Any] = {name: values[: self.filled] for name, values in self.facts.items()}
        return replace(
            blank,
            **facts,
            curves=tuple(curve(rule) for rule in self.plan),
            failed=np.array(self.failed, np.int64),
            backwards=self.batches,
            **self.tally._asdict(),
        )
