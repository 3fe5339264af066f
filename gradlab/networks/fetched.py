"""The networks that were fetched: folders of the local store, `<store>/networks/<name>`, in timm's Hub layout.

Each has its weights as `model.safetensors` and a `config.json`, with what gradlab knows of them under `gradlab`. Cards
are made of `config.json` alone: they are asked for often, and weights are large.
"""

import json
import os
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from torch import nn

from gradlab.errors import CorruptFileError, GradlabError, MissingFileError
from gradlab.images.registry import PHOTOS
from gradlab.images.store import store_root
from gradlab.networks.brought import Made, Network
from gradlab.networks.building import build
from gradlab.networks.cards import ModelCard
from gradlab.networks.folder_config import CONFIG, read_plan
from gradlab.networks.folder_weights import WEIGHTS
from gradlab.networks.pickled import check_sha256
from gradlab.types.registry import check_name


def networks_root() -> Path:
    """The folder of fetched networks; it need not exist yet."""
    return store_root() / "networks"


def key_of(name: str) -> str:
    """A network's name in links: `timm-resnet18-a1_in1k` for `timm/resnet18.a1_in1k`.

    Raises:
        BadValueError: when it has other letters than a link can hold, or too many.
    """
    return check_name("a network's name", re.sub(r"[/.]", "-", name))


def fetched_cards() -> list[ModelCard]:
    """What is known of each, by name; a folder that is none of them is passed over."""
    try:
        folders = sorted(Path(entry) for entry in os.scandir(networks_root()))
    except OSError:  # nothing was fetched yet
        return []
    return [card for folder in folders if (card := _card(folder))]


def read_config(folder: Path) -> dict[str, Any]:
    """What the `config.json` of a folder says.

    Raises:
        MissingFileError: when it isn't there.
        CorruptFileError: when it can't be read.
    """
    try:
        return dict(json.loads(_content(folder / CONFIG)))
    except (ValueError, TypeError) as error:
        raise CorruptFileError(f"expected a JSON object in {folder / CONFIG}, got: {error}") from None


def card_of(name: str, config: Mapping[str, Any]) -> ModelCard:
    """What a `config.json` says of a network, as a card.

    Raises:
        CorruptFileError: when it lacks something.
    """
    try:
        known, size = config["gradlab"], int(config["pretrained_cfg"]["input_size"][-1])
        return ModelCard(
            name, PHOTOS, str(config["architecture"]), 3, size, int(config["num_classes"]), int(known["parameters"]),
            str(known["sha256"]), note=str(known["note"]),
        )  # fmt: skip
    except (TypeError, ValueError, LookupError) as error:
        raise CorruptFileError(
            f"expected {CONFIG} of {name} as gradlab writes it, got another: {error!r:.100}"
        ) from None


def load_fetched(card: ModelCard, device: torch.device) -> nn.Module:
    """The network of a card.

    Raises:
        MissingFileError: when a file of it isn't there.
        CorruptFileError: when it isn't the file that its card describes.
    """
    return load_from(networks_root() / card.name, card.sha256).to(device)


def load_from(folder: Path, sha256: str) -> Network:
    """The network in a folder, whose weights have this sha256: frozen, takes images in [0, 1].

    Raises:
        UnknownNameError: for an architecture that neither timm nor torchvision has.
        MissingFileError: when a file isn't there.
        CorruptFileError: when it is another one, or the weights don't fit the architecture.
        BadValueError: when its `config.json` makes no sense.
    """
    plan = read_plan(_content(folder / CONFIG))
    try:
        with (folder / WEIGHTS).open("rb") as file:  # opened once: what is read is what was checked
            found = check_sha256(file, sha256, str(folder / WEIGHTS))
            made = Made(build(plan, file, trusted=True), found)
    except FileNotFoundError:
        raise MissingFileError(
            f"{folder / WEIGHTS} is missing: expected the weights with sha256 {sha256[:12]}…"
        ) from None
    except OSError as error:
        raise CorruptFileError(f"expected {folder / WEIGHTS} to be readable, got: {error.strerror}") from None
    return Network(made, PHOTOS, plan.size, plan.mean, plan.std, folder.name, plan.channels)


def is_whole(folder: Path) -> bool:
    """Whether a folder has a network whose weights are those that its card describes."""
    try:
        with (folder / WEIGHTS).open("rb") as file:
            check_sha256(file, card_of(folder.name, read_config(folder)).sha256, WEIGHTS)
    except (OSError, CorruptFileError):
        return False
    return True


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise MissingFileError(f"{path} is missing: expected a network that was fetched") from None
    except OSError as error:
        raise CorruptFileError(f"expected {path} to be readable, got: {error.strerror}") from None


def _card(folder: Path) -> ModelCard | None:
    """The card of a folder, read again when its `config.json` has changed."""
    try:
        return _read_card(folder, os.stat(folder / CONFIG).st_mtime_ns)
    except OSError:
        return None


@lru_cache(maxsize=256)
def _read_card(folder: Path, changed: int) -> ModelCard | None:
    try:
        return card_of(check_name("a network's name", folder.name), read_config(folder))
    except GradlabError:
        return None
