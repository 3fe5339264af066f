"""From a plan and its weights to a network: one way for folders, uploads and fetched ones, and the weights but once."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import timm
import torch
import torchvision
from folders import config, folder, state, weights, with_header
from safetensors.torch import save

import gradlab
from gradlab.errors import BadValueError, CorruptFileError
from gradlab.networks import brought, building
from gradlab.networks.building import build
from gradlab.networks.folder import network_from
from gradlab.networks.folder_config import read_plan
from gradlab.networks.own import OwnNetworks
from gradlab.networks.registry import network

SIZED: dict[str, tuple[str, int, Callable[[], Any]]] = {
    "timm's ViT": ("test_vit", 96, lambda: timm.create_model("test_vit", num_classes=3, img_size=96)),
    "timm's, as it is usual": ("test_vit", 160, lambda: timm.create_model("test_vit", num_classes=3)),
    "torchvision's ViT": (
        "torchvision/vit_b_16", 32, lambda: torchvision.models.vit_b_16(weights=None, num_classes=3, image_size=32),
    ),
    "tables that no file holds": ("levit_128s", 224, lambda: timm.create_model("levit_128s", num_classes=3)),
}  # fmt: skip


def content_of(module: torch.nn.Module) -> bytes:
    return save({name: value.contiguous() for name, value in module.state_dict().items()})


def plan_of(**changes: Any) -> bytes:
    return json.dumps(config(**changes)).encode()


@pytest.mark.parametrize("kind", SIZED)
def test_an_architecture_for_one_size_is_built_for_that_of_its_images(kind: str) -> None:
    name, size, make = SIZED[kind]
    torch.manual_seed(0)
    theirs = make().eval()
    found = network_from(plan_of(architecture=name, input_size=[3, size, size]), content_of(theirs), "mine")
    images = torch.rand(2, 3, size, size)
    with torch.inference_mode():
        torch.testing.assert_close(found(images), theirs((images - 0.5) / 0.5), rtol=1e-3, atol=1e-4)


def test_weights_for_images_of_another_size_are_one_line_that_says_which() -> None:
    content = content_of(timm.create_model("test_vit", num_classes=3, img_size=96))
    with pytest.raises(CorruptFileError, match=r"of test_vit for 64x64 pixels, got .* 1 unlike: 'pos_embed' \(1, 37, "):
        network_from(plan_of(architecture="test_vit", input_size=[3, 64, 64]), content, "mine")


def test_an_architecture_that_takes_one_size_only_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str, *, img_size: int | None = None, **given: Any) -> Any:
        raise TypeError("unexpected keyword argument 'img_size'")

    content = weights()
    monkeypatch.setattr(timm, "create_model", refuse)
    with pytest.raises(BadValueError, match="expected images of 160x160 pixels, which test_vit takes, got 64"):
        network_from(plan_of(architecture="test_vit", input_size=[3, 64, 64]), content, "mine")


def test_weights_are_in_memory_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is drawn by chance only to be replaced, and nothing is copied."""
    monkeypatch.setattr(brought, "_copied", lambda *_: pytest.fail("copied"))
    monkeypatch.setattr(building, "_untrained", lambda *_: pytest.fail("built in full"))
    gradlab.load_network(folder(tmp_path / "mine"))
    own = OwnNetworks()
    try:
        card = own.add(plan_of(), weights())
        network(card.name, card.dataset).load(torch.device("cpu"))
    finally:
        own.forget()


@pytest.mark.parametrize("trusted", [True, False])
def test_what_computes_while_it_is_built_is_built_in_full_for_its_own_weights(
    trusted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = building._made

    def computing(plan: Any) -> torch.nn.Module:
        if torch.empty(0).is_meta:
            raise BadValueError("Tensor.item() cannot be called on meta tensors")
        return made(plan)

    monkeypatch.setattr(building, "_made", computing)
    plan, file = read_plan(plan_of()), io.BytesIO(weights())
    if not trusted:
        with pytest.raises(BadValueError, match="meta tensors"):
            build(plan, file)
        return
    built = build(plan, file, trusted=True)
    assert torch.equal(built.state_dict()["conv_stem.weight"], state()["conv_stem.weight"])


@pytest.mark.parametrize(
    ("places", "words"),
    [
        ([[0, 8], [0, 8]], "overlap or leave gaps"),
        ([[0, 8], [4, 12]], "overlap or leave gaps"),
        ([[0, 8], [12, 20]], "overlap or leave gaps"),
        ([[4, 12], [12, 20]], "overlap or leave gaps"),
        ([[0, 8], [8, 16]], "up to the byte"),
    ],
)
def test_tensors_that_share_bytes_are_refused(places: list[list[int]], words: str) -> None:
    """Else a file of a few kilobytes could ask for gigabytes."""
    header = {name: {"dtype": "F32", "shape": [2], "data_offsets": at} for name, at in zip("ab", places, strict=True)}
    with pytest.raises(CorruptFileError, match=words):
        network_from(plan_of(), with_header(header, bytes(20)), "mine")


def test_a_file_that_becomes_shorter_while_it_is_read_is_one_line() -> None:
    class Shorter(io.BytesIO):
        def readinto(self, buffer: Any) -> int:
            return super().readinto(memoryview(buffer)[: len(buffer) // 2])

    with pytest.raises(CorruptFileError, match="got one that ends within 'conv_stem.weight'"):
        build(read_plan(plan_of()), Shorter(weights()))


def test_a_network_for_grey_images_takes_coloured_ones_and_the_other_way_round() -> None:
    """As the classes of an image set tell which images it gets, they may have other channels than it takes."""
    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Conv2d(1, 3, 8), torch.nn.Flatten())
    grey = gradlab.Network(module, size=8, classes=("a", "b", "c"), channels=1)
    images = torch.rand(2, 3, 8, 8)
    luma = (images * torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(1, keepdim=True)
    torch.testing.assert_close(grey(images), module(luma))
    assert gradlab.loss_gradient(grey, images, [0, 1]).shape == images.shape
    colour = gradlab.Network(
        torch.nn.Sequential(torch.nn.Conv2d(3, 3, 8), torch.nn.Flatten()), size=8, classes=("a", "b", "c")
    )
    torch.testing.assert_close(colour(luma), colour(luma.expand(-1, 3, -1, -1)))
    seen = gradlab.loss_gradient(colour, torch.rand(2, 1, 16, 16), [0, 1])
    assert seen.shape == (2, 1, 16, 16)


@pytest.mark.parametrize(("channels", "dataset"), [(1, "cifar10"), (3, "fashion_mnist")])
def test_so_do_those_in_folders(channels: int, dataset: str, tmp_path: Path) -> None:
    batch = gradlab.load_batch(dataset, limit=16, source="sample")
    content = content_of(timm.create_model("test_efficientnet", num_classes=10, in_chans=channels))
    place = folder(
        tmp_path / "mine", content, num_classes=10, label_names=list(batch.classes), input_size=[channels, 28, 28],
        mean=[0.5] * channels, std=[0.5] * channels,
    )  # fmt: skip
    network = gradlab.load_network(place)
    assert network.card.dataset == dataset
    told = {each.name: each.passed for each in gradlab.check_network(network, batch)}
    assert told["logits"]
    assert told["a gradient"]
