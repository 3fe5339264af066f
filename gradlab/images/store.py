"""The local store of full data sets: `<root>/<dataset>/<split>.safetensors`, no pickle.

A data set counts as stored only when both of its splits are there, so an interrupted fetch leaves nothing that could
be taken for a whole one.
"""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import platformdirs
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from gradlab.errors import BadValueError, CorruptFileError, MissingFileError
from gradlab.images.table import SPLITS, DatasetSpec, check_split, dataset_spec


def store_root() -> Path:
    """The folder of full data sets: `$GRADLAB_DATA`, else the platform's user cache folder for gradlab.

    Returns:
        The path; it need not exist yet.
    """
    override = os.environ.get("GRADLAB_DATA")
    return Path(os.path.expanduser(override)) if override else platformdirs.user_cache_path("gradlab")


def split_path(name: str, split: str) -> Path:
    """Where a split lies, or would lie.

    Raises:
        UnknownNameError: for a data set or split that does not exist.
    """
    return store_root() / dataset_spec(name).name / f"{check_split(split)}.safetensors"


def is_stored(name: str) -> bool:
    """Whether both splits of a data set are in the store."""
    return all(os.path.isfile(split_path(name, split)) for split in SPLITS)  # False, too, where reading is not allowed


def store_fault(name: str | None = None) -> str | None:
    """Why the store that `$GRADLAB_DATA` names cannot serve; None where it can, or where nothing is named.

    Args:
        name: the data set that is wanted; None for any.

    Raises:
        UnknownNameError: if there is no such data set.
    """
    if not (given := os.environ.get("GRADLAB_DATA")):
        return None
    root, expected = store_root(), f"GRADLAB_DATA={given}: expected a folder with "
    expected += "data sets" if name is None else dataset_spec(name).name
    if not os.path.lexists(root):
        return f"{expected}, got no such folder"
    if not root.is_dir():
        return f"{expected}, got something that is no folder"
    if not os.access(root, os.R_OK | os.X_OK):
        return f"{expected}, got one that may not be read"
    if name is not None and not is_stored(name):
        return f"{expected}, got one without both of its splits"
    return None


def fetch_hint(name: str) -> str:
    """How to fill the store, as the tail of a message."""
    return f"run: python -m gradlab fetch {name}"


def read_split(name: str, split: str) -> tuple[Tensor, Tensor]:
    """Read a split from the store.

    The images are mapped from the file, not copied: only those that get indexed are read from the disk.

    Args:
        name: the data set.
        split: `train` or `test`.

    Returns:
        images uint8 (N, C, H, W) and labels int64 (N,), each label in [0, classes).

    Raises:
        UnknownNameError: for a data set or split that does not exist.
        MissingFileError: if the data set is not in the store; the message names the command that fetches it.
        CorruptFileError: if the file is no safetensors file, or its tensors are not what the table promises.
    """
    path = split_path(name, split)
    if not is_stored(name):
        raise MissingFileError(f"expected {name} in the store, {path.parent}, and it is not there; {fetch_hint(name)}")
    try:
        with safe_open(path, framework="pt") as file:
            images, labels = file.get_tensor("images"), file.get_tensor("labels")
    except (SafetensorError, OSError) as error:
        raise CorruptFileError(_broken(path, name, str(error))) from error
    if problem := _problem(dataset_spec(name), images, labels):
        raise CorruptFileError(_broken(path, name, problem))
    return images, labels


def stored_size(name: str, split: str) -> int:
    """How many images a stored split has, read from the file's header alone.

    Raises:
        MissingFileError: if the file is not there.
        CorruptFileError: if it is no safetensors file with `images`.
    """
    path = split_path(name, split)
    if not path.is_file():
        raise MissingFileError(f"expected {path}, and it is not there; {fetch_hint(name)}")
    try:
        with safe_open(path, framework="pt") as file:
            return int(file.get_slice("images").get_shape()[0])
    except (SafetensorError, OSError, IndexError) as error:
        raise CorruptFileError(_broken(path, name, str(error))) from error


def write_split(name: str, split: str, images: Tensor, labels: Tensor) -> Path:
    """Write a split into the store, atomically: the file is there whole or not at all.

    Args:
        name: the data set.
        split: `train` or `test`.
        images: uint8 (N, C, H, W), in the data set's shape.
        labels: int64 (N,), each in [0, classes).

    Returns:
        The file's path.

    Raises:
        UnknownNameError: for a data set or split that does not exist.
        BadValueError: if the tensors are not as said above.
    """
    publish(name, {split: stage_split(name, split, images, labels)})
    return split_path(name, split)


def stage_split(name: str, split: str, images: Tensor, labels: Tensor) -> Path:
    """Write a split into a temporary file beside its place, for `publish` to rename.

    Takes and raises what `write_split` does.

    Returns:
        The temporary file's path. The caller publishes or deletes it.
    """
    path = split_path(name, split)
    if problem := _problem(dataset_spec(name), images, labels):
        raise BadValueError(f"{name} {split}: {problem}")
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{split}-", suffix=".tmp", dir=path.parent)
    os.close(handle)
    try:
        _save(Path(temporary), images, labels)
    except BaseException:  # Ctrl-C as well: no half-written file stays behind
        Path(temporary).unlink(missing_ok=True)
        raise
    return Path(temporary)


def publish(name: str, staged: Mapping[str, Path]) -> None:
    """Rename staged files to their places.

    Args:
        name: the data set.
        staged: from split to the path that `stage_split` gave.
    """
    # Two renames are not one: taking the old files of all but the first split away before makes the set count as
    # absent in between, so that nobody ever reads a new test split beside an old train split.
    for split in list(staged)[1:]:
        split_path(name, split).unlink(missing_ok=True)
    for split, temporary in staged.items():
        os.replace(temporary, split_path(name, split))


def _save(path: Path, images: Tensor, labels: Tensor) -> None:
    save_file({"images": images.contiguous(), "labels": labels.contiguous()}, path)
    path.chmod(0o644)  # a temporary file is private, and a class shares one store
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _broken(path: Path, name: str, problem: str) -> str:
    return f"{path} is not a split of {name}: {problem}; delete it and {fetch_hint(name)}"


def _problem(spec: DatasetSpec, images: Tensor, labels: Tensor) -> str | None:
    """What is wrong with a split, as "expected this, got that"; None if nothing is."""
    if images.dtype != torch.uint8 or images.shape[1:] != spec.shape or len(images) == 0:
        return f"expected images uint8 (N, {', '.join(map(str, spec.shape))}), got {_describe(images)}"
    if labels.dtype != torch.int64 or labels.shape != images.shape[:1]:
        return f"expected labels int64 ({len(images)},), got {_describe(labels)}"
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or high >= len(spec.classes):
        return f"expected labels from 0 to {len(spec.classes) - 1}, got {low} to {high}"
    return None


def _describe(tensor: Tensor) -> str:
    return f"{str(tensor.dtype).removeprefix('torch.')} {tuple(tensor.shape)}"
