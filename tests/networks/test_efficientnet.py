import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

import gradlab
from gradlab.errors import BadValueError, CorruptFileError, MissingFileError, UnknownNameError
from gradlab.images.brought import image_set_of
from gradlab.images.registry import image_set, registered
from gradlab.networks import efficientnet, find_card, known_cards
from gradlab.networks.library import architecture
from gradlab.types import Rule

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "photos"


@pytest.fixture(scope="module")
def network() -> nn.Module:
    return gradlab.load_model("efficientnet_lite0", "photos", "cpu")


def test_it_is_always_there_with_imagenets_classes(network: nn.Module) -> None:
    assert [card.name for card in known_cards("photos")] == ["efficientnet_lite0"]
    assert network.card is efficientnet.CARD
    assert not network.training
    assert sum(parameter.numel() for parameter in network.parameters()) == efficientnet.CARD.parameters
    assert not any(parameter.requires_grad for parameter in network.parameters())
    batch = gradlab.load_batch("photos", limit=None)
    with torch.no_grad():
        said = [batch.classes[k] for k in network(batch.images).argmax(1).tolist()]
    assert said[:2] == ["Egyptian cat", "espresso"]


def test_its_gradient_is_that_of_float64(network: nn.Module) -> None:
    batch = gradlab.load_batch("photos", indices=[0, 1])
    with torch.no_grad():
        said = network(batch.images).argmax(1)
    single = gradlab.loss_gradient(network, batch.images, said)
    double = gradlab.loss_gradient(
        gradlab.load_model("efficientnet_lite0", "photos", "cpu").double(), batch.images.double(), said
    )
    assert (single.sign() == double.sign()).float().mean() > 0.99


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the 200 labelled photographs, which may not be shipped")
def test_its_accuracy_is_the_one_on_its_card(network: nn.Module) -> None:
    rows = json.loads((SHARED / "manifest.json").read_text(encoding="utf-8"))["images"]
    labels = torch.tensor([row["label"] for row in rows])
    images = torch.stack([_central(SHARED / row["file"]) for row in rows])
    with torch.inference_mode():
        right = sum(
            int((network(part / 255).argmax(1) == label).sum())
            for part, label in zip(images.split(20), labels.split(20), strict=True)
        )
    card = find_card("efficientnet_lite0", "photos")
    # In other versions of torch the last bits differ, and with them perhaps one image.
    assert abs(right - card.correct) <= 1
    assert card.clean_accuracy == card.correct / len(rows) >= 0.87
    assert card.measured_on.startswith(f"{len(rows)} photographs")


def _central(path: Path) -> torch.Tensor:
    """The 224x224 pixels in the middle of a photograph whose shorter edge has 256: what the network was trained for."""
    with Image.open(path) as picture:
        left, top = ((edge - 224) // 2 for edge in picture.size)
        square = picture.convert("RGB").crop((left, top, left + 224, top + 224))
    return torch.from_numpy(np.array(square)).permute(2, 0, 1).float()


def test_images_of_the_same_classes_find_the_networks_of_these() -> None:
    mine = image_set_of(
        "mine", torch.rand(2, 3, 32, 32), classes=image_set("cifar10").classes, space="cifar10", listed=False
    )
    with registered(mine):
        assert known_cards("mine") == known_cards("cifar10")
        assert find_card("alexnet", "mine") == find_card("alexnet", "cifar10")
        model, batch = gradlab.load_model("alexnet", "mine", "cpu"), gradlab.load_batch("mine", limit=None)
        found = gradlab.sweep(model, batch, labels="predicted", rules=(Rule.SIGN,))
        assert (found.dataset, found.model, found.images) == ("mine", "alexnet", 2)
        with pytest.raises(MissingFileError, match="expected cifar10, on which alexnet was measured beforehand"):
            gradlab.load_baseline("alexnet", "mine")
        with pytest.raises(UnknownNameError, match="model for mine 'lenet' .*expected one of alexnet, "):
            find_card("lenet", "mine")


def test_without_its_package_or_with_another_file_one_line_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(efficientnet, "PACKAGE", "efficientnet_that_nobody_made")
    with pytest.raises(MissingFileError, match="in the package efficientnet-that-nobody-made, and it is not installed"):
        gradlab.load_model("efficientnet_lite0", "photos", "cpu")
    (tmp_path / "weights.pth").write_bytes(os.urandom(1_000))
    monkeypatch.setattr(efficientnet, "_path", lambda: tmp_path / "weights.pth")
    with pytest.raises(CorruptFileError, match="expected sha256 579344248a93"):
        gradlab.load_model("efficientnet_lite0", "photos", "cpu")


@pytest.mark.parametrize("name", ["resnet18", "torchvision/alexnet"])
def test_an_architecture_of_the_libraries_is_built_by_its_name(name: str) -> None:
    with torch.no_grad():
        assert architecture(name, 7).eval()(torch.zeros(1, 3, 64, 64)).shape == (1, 7)


def test_an_architecture_that_no_library_has_is_refused_with_what_comes_near() -> None:
    with pytest.raises(UnknownNameError, match="unknown architecture 'resnet181' .*expected one of .*resnet101"):
        architecture("resnet181", 10)
    with pytest.raises(UnknownNameError, match="expected one of .*torchvision/vgg16"):
        architecture("torchvision/vgg61", 10)
    with pytest.raises(UnknownNameError, match="unknown architecture '../../etc'"):
        architecture("../../etc", 10)
    with pytest.raises(BadValueError, match="expected 3 channels"):
        architecture("torchvision/alexnet", 10, channels=1)
