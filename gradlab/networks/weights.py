"""Weights on disk: safetensors, float16, checked against the sha256 in their card before anything is built of them."""

import hashlib
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from gradlab.errors import CorruptFileError, MissingFileError, UnknownNameError
from gradlab.networks.architectures import ARCHITECTURES
from gradlab.networks.cards import ModelCard, weights_path
from gradlab.shipped import write_whole


def load_shipped(card: ModelCard, device: torch.device) -> nn.Module:
    """The network of a shipped card.

    Raises:
        MissingFileError: when the weights file isn't there.
        CorruptFileError: when it isn't the file that its card describes.
    """
    return build(card, _read(weights_path(card), card.sha256)).to(device)


def build(card: ModelCard, state: dict[str, Tensor]) -> nn.Module:
    """The architecture of a card with these weights, as float32 in channels_last, eval mode, frozen.

    Raises:
        UnknownNameError: for an architecture that doesn't exist.
        CorruptFileError: when the weights don't fit the architecture.
    """
    if card.architecture not in ARCHITECTURES:
        raise UnknownNameError(f"architecture of {card.file}", card.architecture, ARCHITECTURES)
    model = ARCHITECTURES[card.architecture](card.channels, card.size, card.classes).float()  # whatever the default is
    try:
        model.load_state_dict(state)  # which copies into float32
    except RuntimeError as error:
        reason = str(error).splitlines()[-1].strip()
        raise CorruptFileError(f"{card.file} doesn't fit the architecture {card.architecture}: {reason}") from None
    return model.eval().requires_grad_(False).to(memory_format=torch.channels_last)


def save_weights(state: dict[str, Tensor], path: Path) -> str:
    """Write weights as float16 and return the file's sha256."""
    halves = {key: half(value.detach().cpu()).contiguous() for key, value in state.items()}
    content = save(halves)
    write_whole(path, content)
    return hashlib.sha256(content).hexdigest()


def half(value: Tensor) -> Tensor:
    """A value as float16; a counter stays a whole number."""
    return value.half() if value.is_floating_point() else value


def _read(path: Path, sha256: str) -> dict[str, Tensor]:
    if not path.is_file():
        raise MissingFileError(f"{path} is missing: expected the weights with sha256 {sha256[:12]}…; restore assets/")
    content = path.read_bytes()
    came = hashlib.sha256(content).hexdigest()
    if came != sha256:
        raise CorruptFileError(f"{path}: expected sha256 {sha256[:12]}…, got {came[:12]}…; restore it")
    try:
        return load(content)
    except SafetensorError as error:
        raise CorruptFileError(f"{path} is not a safetensors file ({error}); restore it") from None
