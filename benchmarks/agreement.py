"""Before anything is timed: do they all make the same images, and does the model say the same of them?

The reference is `gradlab.perturb`, and plain float32 forward passes over its images. Where the gradient is so near zero
that its sign is a matter of rounding, two right answers differ by twice epsilon. Such values are found without asking
any library, left out of the comparison of images, and counted.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor

import gradlab
from benchmarks.contenders import Contender
from benchmarks.task import FORMATS, Predictions, Run, Task, predictions

TOLERANCE = 1e-6
NEAR_ZERO = 1e-5  # of the largest value of an image's gradient
BATCH = 256


class Disagreement(Exception):
    """Somebody does something else than the others, so that there is no sense in timing it."""


@dataclass(frozen=True, eq=False)
class Reference:
    """What is right.

    Attributes:
        images: float32 (K, N, C, H, W), as gradlab perturbs them.
        predictions: int64 (K, N), of a plain float32 forward pass over them.
        sure: bool (N, C, H, W), where the sign of the gradient is beyond doubt.
    """

    images: Tensor
    predictions: Predictions
    sure: Tensor


@dataclass(frozen=True)
class Agreement:
    """How one contender compares with the reference.

    Attributes:
        values: values of perturbed images that were compared: all whose sign is beyond doubt, for one that shows them.
        largest: the largest difference among them.
        unsure: other values that differ.
        predictions: how many predictions were compared.
        differing: how many of them differ.
        unexplained: how many of these belong to images that differ nowhere.
    """

    values: int
    largest: float
    unsure: int
    predictions: int
    differing: int
    unexplained: int


def reference(task: Task) -> Reference:
    """Perturb with gradlab, and ask the model in plain float32."""
    images, moved, said = task.images_in("channels_last"), [], []
    for epsilon in task.epsilons:
        for part in task.parts(BATCH):
            moved.append(gradlab.perturb(task.model, images[part], task.batch.labels[part], epsilon, "sign"))
            said.append(predictions(task.model, moved[-1]))
    shape = (len(task.epsilons), len(images))
    return Reference(torch.cat(moved).unflatten(0, shape), torch.cat(said).view(shape).cpu().numpy(), sure_signs(task))


def sure_signs(task: Task) -> Tensor:
    """Where float32, in both memory formats, and float64 agree on the sign, and the value is not too near zero."""
    exact = _gradient(task, "contiguous", torch.float64)
    size = exact.abs()
    sure = size > NEAR_ZERO * size.amax(dim=(1, 2, 3), keepdim=True)
    for layout in FORMATS:
        sure &= _gradient(task, layout, torch.float32).sign() == exact.sign()
    return sure


def _gradient(task: Task, layout: str, kind: torch.dtype) -> Tensor:
    model, images, labels = task.model_in(layout).to(kind), task.images_in(layout).to(kind), task.batch.labels
    return torch.cat([gradlab.loss_gradient(model, images[part], labels[part]) for part in task.parts(BATCH)])


def compare(run: Run, right: Reference) -> Agreement:
    """Let somebody do the whole task once, looking at each image it makes."""
    touched = torch.zeros(right.predictions.shape, dtype=torch.bool)
    values, unsure, largest = 0, 0, 0.0

    def see(row: int, part: slice, images: Tensor) -> None:
        nonlocal values, unsure, largest
        ours, sure = right.images[row, part], right.sure[part]
        difference = (images.to(ours.device) - ours).abs().nan_to_num(nan=torch.inf)
        largest = max(largest, float(difference.where(sure, 0).max()))
        doubtful = (difference > TOLERANCE) & ~sure
        touched[row, part] |= doubtful.flatten(1).any(1).cpu()
        values, unsure = values + int(sure.sum()), unsure + int(doubtful.sum())

    differs = run(see) != right.predictions
    if not values and right.sure.device.type != "cpu":
        # A GPU rounds otherwise with another batch size, and the signs of these images can't be seen.
        touched |= (~right.sure).flatten(1).any(1).cpu()
    unexplained = int((differs & ~touched.numpy()).sum())
    return Agreement(values, largest, unsure, differs.size, int(differs.sum()), unexplained)


def refuse(contender: Contender, found: Agreement, right: Reference) -> None:
    """Raise Disagreement for missing or other images, or predictions that differ without another image as the cause."""
    expected = int(right.sure.sum()) * len(right.images) if contender.shows else 0
    if found.values != expected:
        raise Disagreement(f"{contender.name}: expected {expected:,} values to compare, got {found.values:,}")
    if found.largest > TOLERANCE:
        raise Disagreement(
            f"{contender.name}: expected images within {TOLERANCE:g} of gradlab's, got {found.largest:.3g} off"
        )
    if contender.exact and found.unexplained:
        raise Disagreement(
            f"{contender.name}: expected the predictions of plain float32, got {found.unexplained:,} others among "
            f"{found.predictions:,}"
        )


@contextmanager
def plain_float32() -> Iterator[None]:
    """No TF32 for the time being, which torch allows in convolutions on a GPU."""
    convolutions, products = torch.backends.cudnn, torch.backends.cuda.matmul
    before = convolutions.allow_tf32, products.allow_tf32
    convolutions.allow_tf32 = products.allow_tf32 = False
    try:
        yield
    finally:
        convolutions.allow_tf32, products.allow_tf32 = before
