"""A network in timm's Hub layout, small enough for tests, and its files broken in every way."""

import json
import struct
from pathlib import Path
from typing import Any

import timm
import torch
from safetensors.torch import save

ARCHITECTURE = "test_efficientnet"
CLASSES = ("red", "green", "blue")


def config(**changes: Any) -> dict[str, Any]:
    """A whole config.json; `None` leaves a key out."""
    trained = {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "input_size": [3, 32, 32], "label_names": list(CLASSES)}
    found = {"architecture": ARCHITECTURE, "num_classes": 3, "pretrained_cfg": trained}
    for key, value in changes.items():
        place = (
            found if key in ("architecture", "num_classes", "pretrained_cfg", "global_pool", "model_args") else trained
        )
        place[key] = value
        if value is None:
            del place[key]
    return found


def state(architecture: str = ARCHITECTURE, classes: int = 3, seed: int = 0) -> dict[str, torch.Tensor]:
    torch.manual_seed(seed)
    return dict(timm.create_model(architecture, num_classes=classes).state_dict())


def weights(**changes: Any) -> bytes:
    """The bytes of model.safetensors; `None` leaves a tensor out."""
    found = state() | changes
    return save({name: value.contiguous() for name, value in found.items() if value is not None})


def folder(place: Path, content: bytes | None = None, **changes: Any) -> Path:
    """Both files, in a folder."""
    place.mkdir(parents=True, exist_ok=True)
    (place / "config.json").write_text(json.dumps(config(**changes)))
    (place / "model.safetensors").write_bytes(weights() if content is None else content)
    return place


def with_header(header: Any, body: bytes = b"") -> bytes:
    """A safetensors file with any header."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body
