"""How a model is asked: what pays, and what is said where it can't be had."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from helpers import needs_compiler, random_batch, random_images, tiny_cnn
from torch import Tensor

import gradlab.experiments.asking
from gradlab.experiments.asking import OF_THE_WORK, TRIAL, Asking, asking_of, trial_size
from gradlab.experiments.baseline import stream_baseline
from gradlab.experiments.sweep import stream_sweep, sweep
from gradlab.images.load import load_batch
from gradlab.networks import load_model
from gradlab.steps.compiled import NotCompiledError
from gradlab.types import Rule, SweepResult

MUCH = 1_000_000


@dataclass
class Pretended:
    """Stands for a compiled model: the model itself, a little off, and counted."""

    model: Any
    off: float = 0.0
    images: int = 0

    def __call__(self, images: Tensor) -> Tensor:
        self.images += len(images)
        logits = self.model(images).float()
        return logits + self.off * torch.linspace(-1, 1, logits.shape[1])


@pytest.fixture
def pretended(monkeypatch: pytest.MonkeyPatch) -> list[Pretended]:
    """Compiling takes no time and no compiler; all that was compiled so far."""
    made: list[Pretended] = []

    def compile_forward(model: Any, images: Tensor, precision: torch.dtype) -> Any:
        made.append(Pretended(model, off=1e-4))
        return made[-1]

    monkeypatch.setattr(gradlab.experiments.asking, "compile_forward", compile_forward)
    return made


def slow(monkeypatch: pytest.MonkeyPatch, itself: float, compiled: float) -> None:
    """What a pass of either takes, in seconds."""
    monkeypatch.setattr(
        gradlab.experiments.asking,
        "_seconds",
        lambda evaluator, images, times: [itself if evaluator.forward is None else compiled] * times,
    )


def found(compiled: bool | None, work: int = MUCH) -> Asking:
    asking = Asking(torch.float32, compiled=compiled)
    asking.find_out(tiny_cnn(), random_images(TRIAL), work, 8)
    assert asking.evaluator is not None
    return asking


# When it is compiled


def test_a_trial_is_of_a_hundredth_of_the_work() -> None:
    assert [trial_size(work, 256) for work in (0, 64, 6_400, 10_000, 25_600, MUCH)] == [64, 64, 64, 100, 256, 256]
    assert trial_size(MUCH, 8) == 64


@pytest.mark.parametrize(("itself", "compiled", "used"), [(1.0, 0.5, True), (1.0, 0.99, False), (1e-6, 1e-7, False)])
def test_by_itself_where_there_is_much_to_do_and_it_is_quicker(
    itself: float, compiled: float, used: bool, pretended: list[Pretended], monkeypatch: pytest.MonkeyPatch
) -> None:
    slow(monkeypatch, itself, compiled)
    asking = found(None)
    assert (asking.evaluator.forward is not None) == used
    assert bool(pretended) == (itself == 1.0)
    assert asking.notices == []


def test_little_work_is_not_even_timed(pretended: list[Pretended]) -> None:
    class NeverAsked(torch.nn.Module):
        def forward(self, images: Tensor) -> Tensor:
            raise AssertionError

    asking = Asking(torch.float32, compiled=None)
    asking.find_out(NeverAsked(), random_images(TRIAL), TRIAL * OF_THE_WORK - 1, 8)
    assert asking.evaluator is not None
    assert asking.evaluator.plain
    assert not pretended


def test_if_one_insists_and_never_otherwise(pretended: list[Pretended], monkeypatch: pytest.MonkeyPatch) -> None:
    slow(monkeypatch, 1.0, 2.0)
    assert found(True, work=1).evaluator.forward is pretended[0]
    assert found(False).evaluator.plain
    assert len(pretended) == 1


def test_one_that_says_something_else_is_not_used(pretended: list[Pretended], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whose errors leave most in doubt."""

    def compile_forward(model: Any, images: Tensor, precision: torch.dtype) -> Any:
        return Pretended(model, off=100.0)

    monkeypatch.setattr(gradlab.experiments.asking, "compile_forward", compile_forward)
    assert found(True).evaluator.plain


# What is said where it can't be had


def test_the_notices_say_why_it_was_not_compiled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    batch = random_batch(6)
    *_, result = stream_sweep(tiny_cnn(), batch, ["sign"], [0.1], compiled=True, batch_size=2)
    assert result.notices == (
        "The network was not compiled, which takes longer: there is no C++ compiler (g++ or clang++).",
    )
    plain = sweep(tiny_cnn(), batch, ["sign"], [0.1], compiled=False)
    assert plain.notices == ()
    np.testing.assert_array_equal(plain.curves[0].predictions, result.curves[0].predictions)
    *_, last = stream_baseline(tiny_cnn(), batch, compiled=True)
    assert last.result is not None
    assert last.result.notices == result.notices


def test_nothing_is_said_where_it_was_not_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise NotCompiledError("it should not have been tried")

    monkeypatch.setattr(gradlab.experiments.asking, "compile_forward", never)
    assert sweep(tiny_cnn(), random_batch(5), ["sign"], [0.1]).notices == ()


# A baseline


def test_a_baseline_compiles_once_and_takes_each_gradient_once(
    pretended: list[Pretended], monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = []
    module = gradlab.experiments.work
    original = module.gradient_of
    monkeypatch.setattr(module, "gradient_of", lambda *args: (taken.append(len(args[1])), original(*args))[1])
    stages = list(stream_baseline(tiny_cnn(), random_batch(10), compiled=True, batch_size=4))
    assert any("refining" in stage.text for stage in stages)
    assert len(pretended) == 1
    assert taken == [4, *(4, 4, 2), 4, 2]  # at the first batch, those of the trial: of all ten images


def test_a_sweep_keeps_no_gradients() -> None:
    asking = asking_of(tiny_cnn(), "float32", None)
    sweep(tiny_cnn(), random_batch(5), ["sign"], [0.1], asking=asking)
    assert asking.gradients is None
    assert asking.evaluator is not None


# The promise


def assert_same_answers(left: SweepResult, right: SweepResult) -> None:
    for one, other in zip(left.curves, right.curves, strict=True):
        for name in ("predictions", "rounded", "l2", "linf", "psnr", "clipped"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=f"{one.rule} {name}")
        assert np.abs(one.probability - other.probability).max() < 0.1


@needs_compiler
@pytest.mark.slow
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("name", ["alexnet", "resnet9"])
def test_the_answers_are_those_of_float32(name: str, precision: Any) -> None:
    """All rules, before and after rounding, at a few epsilons on either side."""
    model, batch = load_model(name, "cifar10", "cpu"), load_batch("cifar10", limit=60, source="sample")
    sizes = {Rule.RAW: (0.03, 3.0), Rule.L2: (0.1, 1.0), Rule.MAX: (8 / 255, 64 / 255)}
    grid = {rule: [-b, -a, 0.0, a, b] for rule in Rule for a, b in [sizes.get(rule, (0.5 / 255, 4 / 255))]}
    plain = sweep(model, batch, list(Rule), grid, eight_bit=True, precision="float32", compiled=False)
    quick = sweep(model, batch, list(Rule), grid, eight_bit=True, precision=precision, compiled=True)
    assert (plain.precision, quick.precision, quick.notices) == ("float32", precision, ())
    assert_same_answers(plain, quick)
