"""Images and labels of a file of arrays: npz or safetensors, as CIFAR, MNIST and their kin are handed around.

A file is believed only as far as it was measured: what an array claims to hold is compared with what its file has, and
with a bound, before room is made for it. Arrays of objects, which would be pickles, are refused.
"""

import math
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from torch import Tensor

from gradlab.errors import BadValueError, CorruptFileError, GradlabError, MissingFileError
from gradlab.images.classes import listed
from gradlab.images.listing import shown
from gradlab.types import UNKNOWN

SUFFIXES = (".npz", ".safetensors")
MOST_BYTES = 2 * 2**30  # of the images in a file
MOST_CLASSES = 100_000
_PAIRS = (
    ("images", "labels"), ("x_test", "y_test"), ("test_images", "test_labels"), ("data", "labels"), ("x", "y"),
    ("image", "label"), ("arr_0", "arr_1"),
)  # fmt: skip
_LABELS = ("labels", "label", "y", "targets", "fine_labels")
_CLASSES = ("classes", "class_names", "label_names")
_ROWS = {3072: (3, 32, 32), 784: (1, 28, 28)}  # images that were written as rows, and their shape
_PART = 4096  # images at a time


@dataclass(frozen=True)
class _Entry:
    """An array that has not been read yet."""

    shape: tuple[int, ...]
    bytes: int
    read: Callable[[], Any]


_Entries = Mapping[str, Callable[[], _Entry]]  # of those that nobody asks for, not even the header is read


def read_arrays(path: Path) -> tuple[Tensor, Tensor, tuple[str, ...]]:
    """Images, labels and names of classes.

    Images are called `images`, `x_test`, `test_images`, `data`, `x`, `image` or `arr_0`, whatever the case, and labels
    after them: `labels`, `y_test`, `test_labels`, `labels`, `y`, `label`, `arr_1`; names of classes, in an npz,
    `classes`, `class_names` or `label_names`.

    Args:
        path: of an npz or safetensors file. Images are (N, H, W), (N, H, W, C), (N, C, H, W) with one channel or three,
            or rows of 784 or 3,072 numbers; bytes, whole numbers up to 255, or floats in [0, 1]. Labels are whole
            numbers of at least 0, -1 where unknown: (N,) or (N, 1).

    Returns:
        Images (N, C, H, W), uint8 where they are n/255 and else float32; labels int64 (N,), all -1 where the file has
        none; and the names of the classes, which may be none.

    Raises:
        MissingFileError: when there is no such file.
        CorruptFileError: when it is damaged, or no such file.
        BadValueError: for arrays that are no images or labels, or more than 2 GB of images.
    """
    if not path.is_file():
        raise MissingFileError(f"expected a file of images, got none at {path}")
    try:
        return _read(path)
    except GradlabError as error:
        raise type(error)(f"{path}: {error}") from None
    except Exception as error:  # broken bytes make zipfile, zlib, numpy and safetensors raise a dozen kinds
        reason = shown(str(error)) or type(error).__name__
        raise CorruptFileError(f"{path}: expected arrays, got a damaged file or none of these: {reason}") from None


def _read(path: Path) -> tuple[Tensor, Tensor, tuple[str, ...]]:
    if path.suffix.lower() == ".npz":
        with zipfile.ZipFile(path) as file:
            return _found({name.removesuffix(".npy"): partial(_npy, file, name) for name in file.namelist()})
    try:
        with safe_open(path, framework="pt") as file:
            return _found({name: partial(_tensor, file, name) for name in file.keys()})
    except SafetensorError as error:
        raise CorruptFileError(f"expected a safetensors file, got: {shown(str(error))}") from None


def _found(entries: _Entries) -> tuple[Tensor, Tensor, tuple[str, ...]]:
    names = {name.casefold(): name for name in entries}
    pair = next(((images, labels) for images, labels in _PAIRS if images in names), None)
    if pair is None:
        wanted = ", ".join(images for images, _ in _PAIRS)
        raise BadValueError(f"expected images called {wanted}, got {listed([*map(shown, entries)]) or 'nothing'}")
    images = _images(_checked(names[pair[0]], entries))
    called = next((name for name in (pair[1], *_LABELS) if name in names), None)
    labels = None if called is None else _checked(names[called], entries)
    classes = next((name for name in _CLASSES if name in names), None)
    known = () if classes is None else _classes(_checked(names[classes], entries))
    return images, _labels(labels, len(images), len(known)), known


def _checked(name: str, entries: _Entries) -> Any:
    entry = entries[name]()
    if entry.bytes > MOST_BYTES:
        claimed = f"{tuple(entry.shape)}, {entry.bytes / 2**20:,.1f} MB"
        raise BadValueError(f"expected at most {MOST_BYTES >> 20:,} MB of {shown(name)}, got {claimed}")
    return entry.read()


def _npy(file: zipfile.ZipFile, name: str) -> _Entry:
    """The header of an array: what it claims."""
    with file.open(name) as content:
        shape, dtype = _header(content)
        begin = content.tell()
    if dtype.hasobject:
        raise BadValueError(f"expected numbers in {shown(name)}, got objects, which can run code")
    size, held = math.prod(shape) * dtype.itemsize, file.getinfo(name).file_size - begin
    if min(shape, default=0) < 0 or size != held:
        raise CorruptFileError(f"expected all of {shown(name)} {shape!s:.60} in the file, got {held:,} bytes")
    return _Entry(shape, size, partial(_array, file, name))


def _header(content: Any) -> tuple[tuple[int, ...], np.dtype[Any]]:
    version = np.lib.format.read_magic(content)
    reads = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    if version not in reads:
        raise CorruptFileError(f"expected an array as numpy writes it, got version {version}")
    shape, _, dtype = reads[version](content)
    return shape, dtype


def _array(file: zipfile.ZipFile, name: str) -> NDArray[Any]:
    with file.open(name) as content:
        return np.lib.format.read_array(content, allow_pickle=False)


def _tensor(file: Any, name: str) -> _Entry:
    part = file.get_slice(name)
    shape, bits = tuple(part.get_shape()), re.match(r"[A-Z]+(\d+)", part.get_dtype())
    return _Entry(shape, math.prod(shape) * (int(bits[1]) if bits else 64) // 8, partial(file.get_tensor, name))


def _images(values: Any) -> Tensor:
    found = _laid_out(_numbers("images", values))
    if found.dtype == torch.uint8:
        return found.contiguous()
    if not found.is_floating_point():
        low, high = (int(value) for value in found.aminmax())
        if low < 0 or high > 255:
            raise BadValueError(f"expected images as bytes, 0 to 255, got whole numbers from {low} to {high}")
        return found.to(torch.uint8)
    for start in range(0, len(found), _PART):
        _check_floats(found[start : start + _PART])
    return _as_bytes(found.float())


def _check_floats(images: Tensor) -> None:
    if bool(((images >= 0) & (images <= 1)).all()):
        return
    unknown = int(images.isnan().sum())
    low, high = (float(value) for value in images.nan_to_num(0).aminmax())
    got = f"{unknown:,} that are NaN" if unknown else f"some from {low:g} to {high:g}"
    hint = ": divide them by 255" if not unknown and low >= 0 and 1 < high <= 255 else ""
    raise BadValueError(f"expected images as floats in [0, 1], got {got}{hint}")


def _as_bytes(images: Tensor) -> Tensor:
    """As uint8 where each value is n/255 exactly, which takes a quarter of the room; else as they are."""
    room = torch.empty(images.shape, dtype=torch.uint8)
    for start in range(0, len(images), _PART):
        part = images[start : start + _PART]
        room[start : start + _PART] = (part * 255).round().to(torch.uint8)
        if not torch.equal(room[start : start + _PART].float() / 255, part):
            return images.contiguous()
    return room


def _laid_out(images: Tensor) -> Tensor:
    """Images as (N, C, H, W), a view."""
    shape = tuple(images.shape)
    if len(shape) == 2 and shape[1] in _ROWS:
        return images.reshape(-1, *_ROWS[shape[1]])
    if len(shape) == 3:
        images = images[:, None]
    elif len(shape) == 4 and shape[3] in (1, 3) and (shape[1] not in (1, 3) or shape[1] == shape[2]):
        images = images.permute(0, 3, 1, 2)
    if images.ndim != 4 or images.shape[1] not in (1, 3) or not images.numel():
        raise BadValueError(
            f"expected images (N, H, W), (N, H, W, C) or (N, C, H, W) of one channel or three, got {shape}"
        )
    return images


def _labels(values: Any, count: int, classes: int) -> Tensor:
    if values is None:
        return torch.full((count,), UNKNOWN)
    found = _numbers("labels", values)
    if found.shape == (count, 1):
        found = found[:, 0]
    if found.shape != (count,) or found.is_floating_point():
        raise BadValueError(f"expected {count} whole numbers as labels, got {found.dtype} {tuple(found.shape)}")
    labels, most = found.long(), (classes or MOST_CLASSES) - 1
    if int(labels.min()) < UNKNOWN or int(labels.max()) > most:
        raise BadValueError(
            f"expected labels from 0 to {most:,}, or -1, got {int(labels.min()):,} to {int(labels.max()):,}"
        )
    return labels


def _classes(values: Any) -> tuple[str, ...]:
    if not isinstance(values, np.ndarray) or values.dtype.kind != "U" or values.ndim != 1:
        raise BadValueError("expected the names of classes as text (K,), got something else")
    names = tuple(shown(name) for name in values.tolist())
    if len(names) > MOST_CLASSES or len(set(names)) < len(names):
        raise BadValueError(f"expected at most {MOST_CLASSES:,} names of classes, each once, got {len(names):,}")
    return names


def _numbers(what: str, values: Any) -> Tensor:
    """An array of numpy's or PyTorch's as a tensor whose type has all operations."""
    if isinstance(values, np.ndarray):
        if values.dtype.kind not in "iuf" or values.dtype.itemsize > 8:
            raise BadValueError(f"expected numbers as {what}, got {values.dtype}")
        values = torch.from_numpy(np.ascontiguousarray(values.astype(values.dtype.newbyteorder("="), copy=False)))
    if values.is_complex() or values.dtype == torch.bool:
        raise BadValueError(f"expected numbers as {what}, got {values.dtype}")
    wide = values.dtype in (torch.uint16, torch.uint32, torch.uint64)
    return cast(Tensor, values.long() if wide else values)
