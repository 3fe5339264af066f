"""Before anything is timed: do they all make the same images, and does the model say the same of them?

The reference is `gradlab.perturb`, and plain float32 forward passes over its images. Where the gradient is so near zero
that its sign is a matter of rounding, two right answers differ by twice epsilon. Such values are found without asking
any library, left out of the comparison of images, and counted. So are images of which the network is so sure that
softmax and cross-entropy in float32 lose their gradient, or turn it round: there the libraries step wrongly, and
gradlab does not.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

import gradlab
from benchmarks.contenders import Contender
from benchmarks.plain import cancelled, exact_in_float64, in_float64, left_of, plain_gradient
from benchmarks.task import FORMATS, Predictions, Run, Setting, Task, predictions
from gradlab.steps.gradient import Gradient, gradient_of

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
        sure: bool (N, C, H, W), where the sign of the gradient is beyond doubt, in cross-entropy's float32 too; nowhere
            in images whose gradient that loses or turns round.
        whole: bool (N,), the images whose gradient it does neither to.
    """

    images: Tensor
    predictions: Predictions
    sure: Tensor
    whole: Tensor


@dataclass(frozen=True)
class Agreement:
    """How one contender compares with the reference.

    Attributes:
        values: values of perturbed images that were compared: all whose sign is beyond doubt, for one that shows them.
        largest: the largest difference among them.
        unsure: other values of the same images that differ.
        lost: of how many images no value was compared, since float32 loses their gradient or turns it round.
        elsewhere: how many of these it moves elsewhere than gradlab does.
        predictions: how many predictions were compared.
        differing: how many of them differ.
        unexplained: how many of these belong to images that differ nowhere.
    """

    values: int
    largest: float
    unsure: int
    lost: int
    elsewhere: int
    predictions: int
    differing: int
    unexplained: int


def reference(task: Task, settings: Iterable[Setting] = ()) -> Reference:
    """Perturb with gradlab, and ask the model in plain float32; `settings`: of those who will be compared."""
    images, moved, said = task.images_in("channels_last"), [], []
    for epsilon in task.epsilons:
        for part in task.parts(BATCH):
            moved.append(gradlab.perturb(task.model, images[part], task.batch.labels[part], epsilon, "sign"))
            said.append(predictions(task.model, moved[-1]))
    shape = (len(task.epsilons), len(images))
    sure, whole = sure_signs(task, settings)
    said_so = torch.cat(said).view(shape).cpu().numpy()
    return Reference(torch.cat(moved).unflatten(0, shape), said_so, sure, whole)


def sure_signs(task: Task, settings: Iterable[Setting] = ()) -> tuple[Tensor, Tensor]:
    """Where the sign of the gradient is beyond doubt, (N, C, H, W); and of which images it is whole, (N,).

    Beyond doubt: float64 and float32 agree on it, the latter in both memory formats and in the batches of each of the
    settings (of other batches, other kernels add in another order), and the value is larger than NEAR_ZERO and than
    what softmax and cross-entropy in float32 may lose of it. Whole: not lost and not turned round by these.
    """
    double, plain = in_float64(task.model), task.model_in("contiguous")
    signs, sure, whole = [], [], []
    for part in task.parts(BATCH):
        images, labels = task.batch.images[part].contiguous(), task.batch.labels[part]
        exact = exact_in_float64(double, images, labels)
        left = left_of(plain_gradient(plain, images, labels), exact.of_log_odds)
        signs.append(exact.of_log_odds.sign())
        sure.append(_beyond_doubt(exact, cancelled(double, exact)) & left.whole[:, None, None, None])
        whole.append(left.whole)
    ways = {(BATCH, layout) for layout in FORMATS} | {(one.batch, one.layout) for one in settings if one.batch}
    beyond = torch.cat(sure) & torch.stack([_signs(task, *way) == torch.cat(signs) for way in sorted(ways)]).all(0)
    return beyond, torch.cat(whole)


def _signs(task: Task, batch: int, layout: str) -> Tensor:
    model, images = task.model_in(layout), task.images_in(layout)
    parts = [gradient_of(model, images[part], task.batch.labels[part]) for part in task.parts(batch)]
    return torch.cat([part.of_log_odds.sign() for part in parts])


def _beyond_doubt(exact: Gradient, cancelled: Tensor) -> Tensor:
    size = exact.of_log_odds.abs()
    return size > torch.maximum(cancelled, NEAR_ZERO * size.amax(dim=(1, 2, 3), keepdim=True))


def compare(run: Run, right: Reference) -> Agreement:
    """Let somebody do the whole task once, looking at each image it makes."""
    touched = torch.zeros(right.predictions.shape, dtype=torch.bool)
    values, unsure, largest = 0, 0, 0.0
    elsewhere = torch.zeros(len(right.whole), dtype=torch.bool)

    def see(row: int, part: slice, images: Tensor) -> None:
        nonlocal values, unsure, largest
        ours, sure = right.images[row, part], right.sure[part]
        difference = (images.to(ours.device) - ours).abs().nan_to_num(nan=torch.inf)
        largest = max(largest, float(difference.where(sure, 0).max()))
        doubtful = (difference > TOLERANCE) & ~sure
        touched[row, part] |= doubtful.flatten(1).any(1).cpu()
        elsewhere[part] |= (doubtful.flatten(1).any(1) & ~right.whole[part]).cpu()
        values, unsure = values + int(sure.sum()), unsure + int(doubtful[right.whole[part]].sum())

    differs = run(see) != right.predictions
    if not values and right.sure.device.type != "cpu":
        # A GPU rounds otherwise with another batch size, and the signs of these images can't be seen.
        touched |= (~right.sure).flatten(1).any(1).cpu()
    unexplained = int((differs & ~touched.numpy()).sum())
    lost = int((~right.whole).sum()) if values else 0
    moved = int(elsewhere.sum())
    return Agreement(values, largest, unsure, lost, moved, differs.size, int(differs.sum()), unexplained)


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
