"""Small models, images and results, all seeded, that several test modules share."""

import os
import runpy
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from gradlab.steps.compiled import COMPILERS
from gradlab.types import Batch, Curve, LabelSource, LossPlane, Rule, SweepResult, TransferResult

SHAPE = (3, 8, 8)
CLASSES = ("ant", "bee", "cow")


def printed(script: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """What a script prints."""
    file = folder / "script.py"
    file.write_text(script, encoding="utf-8")
    capsys.readouterr()
    runpy.run_path(str(file))
    return capsys.readouterr().out


class CountedLock:
    """How often it is held in all, and how deep at the moment: not reentrant."""

    depth = turns = 0

    def __enter__(self) -> None:
        assert self.depth == 0
        self.depth, self.turns = 1, self.turns + 1

    def __exit__(self, *_: object) -> None:
        self.depth = 0


class Linear(nn.Module):
    """logits = W · flatten(x) + b: its gradients, and the best steps against it, are formulas."""

    def __init__(self, classes: int = 3, seed: int = 0) -> None:
        super().__init__()
        chance = torch.Generator().manual_seed(seed)
        pixels = int(np.prod(SHAPE))
        self.weight = nn.Parameter(torch.randn(classes, pixels, generator=chance, dtype=torch.float64))
        self.bias = nn.Parameter(torch.randn(classes, generator=chance, dtype=torch.float64))

    def forward(self, images: Tensor) -> Tensor:
        return images.flatten(1) @ self.weight.T + self.bias


def tiny_cnn(seed: int = 0) -> nn.Sequential:
    """A CNN whose batch norm has statistics of its own and tells, by its output, whether it is in eval mode."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = nn.Sequential(
            nn.Conv2d(3, 6, 3, stride=2), nn.BatchNorm2d(6), nn.Softplus(), nn.Flatten(), nn.Linear(54, len(CLASSES))
        )
        norm, head = model[1], model[4]
        assert isinstance(norm, nn.BatchNorm2d)
        assert isinstance(head, nn.Linear)
        norm.running_mean = torch.randn(6) * 0.1
        norm.running_var = torch.rand(6) + 0.1
        with torch.no_grad():
            head.weight.mul_(10)
    return model.eval()


def random_images(count: int, seed: int = 0, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.rand(count, *SHAPE, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def grey_images(count: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """Middle grey: no step of less than 0.5 leaves [0, 1], so nothing is clipped."""
    return torch.full((count, *SHAPE), 0.5, dtype=dtype)


def random_labels(count: int, classes: int = len(CLASSES), seed: int = 0) -> Tensor:
    return torch.randint(classes, (count,), generator=torch.Generator().manual_seed(seed))


def random_batch(count: int, seed: int = 0) -> Batch:
    """Images n/255, as any data set's, from odd places in a split."""
    images = random_images(count, seed).mul(255).round().div(255)
    indices = torch.arange(count) * 7 + 100
    return Batch(images, random_labels(count, seed=seed), indices, CLASSES, "zoo", "test", "sample")


@contextmanager
def counted_calls(model: nn.Module) -> Iterator[dict[str, int]]:
    """How often the model is run forward and backward for the time being."""
    calls = {"forward": 0, "backward": 0}

    def forward(module: nn.Module, inputs: object, output: Tensor) -> None:
        calls["forward"] += 1
        if output.requires_grad:
            output.register_hook(backward)

    def backward(gradient: Tensor) -> None:
        calls["backward"] += 1

    handle = model.register_forward_hook(forward)
    try:
        yield calls
    finally:
        handle.remove()


def curve(
    rule: Rule, epsilons: list[float], predictions: list[list[int]], rounded: list[list[int]] | None = None
) -> Curve:
    """What a rule did, with measures that are as large as epsilon; PSNR is ∞ where it is 0."""
    size = np.repeat(np.abs(np.array([epsilons], np.float32)).T, len(predictions[0]), axis=1)
    with np.errstate(divide="ignore"):
        psnr = -20 * np.log10(size)
    return Curve(
        rule=rule,
        epsilons=np.array(epsilons),
        predictions=np.array(predictions, np.int16),
        rounded=None if rounded is None else np.array(rounded, np.int16),
        probability=1 / (1 + size),
        l2=size * 2,
        linf=size,
        psnr=psnr,
        clipped=np.minimum(size, 1),
    )


def result(*curves: Curve, labels: tuple[int, ...] = (0, 1, 2, 0), planned: int = 4) -> SweepResult:
    """A sweep over a few images, all of them right at first but for the last."""
    truth = np.array(labels)
    return SweepResult(
        dataset="zoo",
        split="test",
        source="sample",
        classes=CLASSES,
        indices=np.arange(len(truth)),
        labels=truth,
        clean_predictions=np.append(truth[:-1], 1),
        clean_probability=np.append(np.full(len(truth) - 1, 0.75, np.float32), np.float32(0.25)),
        zero_gradient=np.zeros(len(truth), np.bool_),
        curves=curves,
        failed=np.empty(0, np.int64),
        planned=planned,
        model="tiny",
        weights_sha256="abc",
        label_source=LabelSource.TRUE,
        draw_seed=7,
        batch_size=128,
        seed=7,
        device="CPU (a test)",
        precision="float32",
        software="gradlab 0.1.0, torch 2.0.0",
        notices=(),
        seconds=1.23456,
        backwards=1,
    )


def transferred() -> TransferResult:
    """Two networks and four images: of the clean ones 4 and 3 are right, then 0 and 2, and 3 and 1."""
    truth = np.array([0, 1, 2, 0])
    right = np.array([[4, 3], [0, 2], [3, 1]])
    said = np.array([[np.where(np.arange(4) < n, truth, (truth + 1) % 3) for n in row] for row in right], np.int16)
    sizes = np.array([[0.5, 1.0, 0.5, 1.0], [0.125, 0.25, 0.375, 0.25]], np.float32)
    return TransferResult(
        dataset="zoo", split="test", source="sample", classes=CLASSES, models=("ash", "oak"), indices=np.arange(4),
        labels=truth, clean_predictions=said[0], predictions=said[1:], l2=sizes, linf=sizes / 4, psnr=20 / sizes,
        rule=Rule.SIGN, epsilon=0.1, label_source=LabelSource.TRUE, failed=np.empty(0, np.int64), planned=4,
        draw_seed=7, seed=0, device="CPU (a test)", software="gradlab 0.1.0, torch 2.0.0", seconds=1.5, backwards=2,
    )  # fmt: skip


def plane(count: int = 9, **changes: Any) -> LossPlane:
    """Ant to the left, bee to the right of the middle column, and a cow in a corner."""
    said = np.where(np.arange(count) <= count // 2, 0, 1) * np.ones((count, 1), np.int64)
    said[0, 0] = 2
    given: dict[str, Any] = {
        "rule": Rule.SIGN,
        "label": 0,
        "epsilons": np.arange(-(count // 2), count // 2 + 1) / 255,
        "loss": np.arange(count**2, dtype=np.float64).reshape(count, count),
        "predictions": said.astype(np.int16),
        "computed": np.ones((count, count), np.bool_),
        "slope": 1.0,
        "slope_across": 0.0,
        "across": 0,
    }
    return LossPlane(**{**given, **changes})


needs_compiler = pytest.mark.skipif(
    not any(map(shutil.which, [os.environ.get("CXX") or COMPILERS[0], COMPILERS[1]])),
    reason="needs a C++ compiler: neither g++ nor clang++ is on the PATH",
)
