"""A network of timm's from the Hugging Face Hub: its `config.json` and its `model.safetensors`, never a pickle.

The Hub tells a checksum of each file beforehand. Its library compares the size only, so the content is checked here.
"""

import hashlib
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

from gradlab.errors import BadValueError, CorruptFileError, MissingFileError, UnknownNameError
from gradlab.networks.download import PATIENCE, check_room, reached
from gradlab.networks.folder_config import CONFIG, LARGEST_CONFIG, read_plan
from gradlab.networks.folder_weights import WEIGHTS
from gradlab.networks.pickled import check_sha256

_NAME = re.compile(r"timm/[0-9A-Za-z][0-9A-Za-z._-]{0,95}")
_LICENCE = re.compile(r"[0-9A-Za-z.-]{1,40}")
_CLASSES = 1000  # ImageNet's


def stage(name: str, folder: Path) -> dict[str, Any]:
    """Download a network's two files and check them.

    Args:
        name: its name on the Hub, as `timm/resnet18.a1_in1k`.
        folder: an empty one, to write into.

    Returns:
        What its `config.json` says, and under `gradlab` where it is from.

    Raises:
        UnknownNameError: for a name that is no timm network's.
        MissingFileError: without a connection, or when the Hub has no such network, or only as a pickle.
        CorruptFileError: when a file that comes is another one.
        BadValueError: when it tells other classes than ImageNet's.
        GradlabError: without room.
    """
    if not _NAME.fullmatch(name):
        raise UnknownNameError("network of the Hub", name, ["timm/NAME, as timm/resnet18.a1_in1k"])
    hub = (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")
    url = f"{hub}/{name}"
    info = _info(name, hub, url)
    config, weights = _files(info, url)
    _bring(name, config, info.sha, hub, folder)
    said = _read(folder / CONFIG, config.blob_id, url)
    check_room(folder, weights.lfs.size)
    _bring(name, weights, info.sha, hub, folder)
    with (folder / WEIGHTS).open("rb") as file:
        sha256 = check_sha256(file, weights.lfs.sha256, f"{url}: {WEIGHTS}")
    shutil.rmtree(folder / ".cache")  # the library's notes
    return said | {"gradlab": {"url": url, "commit": info.sha, "download_sha256": sha256, "note": _note(info, said)}}


def _info(name: str, hub: str, url: str) -> Any:
    """What the Hub knows of a network: its commit, its files with sizes and checksums, its licence."""
    from huggingface_hub import HfApi  # only here: nobody else needs it
    from huggingface_hub.errors import RepositoryNotFoundError

    with reached(url):
        try:
            return HfApi(endpoint=hub, token=False).model_info(name, files_metadata=True, timeout=PATIENCE)
        except RepositoryNotFoundError:
            raise MissingFileError(f"expected a network of timm's on the Hub, got {name}: there is no {url}") from None


def _files(info: Any, url: str) -> tuple[Any, Any]:
    """Its two files, as the Hub describes them."""
    files = {file.rfilename: file for file in info.siblings or ()}
    config, weights = files.get(CONFIG), files.get(WEIGHTS)
    if weights is None and "pytorch_model.bin" in files:
        raise MissingFileError(f"expected {WEIGHTS} in {url}, got pytorch_model.bin only: a pickle, which can run code")
    if config is None or weights is None:
        raise MissingFileError(f"expected {CONFIG} and {WEIGHTS} in {url}, got {', '.join(files)[:200] or 'no file'}")
    if weights.lfs is None or config.size is None or config.size > LARGEST_CONFIG:
        raise CorruptFileError(f"expected a checksum of {WEIGHTS} and a short {CONFIG} in {url}, got neither or one")
    return config, weights


def _bring(name: str, file: Any, commit: str, hub: str, folder: Path) -> None:
    """Into a folder; a connection that breaks is taken up again where it broke."""
    from huggingface_hub import hf_hub_download

    with reached(f"{hub}/{name}/{file.rfilename}"):
        # Without a token: nothing of a person's account is read, nor sent.
        hf_hub_download(name, file.rfilename, revision=commit, endpoint=hub, local_dir=folder, token=False)


def _read(path: Path, blob: str, url: str) -> dict[str, Any]:
    """A `config.json` whose content is what the Hub says, of a network with ImageNet's classes."""
    content = path.read_bytes()
    came = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()  # as git counts it
    if came != blob:
        raise CorruptFileError(f"{url}: {CONFIG}: expected git's checksum {blob[:12]}…, got {came[:12]}…")
    if (classes := read_plan(content).classes) != _CLASSES:
        raise BadValueError(f"expected a network for ImageNet's {_CLASSES:,} classes, got {url} with {classes:,}")
    return dict(json.loads(content))


def _note(info: Any, said: dict[str, Any]) -> str:
    """For its card; of what others wrote only a licence's short name gets there."""
    licence = str(getattr(info.card_data, "license", None) or said["pretrained_cfg"].get("license") or "")
    named = licence if _LICENCE.fullmatch(licence) else "not stated there"
    return f"Weights of timm on the Hugging Face Hub. Licence: {named}."
