"""A compiled network says what the network says, but for rounding; where it can't be compiled, that is said."""

import logging
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers import SHAPE, needs_compiler, random_batch, random_images, tiny_cnn
from torch import nn

from gradlab.experiments.sweep import sweep
from gradlab.steps.compiled import NotCompiledError, compile_forward
from gradlab.types import Rule


def test_without_a_compiler_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    with pytest.raises(NotCompiledError, match=r"^there is no C\+\+ compiler \(g\+\+ or clang\+\+\)$"):
        compile_forward(tiny_cnn(), random_images(4), torch.float32)
    monkeypatch.setenv("CXX", "nowhere/c++")
    with pytest.raises(NotCompiledError, match=r"^there is no C\+\+ compiler \(nowhere/c\+\+\)$"):
        compile_forward(tiny_cnn(), random_images(4), torch.float32)


def test_other_devices_are_refused() -> None:
    with pytest.raises(NotCompiledError, match="^that is done on a CPU only$"):
        compile_forward(tiny_cnn(), torch.empty(4, *SHAPE, device="meta"), torch.float32)


class Undecided(nn.Module):
    """Goes one way or the other by what it sees, which no compiled pass can."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images.flatten(1)[:, : 3 if images.sum().item() > 1 else 4]


@needs_compiler
@pytest.mark.slow
def test_a_model_that_cannot_be_compiled_is_said_to_be_one() -> None:
    with pytest.raises(NotCompiledError, match=r"^PyTorch could not do it \(\w+\)$"):
        compile_forward(Undecided(), random_images(4), torch.float32)


@needs_compiler
@pytest.mark.slow
@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
def test_it_gives_the_logits_of_any_number_of_images(
    precision: torch.dtype, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    model, images = tiny_cnn(), random_images(23)
    with caplog.at_level(logging.WARNING):
        forward = compile_forward(model, images[:8], precision)
    assert (caplog.messages, *capfd.readouterr()) == ([], "", "")
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=precision != torch.float32):
        expected = model(images).float()
    near = {"atol": 1e-4, "rtol": 1e-4} if precision == torch.float32 else {"atol": 0.2, "rtol": 0.05}
    for part in (slice(0, 23), slice(0, 8), slice(5, 8)):
        said = forward(images[part])
        assert said.dtype == torch.float32
        torch.testing.assert_close(said, expected[part], **near)


@needs_compiler
@pytest.mark.slow
def test_two_networks_of_one_class_share_nothing() -> None:
    """And the model stays in its mode, with its weights where they were."""
    images, models = random_images(4), [tiny_cnn(0).train(), tiny_cnn(1)]
    expected = [tiny_cnn(seed)(images).detach() for seed in (0, 1)]
    compiled = [compile_forward(model, images, torch.float32) for model in models]
    assert [model.training for model in models] == [True, False]
    places = [weight.data_ptr() for weight in models[0].parameters()]
    for forward, logits in zip(compiled, expected, strict=True):
        torch.testing.assert_close(forward(images), logits, atol=1e-4, rtol=1e-4)
    assert [weight.data_ptr() for weight in models[0].parameters()] == places


@needs_compiler
@pytest.mark.slow
def test_it_is_compiled_once_whatever_form_the_images_come_in(monkeypatch: pytest.MonkeyPatch) -> None:
    forward = compile_forward(tiny_cnn(), random_images(4), torch.float32)
    expected = tiny_cnn()(random_images(4)).detach()
    images = random_images(4)
    with torch.inference_mode():
        forms = [images, images.clone(), images.contiguous(memory_format=torch.channels_last), images[:3]]
    with torch.compiler.set_stance("fail_on_recompile"):
        for form in forms:
            torch.testing.assert_close(forward(form), expected[: len(form)], atol=1e-4, rtol=1e-4)


class Odd(nn.Module):
    """Works in place on what it is given, and dresses its logits."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = tiny_cnn()

    def forward(self, images: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"logits": self.inner(images.mul_(0.5).add_(0.25))}


@needs_compiler
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_a_network_that_works_in_place_and_returns_a_dict_may_be_compiled() -> None:
    batch = random_batch(9)
    before = batch.images.clone()
    options = {"eight_bit": True, "ssim": False, "precision": "float32"}
    plain, fast = (sweep(Odd(), batch, list(Rule), [-0.1, 0.02, 0.1], compiled=c, **options) for c in (False, True))
    assert fast.notices == ()
    for left, right in zip(plain.curves, fast.curves, strict=True):
        np.testing.assert_array_equal(left.predictions, right.predictions)
        np.testing.assert_array_equal(left.rounded, right.rounded)
        np.testing.assert_array_equal(left.l2, right.l2)
    assert torch.equal(batch.images, before)


def test_weights_in_another_precision_are_asked_as_they_are() -> None:
    with pytest.raises(NotCompiledError, match="^its weights are not in float32$"):
        compile_forward(tiny_cnn().double(), random_images(4), torch.float32)
