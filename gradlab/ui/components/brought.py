"""What a script needs besides gradlab: the folders of networks and images that somebody brought, named in it."""

import json
import re

from gradlab.images.registry import PHOTOS, image_set, known_image_set
from gradlab.images.spaces import class_space
from gradlab.images.table import DATASETS
from gradlab.networks import find_card
from gradlab.networks.registry import brought

_MODEL = re.compile(r'gradlab\.load_model\(("(?:[^"\\]|\\.)*"), ("(?:[^"\\]|\\.)*")\)')
_BATCH = re.compile(r'gradlab\.load_batch\(("(?:[^"\\]|\\.)*")')
_HEAD = "import gradlab\n"
_TOLD = "\n# Not shipped with gradlab: put what is named here beside this script.\n"


def with_guests(script: str) -> str:
    """A script that makes known what it asks for and gradlab does not ship."""
    networks = "".join(_network(*pair) for pair in _models(script))
    images = "".join(_images(key) for key in _keys(script))
    if not (networks or images):
        return script
    parts = [f"    networks=[\n{networks}    ],\n"] if networks else []
    parts += [f"    images={{\n{images}    }},\n"] if images else []
    made = f"{_HEAD}{_TOLD}gradlab.bring(\n{''.join(parts)})\n"
    return _by_their_classes(script.replace(_HEAD, made, 1))


def with_folders(command: str, script: str) -> str | None:
    """A command line that names the same; None where a network has no folder, for only Python makes it."""
    models = _models(script)
    if not all(_of_folder(*pair) for pair in models):
        return None
    words = [f"--network {name}={name}" for name, _ in models] + [f"--images {key}={key}" for key in _keys(script)]
    return _by_their_classes(" ".join([command, *words]))


def _models(script: str) -> list[tuple[str, str]]:
    found = [(json.loads(name), json.loads(dataset)) for name, dataset in _MODEL.findall(script)]
    return [pair for pair in dict.fromkeys(found) if brought(*pair)]


def _keys(script: str) -> list[str]:
    found = dict.fromkeys(json.loads(key) for key in _BATCH.findall(script))
    return [key for key in found if not _is_space(key) and key not in (*DATASETS, PHOTOS) and known_image_set(key)]


def _is_space(key: str) -> bool:
    """Whether it is the free photographs, for a network with classes of its own: they come with that network."""
    return key.startswith("classes-")


def _by_their_classes(text: str) -> str:
    """A visitor's class space has a random key; elsewhere, its key is that of its classes."""
    for key in set(re.findall(r"classes-[0-9a-f]{16}", text)):
        if known := known_image_set(key):
            text = text.replace(key, class_space(known.classes)[0])
    return text


def _of_folder(name: str, dataset: str) -> bool:
    return bool(getattr(brought(name, dataset), "from_folder", False))


def _network(name: str, dataset: str) -> str:
    card = find_card(name, dataset)
    if not _of_folder(name, dataset):
        return f'        ...,  # your own gradlab.Network(..., name="{name}"), weights with the sha256 {card.sha256}\n'
    known = known_image_set(card.dataset)
    whose = f', otherwise="{card.dataset}"' if known and not _is_space(card.dataset) else ""
    made = f'gradlab.load_network("{name}", "{name}"{whose}),'
    return f"        {made}  # a folder: config.json, and model.safetensors with the sha256 {card.sha256}\n"


def _images(key: str) -> str:
    known = image_set(key)
    sha256 = f" (sha256 {known.sha256})" if known.sha256 else ""
    whose = f', classes="{known.space}"' if known.space and not _is_space(known.space) else ""
    return f'        "{key}": gradlab.load_folder("{key}"{whose}),  # a folder or a file of images{sha256}\n'
