"""Fill the store with a full data set, through torchvision: its download, its checksums, its readers.

Nothing is unpickled unchecked. torchvision's CIFAR10 and CIFAR100 read pickles, which could run any code, but compare
each file's MD5 with the official one first (`_check_integrity` in `__init__`, `check_integrity` in `_load_meta`; read
in torchvision 0.29). To slip in another pickle takes a second file with a given MD5, which is out of reach: the
known attacks on MD5 make two *new* files that collide. SVHN's .mat files are checked the same way. Fashion-MNIST's
IDX files hold no code, but torchvision checks only the archives they come in, so their checksums are compared here.
"""

import hashlib
import http.client
import importlib.util
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from tqdm import tqdm

from gradlab.errors import CorruptFileError, GradlabError, MissingFileError
from gradlab.images.store import is_stored, publish, split_path, stage_split, store_root, stored_size
from gradlab.images.table import SPLITS, DatasetSpec, dataset_spec

_CHUNK = 1_000  # images converted between two updates of the progress bar

# sha256 of the unpacked official files, whose archives torchvision knows by MD5.
_FASHION_SHA256 = {
    "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}


def fetch(name: str, source: str | Path | None = None, *, progress: bool = True) -> Path:
    """Put a full data set into the store.

    Both splits are written beside their places and renamed only when both are whole: an interrupted fetch changes
    nothing. Without `source`, a data set that is already stored in its official size is left as it is.

    Args:
        name: the data set.
        source: an existing root folder of torchvision, read without a download. None: `<store>/torchvision`, into
            which torchvision downloads what it does not find there intact.
        progress: show progress bars of the conversion on stderr. (torchvision shows its own of the download.)

    Returns:
        The data set's folder in the store.

    Raises:
        UnknownNameError: if there is no such data set.
        MissingFileError: if `source` lacks the data set, the download fails, or SVHN's reader scipy is not installed.
        CorruptFileError: if files do not match their official checksums, or hold something else than the table says.
    """
    spec = dataset_spec(name)
    if source is None and _is_official(spec):
        return split_path(name, "test").parent
    folder = store_root() / "torchvision" if source is None else Path(source).expanduser()
    _check_before(spec, folder)
    staged: dict[str, Path] = {}
    try:
        for split in SPLITS:
            images, labels = _read(spec, folder, split, download=source is None, progress=progress)
            staged[split] = stage_split(name, split, images, labels)
        publish(name, staged)
    finally:  # after publish these are gone already
        for temporary in staged.values():
            temporary.unlink(missing_ok=True)
    return split_path(name, "test").parent


def _is_official(spec: DatasetSpec) -> bool:
    try:
        return is_stored(spec.name) and all(stored_size(spec.name, split) == spec.sizes[split] for split in SPLITS)
    except CorruptFileError:
        return False


def _check_before(spec: DatasetSpec, folder: Path) -> None:
    """Whatever torchvision does not check itself, or only after a long download."""
    if spec.name == "svhn" and importlib.util.find_spec("scipy") is None:
        raise MissingFileError("expected scipy, which reads SVHN's .mat files, and it is not there; pip install scipy")
    if spec.name == "fashion_mnist":
        _check_fashion(folder / spec.torchvision_path)


def _check_fashion(raw: Path) -> None:
    processed = raw.parent / "processed"
    if any(processed.glob("*.pt")):  # torchvision would prefer its .pt files, pickles that no checksum vouches for
        raise CorruptFileError(f"{processed}: expected the raw IDX files only; move this folder of old pickles away")
    for file, expected in _FASHION_SHA256.items():
        if (raw / file).is_file():
            came = hashlib.sha256((raw / file).read_bytes()).hexdigest()
            if came != expected:
                raise CorruptFileError(f"{raw / file}: expected sha256 {expected}, got {came}; delete the file")


def _read(spec: DatasetSpec, folder: Path, split: str, *, download: bool, progress: bool) -> tuple[Tensor, Tensor]:
    """One official split: images uint8 (N, C, H, W), labels int64 (N,)."""
    official = _open(spec, folder, split, download=download)
    labels = torch.as_tensor(official.labels if spec.name == "svhn" else official.targets)
    planar = _planar(torch.as_tensor(official.data), spec)
    if len(planar) != spec.sizes[split]:
        expected = f"{spec.sizes[split]} {split} images of {spec.name}"
        raise CorruptFileError(f"{folder}: expected {expected}, got {len(planar)}")
    images = torch.empty(planar.shape, dtype=planar.dtype)
    with tqdm(total=len(planar), desc=f"{spec.title} {split}", unit="image", disable=not progress) as bar:
        for start in range(0, len(planar), _CHUNK):
            chunk = planar[start : start + _CHUNK]
            images[start : start + _CHUNK] = chunk
            bar.update(len(chunk))
    return images, labels


def _planar(data: Tensor, spec: DatasetSpec) -> Tensor:
    """A view of torchvision's pixels as (N, C, H, W): CIFAR keeps (N, H, W, C), Fashion-MNIST (N, H, W)."""
    if data.ndim == 3:
        return data.unsqueeze(1)
    channels, *size = spec.shape
    return data.permute(0, 3, 1, 2) if data.shape[1:] == (*size, channels) else data


def _open(spec: DatasetSpec, folder: Path, split: str, *, download: bool) -> Any:
    """The data set object of torchvision, or one line that says what was expected."""
    import torchvision  # only here: it takes a second, and only a fetch needs it

    choice: dict[str, Any] = {"split": split} if spec.name == "svhn" else {"train": split == "train"}
    try:
        return getattr(torchvision.datasets, spec.torchvision_class)(folder, download=download, **choice)
    except (OSError, RuntimeError, http.client.HTTPException, AssertionError, ValueError, TypeError) as error:
        raise _failure(spec, folder, download, error) from error


def _failure(spec: DatasetSpec, folder: Path, download: bool, error: Exception) -> GradlabError:
    reason = " ".join(str(error).split()) or type(error).__name__
    files = folder / spec.torchvision_path
    # torchvision's MNIST turns a dead network into a RuntimeError too, so the words have to tell the two apart.
    offline = isinstance(error, OSError | http.client.HTTPException) or reason.startswith("Error downloading")
    if download and offline:
        return MissingFileError(
            f"expected to download {spec.title} from {spec.download_host} into {files}, got: {reason}; "
            f"if you have a torchvision folder of it: python -m gradlab fetch {spec.name} --from DIR"
        )
    if files.exists() or download:
        return CorruptFileError(f"{files}: expected the official files with their checksums, got: {reason}")
    return MissingFileError(f"expected {spec.torchvision_path} of {spec.title} in {folder}, found none there")
