"""Transfer: the perturbation is made on one network, and the accuracy is that of another.

Each batch costs one backward pass for each network, and one forward pass for each pair of a network that the images
were perturbed on and a network that classifies them; with epsilon 0 no such pass at all.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from gradlab.device import describe_device, device_of
from gradlab.errors import BadValueError
from gradlab.images.resident import Resident, resident
from gradlab.measures import l2_distance, linf_distance, psnr_of_l2
from gradlab.shipped import __version__
from gradlab.steps.epsilon import check_epsilon, warn_of_unit
from gradlab.steps.evaluate import Answers, Evaluator, answers
from gradlab.steps.gradient import gradient_of
from gradlab.steps.inputs import as_batch, check_classes, wanted_labels
from gradlab.steps.logits import check_repeatable
from gradlab.steps.perturb import direction, move
from gradlab.types import Batch, LabelSource, Rule, TransferResult

# Images a pass, where nobody says otherwise: small enough that the lock is free again soon.
_BATCH = {"cpu": 64, "cuda": 2_048, "mps": 512}


def transfer(
    models: Mapping[str, nn.Module], batch: Batch, rule: Rule | str, epsilon: Any, **options: Any
) -> TransferResult:
    """All of it at once; the arguments are those of `stream_transfer`."""
    last = deque(stream_transfer(models, batch, rule, epsilon, **options), maxlen=1)
    if not last:
        raise BadValueError("expected at least one image to transfer, got none")
    return last.pop()


def stream_transfer(
    models: Mapping[str, nn.Module],
    batch: Batch,
    rule: Rule | str,
    epsilon: Any,
    *,
    labels: LabelSource | str = LabelSource.TRUE,
    seed: int = 0,
    batch_size: int | None = None,
    lock: AbstractContextManager[Any] | None = None,
) -> Iterator[TransferResult]:
    """Perturb on every network and test on every network; yield the result so far after each batch of images.

    Args:
        models: by their names; each takes images in [0, 1] and gives logits. All on one device, where the work is done.
        batch: the images; they are moved to that device.
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
            or when no image has given numbers on all networks; or for labels that nobody knows.
        UnknownNameError: for a rule, label source or target class that doesn't exist.
    """
    if batch_size is not None and batch_size < 1:
        raise BadValueError(f"expected a batch size of at least 1, got {batch_size}")
    source, device = LabelSource.parse(labels), _one_device(models)
    batch, rule, epsilon = as_batch(batch), Rule(rule), check_epsilon(epsilon)
    if not batch.labelled:
        raise BadValueError("expected images whose labels are known, against which all networks are counted alike")
    warn_of_unit(epsilon, rule)
    wanted = wanted_labels(batch, source)
    job = _Job(
        models=tuple(models.values()),
        images=resident(batch.images, device),
        labels=batch.labels.to(device),
        wanted=None if wanted is None else wanted.to(device),
        indices=batch.indices,
        rule=rule,
        epsilon=epsilon,
        check=lambda classes: check_classes(batch, classes),
        seed=seed,
        lock=lock or nullcontext(),
    )
    size = batch_size or _BATCH[device.type]
    for model in job.models:
        check_repeatable(model, job.images[:size])
    return _stream(job, size, _blank(job, tuple(models), batch, source, device))


def _one_device(models: Mapping[str, nn.Module]) -> torch.device:
    found = {str(device_of(model)) for model in models.values()}
    if len(found) != 1:
        raise BadValueError(f"expected one or more models on one device, got {', '.join(sorted(found)) or 'no model'}")
    return torch.device(found.pop())


def _stream(job: "_Job", size: int, blank: TransferResult) -> Iterator[TransferResult]:
    started, parts, count = time.perf_counter(), _Parts(), len(job.indices)
    for start in range(0, count, size):
        part = slice(start, min(start + size, count))
        parts.add(job.measure(part), job.indices[part].numpy())
        if parts.images:
            yield replace(
                blank, **parts.joined(), failed=np.array(parts.failed, np.int64),
                seconds=time.perf_counter() - started, backwards=parts.batches * len(job.models),
            )  # fmt: skip
    if count and not parts.images:
        raise BadValueError(f"expected logits, got NaN or infinity for each of the {count} images")


def _blank(
    job: "_Job", names: tuple[str, ...], batch: Batch, source: LabelSource, device: torch.device
) -> TransferResult:
    """A result without images: all that is known of the circumstances."""
    count, none = len(names), np.empty(0, np.int64)
    sizes = np.empty((count, 0), np.float32)
    return TransferResult(
        dataset=batch.dataset, split=batch.split, source=batch.source, classes=batch.classes, models=names,
        indices=none, labels=none, clean_predictions=np.empty((count, 0), np.int32),
        predictions=np.empty((count, count, 0), np.int32), l2=sizes, linf=sizes, psnr=sizes, rule=job.rule,
        epsilon=job.epsilon, label_source=source, failed=none, planned=len(batch), draw_seed=batch.seed, seed=job.seed,
        device=describe_device(str(device)), software=f"gradlab {__version__}, torch {torch.__version__}",
        seconds=0.0, backwards=0,
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Job:
    """What stays the same from batch to batch."""

    models: tuple[nn.Module, ...]
    images: Resident
    labels: Tensor
    wanted: Tensor | None
    indices: Tensor
    rule: Rule
    epsilon: float
    seed: int
    lock: AbstractContextManager[Any]
    check: Callable[[int], None]

    def measure(self, part: slice) -> dict[str, NDArray[Any]]:
        """The columns of one batch, images last; a prediction is −1 where something was no number."""
        with self.lock:
            images, labels = self.images[part], self.labels[part]
        made = [self._perturbed(model, images, part) for model in self.models]
        clean = [answers(logits, labels).predictions for logits, _, _ in made]
        said = [torch.stack(self._ask(moved, labels, clean)) for _, moved, _ in made]
        good = torch.stack([row for _, _, row in made]).all(0)
        columns = {
            "labels": labels,
            "clean_predictions": torch.stack(clean).where(good, -1).int(),
            "predictions": torch.stack(said).int(),
            **_sizes(images, torch.stack([moved for _, moved, _ in made])),
        }
        return {name: column.cpu().numpy() for name, column in columns.items()}

    def _perturbed(self, model: nn.Module, images: Tensor, part: slice) -> tuple[Tensor, Tensor, Tensor]:
        """The clean logits, the images perturbed on a model, and where its gradient is all numbers."""
        with self.lock:
            wanted = None if self.wanted is None else self.wanted[part]
            gradient = gradient_of(model, images, wanted)
            self.check(gradient.logits.shape[1])
            along = direction(gradient, self.rule, seed=self.seed, indices=self.indices[part])
            # Images of which something is no number stay where they are, and are left out in the end.
            moved = move(images, along.where(gradient.finite[:, None, None, None], 0), self.epsilon)
            return gradient.logits, moved, gradient.finite

    def _ask(self, moved: Tensor, labels: Tensor, clean: list[Tensor]) -> list[Tensor]:
        """What every model says of perturbed images; with epsilon 0 they are the clean ones."""
        return [self._answers(model, moved, labels).predictions for model in self.models] if self.epsilon else clean

    def _answers(self, model: nn.Module, moved: Tensor, labels: Tensor) -> Answers:
        with self.lock:
            return Evaluator(model)(moved, labels)


def _sizes(images: Tensor, moved: Tensor) -> dict[str, Tensor]:
    """How far M times N images were moved, each (M, N)."""
    l2 = torch.stack([l2_distance(images, one) for one in moved])
    return {
        "l2": l2,
        "linf": torch.stack([linf_distance(images, one) for one in moved]),
        "psnr": psnr_of_l2(l2, images[0].numel()),
    }


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
