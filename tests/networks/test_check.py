"""Networks that are broken on purpose, one for each fault: each is found by its name; sound ones raise no alarm."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
import timm
import torch
import torchvision
from helpers import random_batch, random_images, tiny_cnn
from torch import Tensor, nn
from torch.nn import functional
from toys import toy_images, toy_module

import gradlab
from gradlab.networks import known_cards
from gradlab.networks.check import NAMES, stream_checks
from gradlab.networks.normalize import Normalize
from gradlab.types import UNKNOWN, Batch


class Through(nn.Module):
    """A network with something done to its images, and to its logits."""

    def __init__(self, model: nn.Module, before: Callable[[Tensor], Any] = lambda x: x,
                 after: Callable[[Tensor], Any] = lambda z: z) -> None:  # fmt: skip
        super().__init__()
        self.model, self.before, self.after = model, before, after

    def forward(self, images: Tensor) -> Any:
        return self.after(self.model(self.before(images)))


def failed(model: nn.Module, images: Any, **named: Any) -> dict[str, str]:
    """What is said of each thing that is not as it should be."""
    return {each.name: f"{each.found} {each.advice}" for each in gradlab.check_network(model, images, **named)
            if not each.passed}  # fmt: skip


def straight_through(x: Tensor) -> Tensor:
    return x + (torch.round(x * 255) / 255 - x).detach()


class Wrong(torch.autograd.Function):
    """Its backward pass is that of another function."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x**2

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:  # type: ignore[override]
        return gradient


def no_grad(x: Tensor) -> Tensor:
    with torch.no_grad():
        return x * 1.0


# What else the same fault may show in.
FOLLOWS = {"each image by itself", "a gradient", "the gradient is the slope", "float32 is enough"}
FAULTS: dict[str, tuple[nn.Module, str, str]] = {
    "softmax": (Through(tiny_cnn(), after=lambda z: z.softmax(1)), "not probabilities", "softmax"),
    "dropout": (Through(tiny_cnn(), lambda x: functional.dropout(x, 0.5)), "the same twice", "Dropout"),
    "batch statistics": (
        nn.Sequential(nn.BatchNorm2d(3, track_running_stats=False), tiny_cnn()), "each image by itself", "batch norm",
    ),
    "NaN": (Through(tiny_cnn(), after=lambda z: z / 0), "finite numbers", "division by 0"),
    "detach": (Through(tiny_cnn(), lambda x: x.detach()), "a gradient", "detach"),
    "no_grad": (Through(tiny_cnn(), no_grad), "a gradient", "no_grad"),
    "bytes": (Through(tiny_cnn(), lambda x: (x * 255).byte().float() / 255), "a gradient", "no_grad, a detach"),
    "rounding": (Through(tiny_cnn(), lambda x: (x * 255).round() / 255), "a gradient", "a rounding"),
    "argmax": (
        Through(tiny_cnn(), after=lambda z: 9 * functional.one_hot(z.argmax(1), 3).float()), "a gradient", "detach",
    ),
    "a rounding that hides": (Through(tiny_cnn(), straight_through), "the gradient is the slope", "a rounding"),
    "half of it detached": (
        Through(tiny_cnn(), lambda x: x / 2 + x.detach() / 2), "the gradient is the slope", "detach",
    ),
    "a backward of its own": (Through(tiny_cnn(), Wrong.apply), "the gradient is the slope", "backward()"),
    "numbers that meet larger ones": (
        Through(tiny_cnn(), after=lambda z: z + 1e7 - 1e7), "float32 is enough", "float32 loses",
    ),
    "integers": (Through(tiny_cnn(), after=lambda z: z.argmax(1)), "logits", "(N, K)"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_by_its_name(fault: str) -> None:
    model, name, word = FAULTS[fault]
    found = failed(model, random_images(8))
    assert name in found, found
    assert word in found[name]
    assert set(found) - {name} <= FOLLOWS, "one fault"


def test_a_log_softmax_does_no_harm_and_is_told() -> None:
    model = Through(tiny_cnn(), after=lambda z: z.log_softmax(1))
    assert failed(model, random_images(4)) == {}
    told = {each.name: each.found for each in gradlab.check_network(model, random_images(4))}
    assert "log-softmax" in told["not probabilities"]


@cache
def cifar() -> Batch:
    return gradlab.load_batch("cifar10", limit=256, source="sample")


@cache
def alexnet() -> nn.Module:
    return gradlab.load_model("alexnet", "cifar10", "cpu")


def without_normalisation() -> nn.Module:
    return nn.Sequential(*list(alexnet().children())[1:])


def stated(x: Tensor) -> Tensor:
    layer = next(iter(alexnet().children()))
    assert isinstance(layer, Normalize)
    return layer(x)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (without_normalisation(), ("normalisation seems to be forgotten", "mean=(", "std=(")),
        (Through(alexnet(), stated), ("normalise twice", "in one place only")),
        (Through(alexnet(), lambda x: x / 255), ("expects values from 0 to 255", "multiply the images by 255")),
        (Through(alexnet(), lambda x: x * 255), ("multiply by 255 once too often",)),
    ],
    ids=["forgotten", "doubled", "0 to 255", "255 twice"],
)
@pytest.mark.parametrize("labelled", [True, False])
def test_pixels_of_another_range_are_found(model: nn.Module, words: tuple[str, ...], labelled: bool) -> None:
    batch = cifar()
    if not labelled and words[0] == "normalise twice":
        told = {each.name: each for each in gradlab.check_network(model, batch.images)}["pixels from 0 to 1"]
        assert "unnormalised with" in told.found, "without labels, no more than a hint"
        return
    found = failed(model, batch if labelled else batch.images)
    assert "pixels from 0 to 1" in found
    for word in words:
        assert word in found["pixels from 0 to 1"]
    assert ("p = " in found["pixels from 0 to 1"]) == labelled
    assert ("as far as can be told without labels" in found["pixels from 0 to 1"]) != labelled


@cache
def resnet9() -> nn.Module:
    return gradlab.load_model("resnet9", "cifar10", "cpu")


def its_own(x: Tensor) -> Tensor:
    layer = next(iter(resnet9().children()))
    assert isinstance(layer, Normalize)
    return layer(x)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (nn.Sequential(*list(resnet9().children())[1:]), "normalisation seems to be forgotten"),
        (Through(resnet9(), its_own), "normalise twice"),
        (Through(resnet9(), lambda x: x / 255), "expects values from 0 to 255"),
        (Through(resnet9(), lambda x: x * 255), "multiply by 255 once too often"),
        (resnet9(), ""),
    ],
    ids=["forgotten", "doubled", "0 to 255", "255 twice", "sound"],
)
def test_a_first_batch_norm_tells_it_without_labels(model: nn.Module, words: str) -> None:
    """It remembers what it was given in training; which is no hint, but evidence."""
    told = {each.name: each for each in gradlab.check_network(model, cifar().images)}["pixels from 0 to 1"]
    assert told.passed == (not words)
    assert words in told.found
    assert "batch norm" in told.found


def test_a_batch_norm_that_was_never_trained_tells_nothing() -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.LazyLinear(3))
    with torch.no_grad():
        model(torch.rand(2, 3, 8, 8))
    model[1].reset_running_stats()
    told = {each.name: each for each in gradlab.check_network(model.eval(), random_images(32))}["pixels from 0 to 1"]
    assert "batch norm" not in told.found
    assert len(model[1]._forward_pre_hooks) == 0


def test_classes_that_do_not_fit_are_found() -> None:
    batch = random_batch(20)
    assert failed(tiny_cnn(), batch).keys() <= {"accuracy"}
    more = replace(batch, classes=("ant", "bee", "cow", "dog"))
    assert "3 logits for 4 names of classes" in failed(tiny_cnn(), more)["classes"]
    beyond = replace(batch, labels=torch.full((20,), 3), classes=())
    assert "3 logits, but an image has the label 3" in failed(tiny_cnn(), beyond)["classes"]


def test_classes_in_another_order_are_found_by_the_accuracy() -> None:
    batch = cifar()
    shuffled = Through(alexnet(), after=lambda z: z[:, [3, 5, 0, 9, 7, 2, 8, 1, 6, 4]])
    found = failed(shuffled, batch)
    assert list(found) == ["accuracy"]
    assert "in another order" in found["accuracy"]
    off = failed(Through(alexnet(), after=lambda z: z.roll(1, 1)), batch)
    assert "counted one off: with -1" in off["accuracy"]


def test_accuracy_stands_beside_chance_with_an_interval() -> None:
    told = {each.name: each for each in gradlab.check_network(toy_module(), toy_images())}
    assert all(each.passed for each in told.values())
    assert tuple(told) == NAMES
    assert "100.0% of 12 images" in told["accuracy"].found
    assert "interval 75.8% to 100.0%" in told["accuracy"].found
    assert "one class gets 33.3%" in told["accuracy"].found
    assert "ms an image" in told["time and memory"].found
    assert "MB" in told["time and memory"].found
    unlabelled = {each.name: each for each in gradlab.check_network(toy_module(), toy_images(labelled=False))}
    assert "nobody knows" in unlabelled["accuracy"].found


def test_checks_come_one_by_one() -> None:
    stream = stream_checks(tiny_cnn(), random_images(2))
    assert [next(stream).name, next(stream).name] == ["logits", "finite numbers"]


def test_a_network_that_has_float32_only_is_compared_there() -> None:
    """A function whose weights cannot be had in float64."""
    inner = tiny_cnn()

    def function(images: Tensor) -> Any:
        return inner(images.float())

    network = gradlab.Network(function, classes=("ant", "bee", "cow"), size=8)
    told = {each.name: each for each in gradlab.check_network(network, random_images(8))}
    assert all(each.passed for each in told.values()), told
    assert "in float32" in told["the gradient is the slope"].found


SOUND = {
    "torchvision's resnet18": lambda: torchvision.models.resnet18(weights=None),
    "timm's resnet18": lambda: timm.create_model("resnet18", pretrained=False),
    "timm's resnet10t": lambda: timm.create_model("resnet10t", pretrained=False),
}


@pytest.mark.parametrize("name", SOUND)
def test_no_alarm_for_resnets_with_random_weights(name: str) -> None:
    torch.manual_seed(0)
    images = torch.rand(16, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    assert failed(SOUND[name]().eval(), images) == {}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "dataset"), [(card.name, card.dataset) for card in known_cards()])
@pytest.mark.parametrize("labelled", [True, False])
def test_no_alarm_for_what_is_shipped(name: str, dataset: str, labelled: bool) -> None:
    batch = gradlab.load_batch(dataset, limit=None if dataset == "photos" else 128, source="sample")
    if not labelled:
        batch = replace(batch, labels=torch.full_like(batch.labels, UNKNOWN))
    assert failed(gradlab.load_model(name, dataset, "cpu"), batch) == {}
