"""The training loop, as a generator: it yields after each step and each epoch, and the caller draws the progress.

Each epoch draws its chance from (seed, epoch) alone, so a run that was cut off and resumed takes the same steps as one
that was not.
"""

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from gradlab.errors import BadValueError, CorruptFileError
from gradlab.networks import ARCHITECTURES, Normalize
from gradlab.steps.float32 import plain_float32
from gradlab.steps.logits import evaluating
from gradlab.training.augment import augment
from gradlab.training.checkpoint import load_checkpoint, save_checkpoint
from gradlab.training.recipes import Recipe

CHECK_EVERY = 20  # steps
CHUNK = 500  # images that are classified together
CLOSE_ENOUGH = 0.002
FAR = 0.06  # four standard errors of an accuracy measured on 1,000 images


@dataclass(frozen=True)
class Split:
    """Images as they are stored, uint8 (N, C, H, W), and labels, int64 (N,)."""

    images: Tensor
    labels: Tensor


@dataclass(frozen=True)
class Progress:
    """After a step: which of how many of this epoch, and the loss of its batch in nats."""

    epoch: int
    step: int
    steps: int
    loss: float


@dataclass(frozen=True)
class EpochDone:
    """After an epoch: the mean loss, the accuracy on the test split, and whether training ends here."""

    epoch: int
    loss: float
    accuracy: float
    finished: bool


class Training:
    """What changes while a network is trained: weights, their running average, and the optimiser's momentum."""

    def __init__(self, recipe: Recipe, train: Split, classes: int, device: torch.device) -> None:
        torch.manual_seed(recipe.seed)
        _, channels, size, _ = train.images.shape
        self.recipe = recipe
        self.model = ARCHITECTURES[recipe.architecture](channels, size, classes)
        _measure_normalisation(self.model, train.images)
        for layer in self.model.modules():
            if isinstance(layer, nn.Dropout):
                layer.p = recipe.dropout
        self.model.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = AveragedModel(self.model, multi_avg_fn=get_ema_multi_avg_fn(recipe.averaging), use_buffers=True)
        self.optimizer = torch.optim.SGD(
            self.model.parameters(),
            lr=recipe.learning_rate,
            momentum=recipe.momentum,
            weight_decay=recipe.weight_decay,
            nesterov=True,
        )
        self.epoch = 0

    @property
    def steps(self) -> int:
        """How many steps the optimiser has taken."""
        return int(self.average.n_averaged)

    def save(self, path: Path) -> None:
        """Write a checkpoint from which `restore` goes on exactly here."""
        tensors = {f"model.{name}": value for name, value in self.model.state_dict().items()}
        tensors |= {f"average.{name}": value for name, value in self.average.state_dict().items()}
        for name, parameter in self.model.named_parameters():
            tensors[f"momentum.{name}"] = self.optimizer.state[parameter]["momentum_buffer"]
        save_checkpoint(path, tensors, {"recipe": asdict(self.recipe), "epoch": self.epoch})

    def restore(self, path: Path) -> None:
        """Go on from a checkpoint of the same recipe.

        Raises:
            BadValueError: when the checkpoint is of another recipe.
            CorruptFileError: when the file isn't a checkpoint, or not a whole one.
        """
        tensors, facts = load_checkpoint(path)
        if facts.get("recipe") != asdict(self.recipe):
            raise BadValueError(f"{path} was made by another recipe: train without --resume, or restore the recipe")

        def part(prefix: str) -> dict[str, Tensor]:
            return {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}

        try:
            self.model.load_state_dict(part("model."))
            self.average.load_state_dict(part("average."))
            momenta = part("momentum.")
            for name, parameter in self.model.named_parameters():
                self.optimizer.state[parameter]["momentum_buffer"] = momenta[name].to(parameter.device)
            self.epoch = int(str(facts["epoch"]))
        except (KeyError, RuntimeError) as error:
            reason = str(error).splitlines()[-1].strip()
            raise CorruptFileError(f"{path} is not a whole checkpoint ({reason}): train without --resume") from None


def train(
    training: Training, train: Split, test: Split, precision: torch.dtype = torch.float32
) -> Iterator[Progress | EpochDone]:
    """Train to the end of the recipe, from wherever `training` stands.

    Args:
        training: the state, fresh or restored; it is changed in place, and may be saved at each EpochDone.
        train: the train split, on any device.
        test: the test split; used to report, and to stop where the recipe has a `stop_at`.
        precision: of the forward and backward pass; the weights stay float32.

    Yields:
        `Progress` after each step, `EpochDone` after each epoch; nothing where training has come to its end already.

    Raises:
        BadValueError: when the train split doesn't fill a batch, or the loss is no longer a number.
    """
    if len(train.labels) < training.recipe.batch_size:
        raise BadValueError(f"expected at least {training.recipe.batch_size} train images, got {len(train.labels)}")
    device = next(training.model.parameters()).device
    images, labels = train.images.to(device), train.labels.to(device)
    if training.epoch and _arrived(training, test, precision):
        return
    while training.epoch < training.recipe.epochs:
        total, steps = 0.0, 0
        for progress in _epoch(training, images, labels, precision):
            total, steps = total + progress.loss, progress.step
            yield progress
            if progress.step % CHECK_EVERY == 0 and _arrived(training, test, precision):
                break
        training.epoch += 1
        finished = training.epoch == training.recipe.epochs or _arrived(training, test, precision)
        reached = accuracy(training.average, test, precision)
        yield EpochDone(training.epoch, total / steps, reached, finished)
        if finished:
            return


def _epoch(training: Training, images: Tensor, labels: Tensor, precision: torch.dtype) -> Iterator[Progress]:
    recipe, model = training.recipe, training.model
    generator = torch.Generator().manual_seed(recipe.seed * 100_003 + training.epoch)
    torch.manual_seed(recipe.seed * 100_003 + training.epoch)  # dropout
    mean = next(layer.mean for layer in model.modules() if isinstance(layer, Normalize))
    order = torch.randperm(len(images), generator=generator).to(images.device)
    # The last, smaller batch is left out: its steps would weigh its images more than the others.
    batches = order[: len(order) // recipe.batch_size * recipe.batch_size].split(recipe.batch_size)
    model.train()
    for step, chosen in enumerate(batches):
        fraction = (training.epoch + step / len(batches)) / recipe.epochs
        for group in training.optimizer.param_groups:
            group["lr"] = recipe.learning_rate * _one_cycle(fraction)
        batch = augment(images[chosen].float().div_(255), recipe, mean, generator)
        batch = batch.contiguous(memory_format=torch.channels_last)
        with torch.autocast(batch.device.type, precision, enabled=precision != torch.float32):
            logits = model(batch)
        loss = cross_entropy(logits.float(), labels[chosen], label_smoothing=recipe.label_smoothing)
        training.optimizer.zero_grad()
        loss.backward()
        training.optimizer.step()
        training.average.update_parameters(model)
        if not math.isfinite(loss.item()):
            raise BadValueError(f"the loss became {loss.item()} in epoch {training.epoch + 1}: lower the learning rate")
        yield Progress(training.epoch, step + 1, len(batches), loss.item())


def _one_cycle(fraction: float, rise: float = 0.2) -> float:
    """The learning rate as a share of its peak: linearly up until `rise`, then linearly down to zero."""
    return fraction / rise if fraction < rise else (1 - fraction) / (1 - rise)


def _arrived(training: Training, test: Split, precision: torch.dtype) -> bool:
    """Whether the recipe ends at an accuracy, and the network has just that, a little more or less.

    Without averaging the accuracy goes up and down by points from check to check and may jump over the mark; training
    then waits for it to come back.
    """
    target = training.recipe.stop_at
    if target is None:
        return False
    # A tenth of the split tells, for a tenth of the time, that the accuracy is still far away.
    few = Split(test.images[::10], test.labels[::10])
    if abs(accuracy(training.average, few, precision) - target) > FAR:
        return False
    return abs(accuracy(training.average, test, precision) - target) <= CLOSE_ENOUGH


def accuracy(model: nn.Module, test: Split, precision: torch.dtype = torch.float32) -> float:
    """The share of `test` that the model in eval mode gets right."""
    return correct(model, test, precision) / len(test.labels)


@torch.inference_mode()
def correct(model: nn.Module, test: Split, precision: torch.dtype = torch.float32) -> int:
    """How many of `test` the model gets right in eval mode; it is left in the mode that it came in."""
    device = next(model.parameters()).device
    right = 0
    reduced = torch.autocast(device.type, precision, enabled=precision != torch.float32)
    with evaluating(model), plain_float32(device), reduced:
        for images, labels in zip(test.images.split(CHUNK), test.labels.split(CHUNK), strict=True):
            batch = images.to(device).float().div_(255).contiguous(memory_format=torch.channels_last)
            right += int((model(batch).argmax(1) == labels.to(device)).sum())
    return right


def _measure_normalisation(model: nn.Module, images: Tensor) -> None:
    """Set the first layer to the mean and standard deviation of the train split's pixels, a channel each."""
    layer = next(layer for layer in model.modules() if isinstance(layer, Normalize))
    pixels = images.transpose(0, 1).flatten(1)
    # In float64 by counting values, so that 150 million pixels need neither memory nor lose digits.
    counts = torch.stack([torch.bincount(channel, minlength=256) for channel in pixels]).double()
    values = torch.arange(256, dtype=torch.float64) / 255
    mean = (counts * values).sum(1) / counts.sum(1)
    variance = (counts * values**2).sum(1) / counts.sum(1) - mean**2
    layer.mean.copy_(mean.view(1, -1, 1, 1))
    layer.std.copy_(variance.sqrt().view(1, -1, 1, 1))
