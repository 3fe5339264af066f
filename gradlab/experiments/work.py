"""How every experiment works: on a batch where the model is, part by part, and telling where its results come from."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from gradlab.device import describe_device, device_of
from gradlab.errors import BadValueError
from gradlab.images.resident import Resident, resident
from gradlab.shipped import __version__
from gradlab.steps.gradient import Gradient, gradient_of
from gradlab.steps.inputs import check_classes, wanted_labels
from gradlab.steps.line import Line
from gradlab.types import UNKNOWN, Batch, LabelSource, Provenance, Rule

Lock = AbstractContextManager[Any]
Done = TypeVar("Done")

# Images a pass by the kind of device, unless told otherwise: small enough that the lock is free again soon. These, and
# all such numbers, are of images of 32 × 32 pixels; `so_many` tells how many larger ones take as long and as much room.
PASS = {"cpu": 64, "cuda": 2_048, "mps": 512}
_PIXELS = 32 * 32
# A gradient of EfficientNet-Lite0 at 224 × 224 takes 82 MB an image, and of fewer than these a pass is no faster.
_LEAST = {"cpu": 8, "cuda": 64, "mps": 16}


@dataclass(frozen=True, eq=False)
class Placed:
    """A batch where the model is.

    Attributes:
        batch: as `as_batch` gives it.
        source: whose loss is taken.
        images: of the batch, handed out on the device.
        labels: the true classes, int64 (N,), on the device.
        wanted: the labels whose loss is taken, on the device; None for the model's own predictions.
    """

    batch: Batch
    source: LabelSource
    images: Resident
    labels: Tensor
    wanted: Tensor | None

    @classmethod
    def of(cls, batch: Batch, source: LabelSource, device: torch.device) -> "Placed":
        """The batch on a device.

        Raises:
            UnknownNameError: for a target class that doesn't exist.
        """
        wanted = wanted_labels(batch, source)
        images, labels = resident(batch.images, device), batch.labels.to(device)
        return cls(batch, source, images, labels, None if wanted is None else wanted.to(device))

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def device(self) -> str:
        """Where it is, as a person would say it."""
        return describe_device(str(self.labels.device))

    def gradient(self, model: nn.Module, part: slice | Tensor) -> Gradient:
        """The gradients of some of the images, by one backward pass.

        Raises:
            BadValueError: for a model that gives another number of logits than there are classes.
        """
        gradient = gradient_of(model, self.images[part], None if self.wanted is None else self.wanted[part])
        check_classes(self.batch, gradient.logits.shape[1])
        return gradient

    def line(self, gradient: Gradient, rule: Rule, part: slice | Tensor, seed: int) -> Line:
        """Where a rule takes these images; `gradient` is theirs, `seed` that of the `random` rule."""
        return Line.along(gradient, rule, seed=seed, indices=self.batch.indices[part])

    @property
    def notices(self) -> list[str]:
        """What a person has to know of the images, in sentences: what is counted where labels are unknown."""
        count = int((self.batch.labels == UNKNOWN).sum())
        if not count:
            return []
        which = "these images" if count == len(self) else "some of these images"
        return [
            f"Nobody knows the labels of {which}. So gradlab does not count what is right, but the share that keeps "
            "the class that the network named before the step."
        ]

    @property
    def provenance(self) -> dict[str, Any]:
        """What every result says of the images and of the place where it was measured."""
        of = {"classes": self.batch.classes, "planned": len(self.batch), "draw_seed": self.batch.seed}
        return {**_origin(self.batch, self.source, self.labels.device), **of}


def provenance_of(model: nn.Module, batch: Batch, labels: LabelSource | str, seed: int = 0) -> Provenance:
    """Where a result of one network comes from.

    Args:
        model: the network; where it is, the work is done.
        batch: the images.
        labels: whose loss is taken: `true`, `predicted` or `target:<class>`.
        seed: of the `random` rule.

    Raises:
        UnknownNameError: for a label source that doesn't exist.
    """
    name, sha256 = named(model)
    return Provenance(
        **_origin(batch, LabelSource.parse(labels), device_of(model)), model=name, weights_sha256=sha256, seed=seed,
        index=int(batch.indices[0]) if len(batch) == 1 else None,
    )  # fmt: skip


def named(model: nn.Module) -> tuple[str, str]:
    """What a network is called, and the sha256 of its weights: its type, and nothing, where it has no card."""
    card = getattr(model, "card", None)
    return (card.name, card.sha256) if card else (type(model).__name__, "")


def _origin(batch: Batch, source: LabelSource, device: torch.device) -> dict[str, Any]:
    return {
        "dataset": batch.dataset, "split": batch.split, "source": batch.source, "images_sha256": batch.sha256,
        "label_source": source, "device": describe_device(str(device)),
        "software": f"gradlab {__version__}, torch {torch.__version__}",
    }  # fmt: skip


def pass_size(
    wanted: int | None, usual: Mapping[str, int], device: torch.device, shape: Sequence[int] = (32, 32)
) -> int:
    """How many images a pass has: as many as are wanted; None takes what is usual on this kind of device.

    Args:
        wanted: 1 or more.
        usual: by the kind of device, of images of 32 × 32 pixels.
        device: where the work is done.
        shape: of the images; height and width come last.

    Raises:
        BadValueError: for a size below 1.
    """
    if wanted is not None and wanted < 1:
        raise BadValueError(f"expected a batch size of at least 1, got {wanted}")
    return wanted or so_many(usual[device.type], shape, device)


def so_many(usual: int, shape: Sequence[int], device: torch.device | None = None) -> int:
    """How many images of a shape have no more pixels than `usual` ones of 32 × 32; a few at least."""
    least = _LEAST[device.type if device else "cpu"]
    pixels = max(1, shape[-2] * shape[-1])
    return usual if pixels <= _PIXELS else max(min(least, usual), usual * _PIXELS // pixels)


def chunks(count: int, size: int) -> Iterator[slice]:
    """So many images, at most so many at a time.

    Raises:
        BadValueError: for a size below 1.
    """
    if size < 1:
        raise BadValueError(f"expected a batch size of at least 1, got {size}")
    return (slice(start, min(start + size, count)) for start in range(0, count, size))


def last_of(stream: Iterator[Done], purpose: str) -> Done:
    """What a stream ends with; what came before is let go.

    Raises:
        BadValueError: where nothing came, since there was no image for the purpose.
    """
    last = deque(stream, maxlen=1)
    if not last:
        raise BadValueError(f"expected at least one image {purpose}, got none")
    return last.pop()
