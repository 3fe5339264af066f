"""Transfer: the perturbation is made on one network, and the accuracy is that of another.

Each batch costs one backward pass for each network, and one forward pass for each pair of a network that the images
were perturbed on and a network that classifies them; with epsilon 0 no such pass at all.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from gradlab.device import device_of
from gradlab.errors import BadValueError
from gradlab.experiments.work import PASS, Lock, Placed, chunks, last_of, pass_size
from gradlab.measures import l2_distance, linf_distance, psnr_of_l2
from gradlab.steps.epsilon import check_epsilon, warn_of_unit
from gradlab.steps.evaluate import Evaluator, Predictions
from gradlab.steps.inputs import as_batch
from gradlab.steps.line import Line
from gradlab.steps.logits import check_repeatable
from gradlab.types import Batch, LabelSource, Rule, TransferResult


def transfer(
    models: Mapping[str, nn.Module], batch: Batch, rule: Rule | str, epsilon: Any, **options: Any
) -> TransferResult:
    """All of it at once; the arguments are those of `stream_transfer`."""
    return last_of(stream_transfer(models, batch, rule, epsilon, **options), "to transfer")


def stream_transfer(
    models: Mapping[str, nn.Module],
    batch: Batch,
    rule: Rule | str,
    epsilon: Any,
    *,
    labels: LabelSource | str = LabelSource.TRUE,
    seed: int = 0,
    batch_size: int | None = None,
    lock: Lock | None = None,
) -> Iterator[TransferResult]:
    """Perturb on every network and test on every network; yield the result so far after each batch of images.

    Args:
        models: by their names; each takes images in [0, 1] and gives logits. All on one device, where the work is done.
        batch: the images; they are moved to that device. Where a label is unknown, what is counted is whether an image
            keeps the class that the network it is tested on named before the step.
        rule: the direction.
        epsilon: the signed step in the rule's unit, the same on every network. With `raw`, networks change the images
            by different amounts, for their gradients have different sizes: see `TransferResult.level`.
        labels: the class whose loss is climbed or descended: `true`, `target:<class>`, or `predicted`, which is what
            the network that the perturbation is made on predicts, never the one that it is tested on.
        seed: of the `random` rule, whose noise is the same on every network.
        batch_size: images a pass; None chooses by the device.
        lock: held while the device computes, and let go between passes.

    Yields:
        A `TransferResult` that is valid on its own; the last one is over all images.

    Raises:
        BadValueError: for no models, models on several devices, an epsilon that isn't finite or a batch size below 1;
            or when no image has given numbers on all networks.
        UnknownNameError: for a rule, label source or target class that doesn't exist.
    """
    source, device = LabelSource.parse(labels), _one_device(models)
    batch, rule, epsilon = as_batch(batch), Rule(rule), check_epsilon(epsilon)
    size = pass_size(batch_size, PASS, device, batch.images.shape)
    warn_of_unit(epsilon, rule)
    placed = Placed.of(batch, source, device)
    job = _Job(tuple(models.values()), placed, rule, epsilon, seed, lock or nullcontext())
    for model in job.models:
        check_repeatable(model, placed.images[:size])
    return _stream(job, size, _blank(job, tuple(models)))


def _one_device(models: Mapping[str, nn.Module]) -> torch.device:
    found = {str(device_of(model)) for model in models.values()}
    if len(found) != 1:
        raise BadValueError(f"expected one or more models on one device, got {', '.join(sorted(found)) or 'no model'}")
    return torch.device(found.pop())


def _stream(job: "_Job", size: int, blank: TransferResult) -> Iterator[TransferResult]:
    started, parts, count = time.perf_counter(), _Parts(), len(job.placed)
    for part in chunks(count, size):
        parts.add(job.measure(part), job.placed.batch.indices[part].numpy())
        if parts.images:
            yield replace(
                blank, **parts.joined(), failed=np.array(parts.failed, np.int64),
                seconds=time.perf_counter() - started, backwards=parts.batches * len(job.models),
            )  # fmt: skip
    if count and not parts.images:
        raise BadValueError(f"expected logits, got NaN or infinity for each of the {count} images")


def _blank(job: "_Job", names: tuple[str, ...]) -> TransferResult:
    """A result without images: all that is known of the circumstances."""
    count, none = len(names), np.empty(0, np.int64)
    sizes = np.empty((count, 0), np.float32)
    return TransferResult(
        **job.placed.provenance, models=names, indices=none, labels=none,
        clean_predictions=np.empty((count, 0), np.int32), predictions=np.empty((count, count, 0), np.int32),
        l2=sizes, linf=sizes, psnr=sizes, rule=job.rule, epsilon=job.epsilon, failed=none, seed=job.seed, seconds=0.0,
        backwards=0, labelled=job.placed.batch.labelled,
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Job:
    """What stays the same from batch to batch."""

    models: tuple[nn.Module, ...]
    placed: Placed
    rule: Rule
    epsilon: float
    seed: int
    lock: Lock

    def measure(self, part: slice) -> dict[str, NDArray[Any]]:
        """The columns of one batch, images last; a prediction is −1 where something was no number."""
        labels = self.placed.labels[part]
        asked = labels.clamp(min=0)  # an unknown one has no probability, and nobody asks for that
        lines, moved = zip(*(self._perturbed(model, part) for model in self.models), strict=True)
        clean = [Predictions.of(line.logits, asked).predictions for line in lines]
        said = [torch.stack(self._ask(images, asked, clean)) for images in moved]
        good = torch.stack([line.gradient.finite for line in lines]).all(0)
        columns = {
            "labels": labels,
            "clean_predictions": torch.stack(clean).where(good, -1).int(),
            "predictions": torch.stack(said).int(),
            **_sizes(lines[0].images, moved),
        }
        return {name: column.cpu().numpy() for name, column in columns.items()}

    def _perturbed(self, model: nn.Module, part: slice) -> tuple[Line, Tensor]:
        """Where a model's gradient takes the images; those that are left out in the end stay where they are."""
        with self.lock:
            line = self.placed.line(self.placed.gradient(model, part), self.rule, part, self.seed).steady
            return line, line.at(self.epsilon)

    def _ask(self, moved: Tensor, labels: Tensor, clean: list[Tensor]) -> list[Tensor]:
        """What every model says of perturbed images; with epsilon 0 they are the clean ones."""
        return [self._predictions(model, moved, labels) for model in self.models] if self.epsilon else clean

    def _predictions(self, model: nn.Module, moved: Tensor, labels: Tensor) -> Tensor:
        with self.lock:
            return Evaluator(model)(moved, labels).predictions


def _sizes(images: Tensor, moved: Sequence[Tensor]) -> dict[str, Tensor]:
    """How far N images were moved, M times, each (M, N)."""
    l2 = torch.stack([l2_distance(images, one) for one in moved])
    linf = torch.stack([linf_distance(images, one) for one in moved])
    return {"l2": l2, "linf": linf, "psnr": psnr_of_l2(l2, images[0].numel())}


@dataclass
class _Parts:
    """The batches so far, without the images that failed."""

    columns: list[dict[str, NDArray[Any]]] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)
    images: int = 0
    batches: int = 0

    def add(self, columns: dict[str, NDArray[Any]], indices: NDArray[Any]) -> None:
        good = (columns["clean_predictions"] >= 0).all(0) & (columns["predictions"] >= 0).all((0, 1))
        self.columns.append({name: values[..., good] for name, values in {**columns, "indices": indices}.items()})
        self.failed += indices[~good].tolist()
        self.images, self.batches = self.images + int(good.sum()), self.batches + 1

    def joined(self) -> dict[str, Any]:
        return {name: np.concatenate([part[name] for part in self.columns], axis=-1) for name in self.columns[0]}
