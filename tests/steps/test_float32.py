"""float32 is float32, whatever the caller allows PyTorch, and what he allowed is as it was afterwards."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from threading import Barrier, Thread
from typing import Any

import pytest
import torch
from helpers import random_batch, random_images, random_labels, tiny_cnn
from torch import nn

from gradlab import load_batch, load_model, sweep
from gradlab.measures import ssim
from gradlab.networks import read_cards
from gradlab.steps.float32 import plain_float32
from gradlab.steps.gradient import exact_gradient, gradient_of
from gradlab.steps.logits import logits_of

backends: Any = torch.backends
CPU = torch.device("cpu")
SWITCHES: dict[str, Any] = {
    "cuda.matmul": backends.cuda.matmul,
    "cudnn.conv": backends.cudnn.conv,
    "cudnn.rnn": backends.cudnn.rnn,
    "mkldnn.matmul": backends.mkldnn.matmul,
    "mkldnn.conv": backends.mkldnn.conv,
    "mkldnn.rnn": backends.mkldnn.rnn,
}
OLD_NAMES: dict[str, Callable[[], Any]] = {
    "matmul precision": torch.get_float32_matmul_precision,
    "cuda.matmul.allow_tf32": lambda: backends.cuda.matmul.allow_tf32,
    "cudnn.allow_tf32": lambda: backends.cudnn.allow_tf32,
}


def old_way(precision: str, convolutions: bool) -> None:
    torch.set_float32_matmul_precision(precision)
    backends.cudnn.allow_tf32 = convolutions


def new_way(**precisions: str) -> None:
    for name, precision in precisions.items():
        SWITCHES[name.replace("_", ".")].fp32_precision = precision


def everything(precision: str) -> None:
    backends.fp32_precision = precision


SETTINGS: dict[str, Callable[[], None]] = {
    "as PyTorch comes": lambda: None,
    "high": lambda: old_way("high", convolutions=True),
    "medium": lambda: old_way("medium", convolutions=True),
    "nothing allowed": lambda: old_way("highest", convolutions=False),
    "matrix products by the new name": lambda: new_way(cuda_matmul="tf32", mkldnn_matmul="bf16"),
    "convolutions by the new name": lambda: new_way(cudnn_conv="ieee", mkldnn_conv="bf16", mkldnn_rnn="bf16"),
    "one of each": lambda: new_way(cudnn_rnn="ieee", cuda_matmul="tf32", mkldnn_conv="tf32"),
    "everything at once": lambda: everything("tf32"),
}
settings = pytest.mark.parametrize("allow", list(SETTINGS.values()), ids=list(SETTINGS))


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = {name: switch.fp32_precision for name, switch in SWITCHES.items()}
    yield
    everything("none")
    old_way("highest", convolutions=True)
    for name, switch in SWITCHES.items():
        switch.fp32_precision = before[name]


def state() -> dict[str, Any]:
    """All that is set, under both names; None where PyTorch refuses to say because the two contradict each other."""
    said = {name: switch.fp32_precision for name, switch in SWITCHES.items()}
    for name, read in OLD_NAMES.items():
        try:
            said[name] = read()
        except RuntimeError:
            said[name] = None
    return said


@settings
def test_inside_nothing_is_allowed_and_afterwards_all_is_as_it_was(allow: Callable[[], None]) -> None:
    allow()
    before = state()
    with plain_float32(CPU):
        inside = state()
        assert {inside[name] for name in SWITCHES} <= {"none", "ieee"}
        with plain_float32(CPU):
            assert state() == inside
        assert state() == inside
    assert state() == before


@settings
def test_the_old_names_can_be_read_inside_wherever_they_could_before(allow: Callable[[], None]) -> None:
    """As `torch.backends.cudnn.flags` does, which a network may use, and compiled code."""
    allow()
    readable = {name for name in OLD_NAMES if state()[name] is not None}
    with plain_float32(CPU):
        assert readable <= {name for name in OLD_NAMES if state()[name] is not None}
        if "cudnn.allow_tf32" in readable and backends.fp32_precision == "none":  # else PyTorch trips over itself
            with backends.cudnn.flags(enabled=False, allow_tf32=False):
                pass


@settings
def test_an_error_inside_leaves_nothing_behind(allow: Callable[[], None]) -> None:
    allow()
    before = state()
    with pytest.raises(ZeroDivisionError), plain_float32(CPU):
        _ = 1 / 0
    assert state() == before


def test_the_last_thread_that_leaves_puts_it_back() -> None:
    old_way("medium", convolutions=True)
    before, seen = state(), []
    meet = Barrier(2)

    def stay() -> None:
        with plain_float32(CPU):
            meet.wait(20)  # both are inside
            meet.wait(20)  # the other one has left
            seen.append(state())

    thread = Thread(target=stay)
    thread.start()
    with plain_float32(CPU):
        meet.wait(20)
    meet.wait(20)
    thread.join(20)
    assert {seen[0][name] for name in SWITCHES} <= {"none", "ieee"}
    assert state() == before


class Wide(nn.Module):
    """Products large enough that a library may take another way to them."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layers = nn.Sequential(nn.Conv2d(3, 64, 3), nn.ReLU(), nn.Flatten(), nn.Linear(64 * 36, 512), nn.ReLU())
        self.last = nn.Linear(512, 10)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.last(self.layers(images))
        return logits


@settings
def test_logits_and_gradients_are_those_of_float32(allow: Callable[[], None]) -> None:
    model, images, labels = Wide().eval(), random_images(64), random_labels(64, 10)
    plain, said = exact_gradient(model, images, labels), logits_of(model, images).detach()
    allow()
    again = exact_gradient(model, images, labels)
    assert torch.equal(again.of_log_odds, plain.of_log_odds)
    assert torch.equal(logits_of(model, images).detach(), said)


@settings
def test_measures_are_those_of_float32(allow: Callable[[], None]) -> None:
    first, second = torch.rand(2, 3, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    plain = ssim(first, second)
    allow()
    assert torch.equal(ssim(first, second), plain)
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(ssim(first, second), plain)


@settings
def test_a_network_sees_it_while_it_is_asked(allow: Callable[[], None]) -> None:
    seen = []

    class Looks(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = tiny_cnn()

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            seen.append({switch.fp32_precision for switch in SWITCHES.values()})
            images.register_hook(lambda _: seen.append({switch.fp32_precision for switch in SWITCHES.values()}))
            logits: torch.Tensor = self.inner(images)
            return logits

    allow()
    exact_gradient(Looks(), random_images(2), random_labels(2))
    assert len(seen) == 2, "on the way there and on the way back"
    assert set.union(*seen) <= {"none", "ieee"}


@pytest.mark.gpu
@pytest.mark.parametrize(
    ("name", "dataset"), [(card.name, card.dataset) for card in read_cards()], ids=lambda name: name
)
def test_on_a_gpu_shipped_networks_agree_with_themselves_in_float64(name: str, dataset: str) -> None:
    """TF32, which PyTorch allows there by itself, turns 0.09 to 1.1 % of these signs (one H100, torch 2.11)."""
    model, batch = load_model(name, dataset, "cuda"), load_batch(dataset, limit=500, source="sample", device="cuda")
    double = deepcopy(model).double().to(memory_format=torch.contiguous_format)
    exact = gradient_of(double, batch.images.double().contiguous(), batch.labels)
    found = exact_gradient(model, batch.images, batch.labels)
    assert float((found.of_log_odds.sign() != exact.of_log_odds.sign()).double().mean()) <= 0.0002
    torch.testing.assert_close(found.factor, exact.factor, rtol=1e-3, atol=0)


@pytest.mark.gpu
@pytest.mark.parametrize("precision", ["auto", "bfloat16", "float32"])
def test_on_a_gpu_predictions_are_those_of_float32(precision: Any) -> None:
    for name in ("alexnet", "resnet9"):
        model, batch = load_model(name, "cifar10", "cuda"), load_batch("cifar10", limit=2000, source="sample")
        plain = sweep(load_model(name, "cifar10", "cpu"), batch, ["sign", "raw"], (-0.1, -0.01, 0, 0.01, 0.1))
        found = sweep(model, batch, ["sign", "raw"], (-0.1, -0.01, 0, 0.01, 0.1), precision=precision)
        for one, other in zip(plain.curves, found.curves, strict=True):
            # Two devices add in another order: where the two best classes are as good as equal, either may win.
            assert int((one.predictions != other.predictions).sum()) <= 2
        assert found.precision == ("float32" if precision == "float32" else "bfloat16")


def test_a_sweep_leaves_it_as_it_was() -> None:
    old_way("medium", convolutions=True)
    before = state()
    sweep(tiny_cnn(), random_batch(5), ["sign"], (0, 0.1))
    assert state() == before
