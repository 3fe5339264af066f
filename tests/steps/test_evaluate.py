"""A reduced precision may be quicker; it may not change an answer."""

import inspect
from typing import Any

import numpy as np
import pytest
import torch
from helpers import random_images, tiny_cnn
from torch import Tensor, nn

from gradlab.errors import UnknownNameError
from gradlab.experiments.sweep import sweep
from gradlab.images.load import load_batch
from gradlab.networks import load_model
from gradlab.steps.evaluate import SAFETY, Evaluator, Predictions, calibrated, pick_precision
from gradlab.types import Batch

CPU = torch.device("cpu")
SHIPPED = ("alexnet", "alexnet-paper")


def labels_of(count: int) -> Tensor:
    return torch.zeros(count, dtype=torch.int64)


class Rough(nn.Module):
    """Its first logit is the first pixel; in bfloat16 it is wrong by as much as `error` says."""

    def __init__(self, error: float) -> None:
        super().__init__()
        self.error = error

    def forward(self, images: Tensor) -> Tensor:
        first = images[:, 0, 0, 0]
        if torch.is_autocast_enabled("cpu"):
            first = first + self.error
        return torch.stack([first, torch.full_like(first, 0.5), torch.full_like(first, -0.5)], 1)


def shades(*values: float) -> Tensor:
    return torch.tensor(values).view(-1, 1, 1, 1).expand(-1, 3, 2, 2)


# The doubt


def test_the_doubt_is_the_largest_error_with_a_safety_factor() -> None:
    """The best and the worst logit are 1.5 apart, and the best is off by 0.01 against the others."""
    evaluator = calibrated(Rough(0.01), shades(0.99, 0.99), torch.bfloat16, insist=False)
    assert evaluator.precision == torch.bfloat16
    assert evaluator.doubt == pytest.approx(SAFETY * 0.01 / 1.5**0.5, rel=1e-3)


def test_what_is_near_is_in_doubt_and_what_is_far_is_not() -> None:
    evaluator = Evaluator(Rough(0.01), torch.bfloat16, doubt=0.02)
    said = evaluator(shades(0.495, 0.4, 0.6, float("nan")), labels_of(4))
    assert said.doubted.tolist() == [True, False, False, True]
    assert said.predictions.tolist() == [0, 1, 0, -1]  # the first one wrongly
    assert evaluator.exact(shades(0.495), labels_of(1)).predictions.tolist() == [1]
    assert not evaluator.exact(shades(0.495), labels_of(1)).doubted.any()


def test_a_precision_that_leaves_most_in_doubt_is_not_used() -> None:
    trial = shades(*np.linspace(0.45, 0.55, 20))
    assert calibrated(Rough(0.1), trial, torch.bfloat16, insist=False).precision == torch.float32
    assert calibrated(Rough(0.1), trial, torch.bfloat16, insist=True).precision == torch.bfloat16


@pytest.mark.parametrize("trial", [shades(), shades(float("nan"))], ids=["no images", "no numbers"])
def test_without_a_measurement_nothing_is_trusted(trial: Tensor) -> None:
    evaluator = calibrated(Rough(0.01), trial, torch.bfloat16, insist=True)
    assert evaluator.precision == torch.float32 or bool(evaluator(shades(0.9), labels_of(1)).doubted.all())


def test_float32_is_never_in_doubt() -> None:
    evaluator = calibrated(tiny_cnn(), random_images(4), torch.float32, insist=False)
    assert (evaluator.precision, evaluator.doubt) == (torch.float32, 0)
    assert not evaluator(random_images(4), labels_of(4)).doubted.any()


# The answers


def test_answers_are_the_best_class_and_the_probability_of_the_label() -> None:
    logits = torch.tensor([[0.0, 1, 3], [2, 1, 0], [float("inf"), 0, 0], [0, float("nan"), 0]])
    said = Predictions.of(logits, torch.tensor([2, 1, 0, 0]))
    assert said.predictions.tolist() == [2, 0, -1, -1]
    expected = [np.exp(3) / (1 + np.e + np.exp(3)), np.e / (np.exp(2) + np.e + 1)]
    np.testing.assert_allclose(said.probability[:2], expected, rtol=1e-6)


def test_it_leaves_a_model_in_its_mode() -> None:
    model = tiny_cnn().train()
    images = random_images(3)
    expected = Evaluator(tiny_cnn())(images, labels_of(3))
    said = Evaluator(model)(images, labels_of(3))
    assert torch.equal(said.probability, expected.probability)
    assert model.training


# The choice


@pytest.mark.parametrize(
    ("choice", "device", "capable", "expected"),
    [
        ("auto", "cpu", {"amx_bf16": True}, torch.bfloat16),
        ("auto", "cpu", {"avx512_bf16": True}, torch.bfloat16),
        ("auto", "cpu", {"amx_bf16": False}, torch.float32),
        ("auto", "cpu", {}, torch.float32),
        ("auto", "cuda", (7, 5), torch.float32),
        ("auto", "cuda", (8, 0), torch.bfloat16),
        ("auto", "cuda", (9, 0), torch.bfloat16),
        ("auto", "mps", {"amx_bf16": True}, torch.float32),
        ("float32", "cpu", {"amx_bf16": True}, torch.float32),
        ("float32", "cuda", (9, 0), torch.float32),
        ("bfloat16", "cpu", {}, torch.bfloat16),
        ("bfloat16", "cuda", (7, 5), torch.bfloat16),
    ],
)
def test_precision_is_what_the_device_is_fast_at(
    monkeypatch: pytest.MonkeyPatch, choice: Any, device: str, capable: Any, expected: torch.dtype
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capable, raising=False)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _: capable)
    assert pick_precision(choice, torch.device(device)) == expected


def test_an_unknown_precision_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="^unknown precision .half.: expected one of auto, float32, bfloat16$"):
        inspect.unwrap(pick_precision)("half", CPU)


# The promise


def compare(name: str, batch: Batch) -> None:
    model = load_model(name, "cifar10", "cpu")
    rules = ("sign", "raw", "l2")
    exact, quick = (
        sweep(model, batch, rules, precision=kind, eight_bit=kind == "bfloat16") for kind in ("float32", "bfloat16")
    )
    assert (exact.precision, quick.precision) == ("float32", "bfloat16")
    for left, right in zip(exact.curves, quick.curves, strict=True):
        np.testing.assert_array_equal(left.predictions, right.predictions)
        np.testing.assert_array_equal(left.l2, right.l2)
        assert np.abs(left.probability - right.probability).max() < 0.05


@pytest.mark.slow
@pytest.mark.parametrize("name", SHIPPED)
def test_the_predictions_are_those_of_float32(name: str) -> None:
    compare(name, load_batch("cifar10", limit=200, source="sample"))


@pytest.mark.slow
@pytest.mark.full_data
@pytest.mark.parametrize("name", SHIPPED)
def test_they_are_on_the_whole_test_split(name: str) -> None:
    """Every image, at a few epsilons of two rules."""
    model, batch = load_model(name, "cifar10", "cpu"), load_batch("cifar10", limit=None)
    grid = {"sign": [-4 / 255, 1 / 255, 4 / 255], "raw": [-0.1, 0.01, 0.1]}
    exact, quick = (sweep(model, batch, ("sign", "raw"), grid, precision=kind) for kind in ("float32", "bfloat16"))
    for left, right in zip(exact.curves, quick.curves, strict=True):
        np.testing.assert_array_equal(left.predictions, right.predictions)
