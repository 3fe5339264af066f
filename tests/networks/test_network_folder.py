"""Networks in timm's Hub layout: read, and refused in one line where a file is not what it should be."""

import hashlib
import json
import struct
from pathlib import Path
from typing import Any

import pytest
import timm
import torch
import torchvision
from folders import ARCHITECTURE, CLASSES, config, folder, state, weights, with_header
from safetensors.torch import save

import gradlab
from gradlab.errors import BadValueError, CorruptFileError, GradlabError, MissingFileError, UnknownNameError
from gradlab.networks.folder import LARGEST_UPLOAD, network_from

NAME = "classifier.weight"


def test_it_is_the_network_of_the_library_with_the_weights_of_the_file(tmp_path: Path) -> None:
    network = gradlab.load_network(folder(tmp_path / "mine"))
    theirs = timm.create_model(ARCHITECTURE, num_classes=3).eval()
    theirs.load_state_dict(state())
    images = torch.rand(2, 3, 32, 32)
    assert torch.allclose(network(images), theirs((images - 0.5) / 0.5), atol=1e-5)
    assert (network.card.name, network.card.architecture, network.classes) == ("mine", ARCHITECTURE, CLASSES)
    assert network.card.sha256 == hashlib.sha256((tmp_path / "mine" / "model.safetensors").read_bytes()).hexdigest()
    assert not any(parameter.requires_grad for parameter in network.parameters())
    assert not network.training
    state_before = torch.get_rng_state()
    gradlab.load_network(tmp_path / "mine")
    assert torch.equal(torch.get_rng_state(), state_before), "chance is not touched"


def test_images_of_another_size_are_scaled_inside(tmp_path: Path) -> None:
    network = gradlab.load_network(folder(tmp_path / "mine", input_size=[3, 64, 64]))
    seen = gradlab.loss_gradient(network, torch.rand(1, 3, 32, 32), [0])
    assert seen.shape == (1, 3, 32, 32)
    assert bool((seen != 0).any())


def test_torchvision_too(tmp_path: Path) -> None:
    torch.manual_seed(0)
    theirs = torchvision.models.shufflenet_v2_x0_5(weights=None, num_classes=3).eval()
    content = save({name: value.contiguous() for name, value in theirs.state_dict().items()})
    network = gradlab.load_network(folder(tmp_path / "mine", content, architecture="torchvision/shufflenet_v2_x0_5"))
    images = torch.rand(2, 3, 32, 32)
    assert torch.allclose(network(images), theirs((images - 0.5) / 0.5), atol=1e-5)


def test_weights_in_half_precision_and_without_counters(tmp_path: Path) -> None:
    halves = {name: value.half() if value.is_floating_point() else value for name, value in state().items()}
    kept = {name: value.contiguous() for name, value in halves.items() if not name.endswith("num_batches_tracked")}
    network = gradlab.load_network(folder(tmp_path / "mine", save(kept)))
    assert {value.dtype for value in network.parameters()} == {torch.float32}


@pytest.mark.parametrize(
    ("names", "count", "otherwise", "space"),
    [
        (None, 1000, None, "photos"),
        (None, 10, "svhn", "svhn"),
        (None, 10, "cifar100", None),
        (list(gradlab.load_batch("cifar10", limit=1, source="sample").classes), 10, None, "cifar10"),
        (["a", "b", "c"], 3, "cifar10", None),
    ],
)
def test_whose_classes_they_are(
    tmp_path: Path, names: list[str] | None, count: int, otherwise: str | None, space: str | None
) -> None:
    content = save({name: value.contiguous() for name, value in state(classes=count).items()})
    place = folder(tmp_path / "mine", content, num_classes=count, label_names=names)
    card = gradlab.load_network(place, otherwise=otherwise).card
    assert card.dataset == space if space else card.dataset.startswith("classes-")
    assert gradlab.load_network(place, classes=[f"class of {k}" for k in range(count)]).classes[1] == "class of 1"
    with pytest.raises(BadValueError, match="^config.json: expected num_classes to be 7, as are named, got"):
        gradlab.load_network(place, classes=list("abcdefg"))


CONFIGS: dict[str, tuple[bytes, type[GradlabError], str]] = {
    "empty": (b"", CorruptFileError, "expected JSON"),
    "not JSON": (b"{", CorruptFileError, "expected JSON"),
    "not UTF-8": (b"\xff\xfe{", CorruptFileError, "expected JSON"),
    "too large": (b" " * 1_000_001, CorruptFileError, "at most 1,000,000 bytes"),
    "too deep": (b"[" * 200_000, CorruptFileError, "expected JSON"),
    "a list": (b"[]", CorruptFileError, "expected a JSON object, got a list"),
    "NaN": (json.dumps(config(mean=[float("nan")] * 3)).encode(), CorruptFileError, "NaN is no number of JSON's"),
    "a number without end": (b'{"num_classes": ' + b"9" * 5_000 + b"}", CorruptFileError, "expected JSON"),
    **{
        name: (json.dumps(config(**changes)).encode(), kind, words)
        for name, changes, kind, words in [
            ("no architecture", {"architecture": None}, BadValueError, "expected a name as architecture, got none"),
            ("an architecture of nobody's", {"architecture": "resnet181"}, UnknownNameError, "did you mean resnet18"),
            ("a path", {"architecture": "../../etc/passwd"}, UnknownNameError, "unknown architecture"),
            ("the Hub", {"architecture": "hf-hub:timm/resnet18"}, UnknownNameError, "unknown architecture"),
            ("another module", {"architecture": "torchvision/../os"}, UnknownNameError, "unknown architecture"),
            ("markup", {"architecture": "<script>alert(1)</script>"}, UnknownNameError, "unknown architecture"),
            ("detection", {"architecture": "torchvision/fasterrcnn_resnet50_fpn"}, UnknownNameError, "unknown"),
            ("a million classes", {"num_classes": 1_000_000}, BadValueError, "from 2 to 100,000 as num_classes"),
            ("one class", {"num_classes": 1}, BadValueError, "from 2 to 100,000"),
            ("classes as text", {"num_classes": "3"}, BadValueError, "whole number"),
            ("no pretrained_cfg", {"pretrained_cfg": None}, BadValueError, "pretrained_cfg, got none"),
            ("no mean", {"mean": None}, BadValueError, "expected a mean of 3 numbers"),
            ("std 0", {"std": [0, 1, 1]}, BadValueError, "expected a std of 3 numbers, from 0.0001"),
            ("an infinite mean", {"mean": [1e308, 1, 1]}, BadValueError, "expected a mean"),
            ("two means", {"mean": [0.5, 0.5]}, BadValueError, "expected a mean"),
            ("a large size", {"input_size": [3, 4096, 4096]}, BadValueError, "8 to 1,024 pixels"),
            ("not square", {"input_size": [3, 32, 64]}, BadValueError, "square"),
            ("seven channels", {"input_size": [7, 32, 32]}, BadValueError, "1 or 3 channels"),
            ("too few names", {"label_names": ["a", "b"]}, BadValueError, "expected 3 names"),
            ("names that are none", {"label_names": [1, 2, 3]}, BadValueError, "printable"),
            ("names that wrap", {"label_names": ["a\nb", "b", "c"]}, BadValueError, "printable"),
            ("arguments", {"model_args": {"act_layer": "os.system"}}, BadValueError, "model_args"),
            ("another pooling", {"global_pool": "max"}, BadValueError, "global_pool"),
        ]
    },
}  # fmt: skip


@pytest.mark.parametrize("name", CONFIGS)
def test_a_config_that_makes_no_sense(name: str) -> None:
    content, kind, words = CONFIGS[name]
    with pytest.raises(kind, match=words) as caught:
        network_from(content, weights(), "mine")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def header() -> tuple[dict[str, Any], bytes]:
    content = weights()
    (length,) = struct.unpack("<Q", content[:8])
    return json.loads(content[8 : 8 + length]), content[8 + length :]


def changed(**fields: Any) -> bytes:
    said, body = header()
    said[NAME] |= fields
    return with_header(said, body)


WEIGHTS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "expected a safetensors file, got 0 bytes"),
    "eight bytes": (b"\0" * 8, "got 8 bytes"),
    "a header without end": (struct.pack("<Q", 2**63) + b"{}", "got a header of 9,223"),
    "a header longer than the file": (struct.pack("<Q", 100) + b"{}", "got a header of 100 bytes in a file of 10"),
    "no JSON": (with_header(b"{oops"), "a header that is no JSON"),
    "too deep": (with_header(b"[" * 100_000), "a header that is no JSON"),
    "a list": (with_header([]), "no JSON object"),
    "no tensors": (with_header({}), "75 missing: 'conv_stem.weight', 'bn1.weight'"),
    "truncated": (weights()[:-1000], "at the bytes"),
    "an HTML page": (b"<!doctype html><script>alert(1)</script>", "got a header of"),
    "a pickle": (b"\x80\x04\x95\x0e\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix.", "got a header of"),
    "an absurd shape": (changed(shape=[2**39, 2**39, 2**39]), "at the bytes"),
    "a negative shape": (changed(shape=[-3, 256]), "no type, shape and place"),
    "many dimensions": (changed(shape=[1] * 9), "no type, shape and place"),
    "places beyond the file": (changed(data_offsets=[0, 2**39]), "at the bytes"),
    "another type": (changed(dtype="I32"), "1 unlike: 'classifier.weight' (3, 256) I32 in place of (3, 256) F32"),
    "a type of nobody's": (changed(dtype="F1024"), "no type, shape and place"),
    "another shape": (
        weights(**{NAME: torch.zeros(4, 256)}), "'classifier.weight' (4, 256) F32 in place of (3, 256) F32",
    ),
    "a tensor less": (weights(**{NAME: None}), "1 missing: 'classifier.weight'"),
    "a tensor more": (weights(extra=torch.zeros(2)), "1 too many: 'extra'"),
    "NaN": (weights(**{NAME: torch.full((3, 256), torch.nan)}), "NaN or infinity in 'classifier.weight'"),
    "infinity": (weights(**{NAME: torch.full((3, 256), torch.inf)}), "NaN or infinity in 'classifier.weight'"),
    "of another network": (
        save({name: value.contiguous() for name, value in state("test_vit").items()}), "tensors of test_efficientnet",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WEIGHTS)
def test_weights_that_are_not_the_architectures(name: str) -> None:
    content, words = WEIGHTS[name]
    with pytest.raises(CorruptFileError) as caught:
        network_from(json.dumps(config()).encode(), content, "mine")
    assert words in str(caught.value)
    assert str(caught.value).startswith("model.safetensors: expected ")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600


def test_a_large_architecture_with_few_weights_takes_no_memory() -> None:
    """Those of torchvision's that compute while they are built are bounded by what the table says of them."""
    for name in ("torchvision/regnet_y_128gf", "vit_giant_patch14_224"):
        with pytest.raises(CorruptFileError, match="expected"):
            network_from(json.dumps(config(architecture=name)).encode(), weights(), "mine")


def test_an_upload_is_bounded() -> None:
    with pytest.raises(BadValueError, match="at most 0 MB, got 0.4 MB"):
        network_from(json.dumps(config()).encode(), weights(), "mine", most=1_000)
    assert LARGEST_UPLOAD == 200_000_000


def test_a_folder_without_them(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=r"config\.json is missing: expected a folder with config\.json and"):
        gradlab.load_network(tmp_path)
    place = folder(tmp_path / "not a name")
    with pytest.raises(BadValueError, match="expected a name of a network of at most 64 letters"):
        gradlab.load_network(place)
    assert gradlab.load_network(place, "mine").card.name == "mine"
