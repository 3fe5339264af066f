"""A network of torchvision's, with the first weights that it published for it: those that papers mean by its name.

They are pickles in files whose names carry the first digits of their sha256; what is kept of them is safetensors.
"""

import os
from pathlib import Path
from typing import Any

from safetensors.torch import save_file

from gradlab.errors import CorruptFileError, UnknownNameError
from gradlab.images.imagenet import imagenet
from gradlab.networks.download import download
from gradlab.networks.pickled import check_sha256, read_state

OFFERED = ("alexnet", "vgg16", "resnet18", "resnet50", "mobilenet_v3_large", "convnext_tiny", "vit_b_16")
TAG = "IMAGENET1K_V1"
_NOT = ("googlenet", "inception_v3")  # with weights, torchvision builds these two otherwise than without
_LICENCE = "torchvision's licence is BSD-3-Clause; of weights it says that the terms of their images may hold for them."


def weights_of(name: str) -> Any:
    """What torchvision knows of its weights: `url`, `meta`, `transforms`.

    Raises:
        UnknownNameError: for a name that it has no network for, or no such weights.
    """
    from torchvision import models  # only here: it takes a second

    try:
        known: Any = {} if name in _NOT else models.get_model_weights(name)
        return known[TAG]
    except (ValueError, KeyError):
        raise UnknownNameError("network to fetch", name, [*OFFERED, "timm/NAME"]) from None


def stage(name: str, folder: Path) -> dict[str, Any]:
    """Download a network's weights, check them and write `model.safetensors`.

    Args:
        name: torchvision's, as `alexnet`.
        folder: an empty one, to write into.

    Returns:
        What `config.json` has to say of it.

    Raises:
        UnknownNameError: when torchvision has no such network.
        MissingFileError: without a connection.
        CorruptFileError: when the file that comes is another one.
        GradlabError: without room.
    """
    weights = weights_of(name)
    url, pickle = _address(weights.url), folder / weights.url.rpartition("/")[2]
    download(url, pickle, copies=2)
    with pickle.open("rb") as file:
        sha256 = check_sha256(file, _digits(weights.url), url)
    state = read_state(pickle, sha256)
    try:
        save_file({key: value.contiguous() for key, value in state.items()}, folder / "model.safetensors")
    except RuntimeError as error:
        raise CorruptFileError(f"{url}: expected tensors that share nothing, got: {str(error).strip():.100}") from None
    pickle.unlink()
    return _config(name, weights) | {"gradlab": {"url": url, "download_sha256": sha256, "note": _note(weights)}}


def claimed(weights: Any) -> float | None:
    """The share of ImageNet's validation images that torchvision says it tells right."""
    percent = weights.meta.get("_metrics", {}).get("ImageNet-1K", {}).get("acc@1")
    return None if percent is None else percent / 100


def _address(url: str) -> str:
    """On torchvision's server, or on one that stands for it: `$GRADLAB_TORCHVISION_URL` and the file's name."""
    mirror = os.environ.get("GRADLAB_TORCHVISION_URL")
    return f"{mirror.rstrip('/')}/{url.rpartition('/')[2]}" if mirror else url


def _digits(url: str) -> str:
    """The first digits of its sha256, which end its name."""
    return url.rpartition("-")[2].removesuffix(".pth")


def _config(name: str, weights: Any) -> dict[str, Any]:
    """As timm writes it for its own: architecture, classes, and what images have to be like."""
    preset, (ids, _) = weights.transforms(), imagenet()
    size, resized = preset.crop_size[0], preset.resize_size[0]
    return {
        "architecture": f"torchvision/{name}",
        "num_classes": len(ids),
        "label_names": list(ids),
        "label_descriptions": dict(zip(ids, weights.meta["categories"], strict=True)),
        "pretrained_cfg": {
            "tag": TAG, "url": weights.url, "input_size": [3, size, size], "crop_pct": size / resized,
            "mean": list(preset.mean), "std": list(preset.std), "interpolation": preset.interpolation.value,
        },
    }  # fmt: skip


def _note(weights: Any) -> str:
    accuracy = claimed(weights)
    said = "" if accuracy is None else f"It says that {accuracy:.1%} of ImageNet's validation images are right. "
    return f"Weights {TAG} of torchvision, trained on ImageNet. {said}{_LICENCE}"
