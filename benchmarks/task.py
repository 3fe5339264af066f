"""What is measured: a model, images, epsilons; and the words in which the benchmarks speak of doing it."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

import gradlab
from gradlab.types import UNKNOWN, Precision, is_photograph

LARGEST = 32 / 255
OF_PHOTOGRAPHS = (8, 16, 64)  # batch sizes
FORMATS: dict[str, Any] = {"channels_last": torch.channels_last, "contiguous": torch.contiguous_format}

Predictions = NDArray[np.integer[Any]]
Seen = Callable[[int, slice, Tensor], None]  # is shown perturbed images: which epsilon, which images, the images
Run = Callable[[Seen], Predictions]  # does the whole task; gives predictions (K, N)


class Setting(NamedTuple):
    """One way of doing the task; the fastest of a contender's ways is the one that is compared."""

    batch: int | None
    layout: str = "channels_last"
    precision: Precision = "float32"
    stack: int = 1  # epsilons in one forward pass
    compiled: bool = False  # whether the forward passes of perturbed images are

    def __str__(self) -> str:
        batch = "own batch size" if self.batch is None else f"batch {self.batch}"
        stack = f"×{self.stack}" if self.stack > 1 else ""
        compiled = ", compiled" if self.compiled else ""
        return f"{batch}{stack}, {self.layout}, {self.precision}{compiled}"


@dataclass(frozen=True, eq=False)
class Task:
    """The same for all that are compared.

    Attributes:
        model: as `gradlab.load_model` gives it: eval mode, frozen, channels_last.
        batch: N images, on the model's device.
        epsilons: K sizes of the sign step, all above 0, which is what every library can do.
        batch_size: the only one to be tried; None leaves each its own choice.
    """

    model: nn.Module
    batch: gradlab.Batch
    epsilons: tuple[float, ...]
    batch_size: int | None = None

    @property
    def device(self) -> torch.device:
        """Where the model and the images are."""
        return self.batch.images.device

    def parts(self, size: int | None) -> list[slice]:
        """The images, batch by batch; None: all at once."""
        count = len(self.batch)
        return [slice(start, min(start + (size or count), count)) for start in range(0, count, size or count)]

    def sizes(self, usual: tuple[int, ...]) -> tuple[int, ...]:
        """The batch sizes to try: the usual ones of 32 × 32 pixels, or such as suit photographs; none twice."""
        if self.batch_size:
            return (self.batch_size,)
        fitting = OF_PHOTOGRAPHS if is_photograph(self.batch.images.shape) else usual
        return tuple(dict.fromkeys(min(size, len(self.batch)) for size in fitting))

    def model_in(self, layout: str) -> nn.Module:
        """A copy of the model that nobody else uses; `layout`: channels_last or contiguous."""
        copy: nn.Module = deepcopy(self.model).to(memory_format=FORMATS[layout])
        return copy

    def images_in(self, layout: str) -> Tensor:
        """The images, so laid out in memory."""
        return self.batch.images.contiguous(memory_format=FORMATS[layout])

    def room(self) -> Tensor:
        """For the predictions: int64 (K, N), on the device."""
        return torch.empty((len(self.epsilons), len(self.batch)), dtype=torch.int64, device=self.device)


def load_task(
    name: str, images: int, epsilons: int, device: str = "cpu", batch_size: int | None = None, dataset: str = "cifar10",
    folder: Path | None = None,
) -> Task:  # fmt: skip
    """A shipped model and test images of its data set, or those in a folder; unknown labels are what the model says."""
    model = gradlab.load_model(name, dataset, device=device)
    batch = some_images(dataset, images, device) if folder is None else from_folder(folder, dataset, images, device)
    return Task(model, labelled(batch, model), spaced(epsilons), batch_size)


def from_folder(folder: Path, dataset: str, count: int, device: str = "cpu") -> gradlab.Batch:
    """So many pictures of a folder, as large as the images of a data set and with its classes."""
    found = gradlab.load_folder(folder, classes=dataset).batch(limit=count)
    return replace(found, images=found.images.to(device), labels=found.labels.to(device))


@torch.no_grad()
def labelled(batch: gradlab.Batch, model: nn.Module) -> gradlab.Batch:
    """The same, with the model's own answer where nobody knows a label, as every library needs one."""
    if bool((batch.labels != UNKNOWN).all()):
        return batch
    said = torch.cat([model(part).argmax(1) for part in batch.images.split(32)])
    return replace(batch, labels=torch.where(batch.labels == UNKNOWN, said, batch.labels))


def spaced(count: int) -> tuple[float, ...]:
    """So many epsilons above 0, evenly spaced up to 32/255."""
    return tuple(LARGEST * (k + 1) / count for k in range(count))


def some_images(dataset: str, count: int, device: str = "cpu") -> gradlab.Batch:
    """Test images of a data set; where only its sample is at hand and is too small, its images over and over."""
    try:
        return gradlab.load_batch(dataset, limit=count, device=device)
    except gradlab.GradlabError:
        sample = gradlab.load_batch(dataset, limit=None, source="sample", device=device)
    places = torch.arange(count, device=sample.labels.device) % len(sample)
    return replace(
        sample, images=sample.images[places], labels=sample.labels[places], indices=sample.indices[places], seed=None
    )


@torch.inference_mode()
def predictions(model: nn.Module, images: Tensor) -> Tensor:
    """The most probable classes, int64 (N,)."""
    logits: Tensor = model(images)
    return logits.argmax(1)


def not_shown(row: int, part: slice, images: Tensor) -> None:
    """A `Seen` that looks at nothing."""
