"""Bring a network into the local store: from torchvision, or a network of timm's from the Hugging Face Hub.

It is downloaded and tried beside its place, and renamed into it when all of it is right: an interrupted fetch leaves
nothing. What is kept has timm's layout, whoever made it, and under `gradlab` in its `config.json` where it is from.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from safetensors import SafetensorError
from torch import nn

from gradlab.errors import BadValueError, CorruptFileError, GradlabError
from gradlab.networks import fetch_hub, fetch_torchvision
from gradlab.networks.cards import ModelCard
from gradlab.networks.fetched import card_of, fetched_cards, is_whole, key_of, load_from, networks_root, read_config
from gradlab.networks.folder_config import CONFIG
from gradlab.networks.folder_weights import WEIGHTS

HUB = "timm/"
TORCHVISION = "torchvision/"
SIZE, CLASSES = 224, 1_000  # of photographs here


@dataclass(frozen=True)
class Fetched:
    """A network in the store.

    Attributes:
        card: what is known of it.
        folder: where it is.
        new: whether it was brought now; it was there before otherwise.
    """

    card: ModelCard
    folder: Path
    new: bool


def fetch_network(name: str) -> Fetched:
    """Put a network for photographs into the store. One that is there whole is left as it is.

    Args:
        name: torchvision's, as `alexnet` or `torchvision/alexnet`, or a timm network's on the Hub, as
            `timm/resnet18.a1_in1k`.

    Returns:
        It, where it is, and whether it is new. `load_model(fetched.card.name, "photos")` loads it.

    Raises:
        UnknownNameError: for a name that neither has.
        MissingFileError: without a connection, or when the Hub has it only as a pickle.
        CorruptFileError: when another file comes than the one that its source promises, or it does not work.
        BadValueError: when it tells other classes than ImageNet's 1,000.
        GradlabError: when the store has no room, or may not be written to.
    """
    full = name if name.startswith((HUB, TORCHVISION)) else TORCHVISION + name
    folder = networks_root() / key_of(full)
    if is_whole(folder):
        return Fetched(_known(folder, full), folder, new=False)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".", dir=folder.parent) as beside:
            staged = Path(beside) / folder.name
            staged.mkdir()
            _stage(full, staged)
            if folder.exists():  # it is damaged
                folder.rename(Path(beside) / "damaged")
            staged.rename(folder)
    except GradlabError:  # of which some are OSErrors, too
        raise
    except (OSError, SafetensorError) as error:
        reason = getattr(error, "strerror", None) or " ".join(str(error).split())
        raise GradlabError(f"expected to write {full} into {folder}, got: {reason}; nothing of it was kept") from error
    return Fetched(_known(folder, full), folder, new=True)


def offered() -> list[dict[str, Any]]:
    """What torchvision has that is asked for most; of each its name, its name in links, and what its source says."""
    kept = {card.name for card in fetched_cards()}
    rows = []
    for name in fetch_torchvision.OFFERED:
        weights, key = fetch_torchvision.weights_of(name), key_of(TORCHVISION + name)
        meta = weights.meta
        rows.append({
            "name": name, "model": key, "parameters": meta["num_params"], "MB": round(meta["_file_size"]),
            "accuracy, says torchvision": fetch_torchvision.claimed(weights), "fetched": "yes" if key in kept else "no",
        })  # fmt: skip
    return rows


def _known(folder: Path, name: str) -> ModelCard:
    """Its card, when it is the network of this name: two names may have one key."""
    config = read_config(folder)
    if (there := config["gradlab"].get("name")) != name:
        raise BadValueError(f"expected {folder} to be {name}, got {there}: delete the one that you don't need")
    return card_of(folder.name, config)


def _stage(name: str, folder: Path) -> None:
    """Write a network into an empty folder, and try it."""
    hub = name.startswith(HUB)
    config = fetch_hub.stage(name, folder) if hub else fetch_torchvision.stage(name.removeprefix(TORCHVISION), folder)
    with (folder / WEIGHTS).open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    (folder / WEIGHTS).chmod(0o644)  # safetensors writes for its owner only, and a class shares one store
    _write(folder, config)
    model = load_from(folder, sha256)
    _try(model, name)
    known = config["gradlab"] | {"name": name, "sha256": sha256, "parameters": model.card.parameters}
    if (size := model.card.size) != SIZE:
        known["note"] += f" It was made for {size}x{size} pixels: images are scaled to that inside of it."
    _write(folder, config | {"gradlab": known})


def _write(folder: Path, config: dict[str, Any]) -> None:
    (folder / CONFIG).write_text(json.dumps(config, indent=1, ensure_ascii=False), encoding="utf-8")


@torch.inference_mode()
def _try(model: nn.Module, name: str) -> None:
    """It gives finite logits for a photograph's size; what a network cannot do is found before it is kept."""
    try:
        logits = model(torch.full((1, 3, SIZE, SIZE), 0.5))
    except (RuntimeError, ValueError, AssertionError) as error:
        reason = " ".join(str(error).split())
        raise BadValueError(
            f"expected a network for images of {SIZE}x{SIZE} pixels, got {name}: {reason:.120}"
        ) from None
    if logits.shape != (1, CLASSES) or not bool(logits.isfinite().all()):
        raise CorruptFileError(f"expected {CLASSES:,} finite numbers from {name}, got {tuple(logits.shape)} or NaN")
