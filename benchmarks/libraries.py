"""Three libraries, each by its public interface: all images at all epsilons, and what the model then predicts.

The parameters of the model are frozen, so that nobody spends time on the gradients of weights.
"""

import importlib
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.task import Predictions, Run, Seen, Setting, Task, predictions

ART_BATCH = 32  # the default of its FastGradientMethod


def as_it_comes(batch: int | None) -> Callable[[Task], list[Setting]]:
    """Nothing tuned: images and model in PyTorch's default memory format, in the given batches (None: all at once)."""
    return lambda task: [Setting(batch or len(task.batch), "contiguous")]


def library_settings(task: Task) -> list[Setting]:
    """A few batch sizes, in both memory formats; on a CPU also ART's own."""
    sizes = task.sizes((ART_BATCH, 128, 512) if task.device.type == "cpu" else (1024, 4096))
    return [Setting(size, layout) for size in sizes for layout in ("contiguous", "channels_last")]


def prepare_torchattacks(task: Task, setting: Setting) -> Run:
    """FGSM once for each epsilon, then a forward pass."""
    model, images = task.model_in(setting.layout), task.images_in(setting.layout)
    fgsm = importlib.import_module("torchattacks").FGSM

    def perturbed(part: slice, epsilon: float) -> Tensor:
        moved: Tensor = fgsm(model, eps=epsilon)(images[part], task.batch.labels[part])
        return moved

    return one_by_one(task, model, setting, perturbed)


def prepare_foolbox(task: Task, setting: Setting) -> Run:
    """`LinfFastGradientAttack` called with the list of epsilons, then a forward pass for each.

    The call itself asks the model too, but tells only which images are misclassified, not as what.
    """
    model, images = task.model_in(setting.layout), task.images_in(setting.layout)
    foolbox = importlib.import_module("foolbox")
    attack, wrapped = foolbox.attacks.LinfFastGradientAttack(), foolbox.PyTorchModel(model, (0, 1), task.device)
    epsilons = list(task.epsilons)

    def run(seen: Seen) -> Predictions:
        said = task.room()
        for part in task.parts(setting.batch):
            _, clipped, _ = attack(wrapped, images[part], task.batch.labels[part], epsilons=epsilons)
            for row, moved in enumerate(clipped):
                seen(row, part, moved)
                said[row, part] = predictions(model, moved)
        return said.cpu().numpy()

    return run


def prepare_foolbox_run(task: Task, setting: Setting) -> Run:
    """`LinfFastGradientAttack.run` once for each epsilon, then a forward pass: one less than by the call."""
    model, images = task.model_in(setting.layout), task.images_in(setting.layout)
    foolbox = importlib.import_module("foolbox")
    attack, wrapped = foolbox.attacks.LinfFastGradientAttack(), foolbox.PyTorchModel(model, (0, 1), task.device)

    def perturbed(part: slice, epsilon: float) -> Tensor:
        criterion = foolbox.criteria.Misclassification(task.batch.labels[part])
        moved: Tensor = attack.run(wrapped, images[part], criterion, epsilon=epsilon)
        return moved

    return one_by_one(task, model, setting, perturbed)


def prepare_art(task: Task, setting: Setting) -> Run:
    """`FastGradientMethod` once for each epsilon, then `predict`; arrays in and out, as ART takes and gives them."""
    evasion = importlib.import_module("art.attacks.evasion")
    classifier = importlib.import_module("art.estimators.classification").PyTorchClassifier(
        task.model_in(setting.layout),
        loss=nn.CrossEntropyLoss(reduction="sum"),
        input_shape=tuple(task.batch.images.shape[1:]),
        nb_classes=len(task.batch.classes),
        clip_values=(0, 1),
        device_type="cpu" if task.device.type == "cpu" else "gpu",
    )
    images, labels = task.images_in(setting.layout).cpu().numpy(), task.batch.labels.cpu().numpy()
    size = setting.batch or len(images)

    def run(seen: Seen) -> Predictions:
        said = []
        for row, epsilon in enumerate(task.epsilons):
            attack = evasion.FastGradientMethod(classifier, norm="inf", eps=epsilon, batch_size=size)
            moved = attack.generate(images, labels)
            seen(row, slice(0, len(images)), torch.from_numpy(moved))
            said.append(classifier.predict(moved, batch_size=size).argmax(1))
        return np.stack(said)

    return run


def one_by_one(task: Task, model: nn.Module, setting: Setting, perturbed: Callable[[slice, float], Tensor]) -> Run:
    """Each epsilon and each batch by itself: perturbed, shown, and asked about."""

    def run(seen: Seen) -> Predictions:
        said = task.room()
        for row, epsilon in enumerate(task.epsilons):
            for part in task.parts(setting.batch):
                moved = perturbed(part, epsilon)
                seen(row, part, moved)
                said[row, part] = predictions(model, moved)
        return said.cpu().numpy()

    return run
