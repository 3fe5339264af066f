"""A network that a person brings: any module that takes images in [0, 1] and gives logits."""

import copy
import hashlib

import torch
from torch import nn

from gradlab.networks.cards import ModelCard
from gradlab.networks.registry import Network


def network_of(
    module: nn.Module, name: str, dataset: str, *, classes: int, size: int, channels: int = 3, note: str = ""
) -> Network:
    """A network that `gradlab.networks.registry.register` makes known. The module itself is never changed.

    Args:
        module: takes images (N, C, H, W) in [0, 1], gives logits (N, K).
        name: its name in links and on the command line.
        dataset: the key of the image set whose classes it tells apart.
        classes: K.
        size: height and width of the images that it takes, in pixels.
        channels: C.
        note: what else a reader should know.
    """
    own = copy.deepcopy(module).eval().requires_grad_(False)
    parameters = sum(parameter.numel() for parameter in own.parameters())
    kind = type(module).__name__
    card = ModelCard(name, dataset, kind, channels, size, classes, parameters, _checksum(own), note=note)

    def load(device: torch.device) -> nn.Module:
        return copy.deepcopy(own).to(device)

    return Network(card, load)


def _checksum(module: nn.Module) -> str:
    """The hexadecimal sha256 of all weights, in the order of their names."""
    found = hashlib.sha256()
    for name, value in sorted(module.state_dict().items()):
        found.update(f"{name} {value.dtype} {tuple(value.shape)} ".encode())
        found.update(value.cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes())
    return found.hexdigest()
