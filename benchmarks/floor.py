"""The floor: one backward pass, and then K steps and bare forward passes in the fastest precision at hand.

It checks nothing, measures nothing of the images, and believes bfloat16 whatever that says; or, where every answer is
to be kept, takes float32.
"""

import shutil
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from benchmarks.task import Predictions, Run, Seen, Setting, Task
from gradlab.device import multiplies_bfloat16
from gradlab.steps.compiled import COMPILERS, compile_forward
from gradlab.types import Precision


def floor_settings(task: Task) -> list[Setting]:
    """All that is tried: batch sizes, one or all epsilons in a forward pass, precisions; and a compiled network."""
    sizes = task.sizes((64, 128, 256) if task.device.type == "cpu" else (1024, 4096, 10_000))
    precisions = _precisions(task.device)
    plain = [
        Setting(size, precision=precision, stack=stack)
        for size in sizes
        for stack in sorted({1, len(task.epsilons)})
        for precision in precisions
    ]
    compiled = Setting(sizes[-1], precision=precisions[-1], compiled=True)
    return [*plain, *([compiled] if can_compile(task.device) else [])]


def exact_floor_settings(task: Task) -> list[Setting]:
    """The same, in float32: the only precision that, taken at its word, keeps the answers."""
    return [setting for setting in floor_settings(task) if setting.precision == "float32" and not setting.compiled]


def prepare_floor(task: Task, setting: Setting) -> Run:
    """Gradients in float32, once for each image; then nothing but steps and forward passes."""
    model, images, labels = task.model_in(setting.layout), task.images_in(setting.layout), task.batch.labels
    firsts = range(0, len(task.epsilons), setting.stack)
    low = setting.precision != "float32"
    forward = _compiled(model, images[: setting.batch], low) if setting.compiled else model

    def run(seen: Seen) -> Predictions:
        said = task.room()
        for part in task.parts(setting.batch):
            along = _signs(model, images[part], labels[part])
            with torch.inference_mode(), torch.autocast(task.device.type, torch.bfloat16, enabled=low):
                for first in firsts:
                    group = task.epsilons[first : first + setting.stack]
                    moved = torch.cat([torch.add(images[part], along, alpha=epsilon) for epsilon in group]).clamp_(0, 1)
                    for row, those in enumerate(moved.chunk(len(group)), first):
                        seen(row, part, those)
                    said[first : first + len(group), part] = forward(moved).argmax(1).view(len(group), -1)
        return said.cpu().numpy()

    return run


def can_compile(device: torch.device) -> bool:
    """Whether there is what `gradlab.compiled` needs."""
    return device.type == "cpu" and any(map(shutil.which, COMPILERS))


def _compiled(model: nn.Module, images: Tensor, low: bool) -> Callable[[Tensor], Tensor]:
    return compile_forward(model, images, torch.bfloat16 if low else torch.float32)


def _precisions(device: torch.device) -> tuple[Precision, ...]:
    """float32 everywhere, and bfloat16 where the hardware multiplies it."""
    return ("float32", "bfloat16") if multiplies_bfloat16(device) else ("float32",)


def _signs(model: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
    leaf = images.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(cross_entropy(model(leaf), labels, reduction="sum"), leaf)
    return gradient.sign_()
