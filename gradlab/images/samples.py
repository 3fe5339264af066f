"""The embedded samples: 2,000 test images of each data set that travel with gradlab, as a sheet a person can look at.

`assets/samples/<name>.webp` holds the pixels, lossless, in rows of `columns` images; `<name>.json` says what they are.
`python -m gradlab.images.make_samples` cuts them from the store.
"""

import hashlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from gradlab.errors import CorruptFileError, MissingFileError
from gradlab.images.table import dataset_spec
from gradlab.shipped import assets_root


@dataclass(frozen=True, eq=False)
class Sample:
    """An embedded sample of a test split.

    Attributes:
        images: uint8 (N, C, H, W).
        labels: int64 (N,).
        indices: int64 (N,), each image's place in the test split of the store that the sample was cut from.
        facts: the JSON beside the sheet: licence, citation, notes on the split, checksums.
    """

    images: Tensor
    labels: Tensor
    indices: Tensor
    facts: dict[str, Any]


def sample_paths(name: str) -> tuple[Path, Path]:
    """The sheet and the JSON of a data set's sample.

    Raises:
        UnknownNameError: if there is no such data set.
    """
    folder = assets_root() / "samples"
    return folder / f"{dataset_spec(name).name}.webp", folder / f"{name}.json"


def sample_facts(name: str) -> dict[str, Any]:
    """What the JSON of a sample says, without a look at the sheet.

    Raises:
        UnknownNameError: if there is no such data set.
        MissingFileError: if the file is not there.
        CorruptFileError: if it is not JSON, or not about this data set, or its labels or indices were changed.
    """
    spec, (_, path) = dataset_spec(name), sample_paths(name)
    try:
        facts = json.loads(_read(path))
        complete = (facts["dataset"], tuple(facts["classes"])) == (name, spec.classes)
        for what in ("labels", "indices"):
            column = np.array(facts[what], dtype=np.int64)
            complete &= column.shape == (facts["images"],) and sha256(column) == facts["sha256"][what]
        complete &= {"file", "pixels"} <= facts["sha256"].keys() and facts["columns"] > 0
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise CorruptFileError(f"{path}: expected the facts of the {name} sample, got {error!r}") from error
    if not complete:
        raise CorruptFileError(f"{path}: expected the facts of the {name} sample, got some that contradict themselves")
    return dict(facts)


def read_sample(name: str) -> Sample:
    """Read a sample and check every byte of it.

    Returns:
        The sample; the images equal those of the data set bit for bit.

    Raises:
        UnknownNameError: if there is no such data set.
        MissingFileError: if the sheet or its JSON is not there.
        CorruptFileError: if either is not what its checksums promise.
    """
    spec, (path, _) = dataset_spec(name), sample_paths(name)
    facts = sample_facts(name)
    sums = facts["sha256"]
    return Sample(
        images=read_sheet(path, spec.shape, facts["images"], facts["columns"], sums["file"], sums["pixels"]),
        labels=torch.tensor(facts["labels"], dtype=torch.int64),
        indices=torch.tensor(facts["indices"], dtype=torch.int64),
        facts=facts,
    )


def read_sheet(
    path: Path, shape: tuple[int, int, int], count: int, columns: int, file_sha256: str, pixels_sha256: str
) -> Tensor:
    """The images of a sheet, uint8 (count, C, H, W).

    Args:
        path: of a lossless WebP.
        shape: one image's, (C, H, W).
        count: how many images there are, row by row.
        columns: images in a row.
        file_sha256: of the file.
        pixels_sha256: of the images, as `sha256` gives it.

    Raises:
        MissingFileError: if there is no such file.
        CorruptFileError: if it is not what its checksums promise.
    """
    content = _read(path)
    _expect(path, "bytes", hashlib.sha256(content).hexdigest(), file_sha256)
    images = _cut(content, shape, count, columns, path)
    _expect(path, "pixels", sha256(images), pixels_sha256)
    return torch.from_numpy(images)


def sha256(array: NDArray[Any]) -> str:
    """The checksum of an array's bytes in C order, integers little-endian: hexadecimal."""
    return hashlib.sha256(array.astype(array.dtype.newbyteorder("<")).tobytes()).hexdigest()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise MissingFileError(f"expected an embedded sample in {path}, and it is not there") from error


def _expect(path: Path, what: str, came: str, expected: str) -> None:
    if came != expected:
        raise CorruptFileError(f"{path}: expected {what} with sha256 {expected}, got {came}")


def _cut(content: bytes, shape: tuple[int, int, int], count: int, columns: int, path: Path) -> NDArray[np.uint8]:
    """Cut a sheet into images: uint8 (count, C, H, W)."""
    channels, height, width = shape
    try:
        with Image.open(io.BytesIO(content), formats=["WEBP"]) as sheet:
            pixels = np.asarray(sheet.convert("RGB"))[:, :, :channels]  # grey: three equal channels, keep one
    except OSError as error:
        raise CorruptFileError(f"{path}: expected a WebP sheet, got: {error}") from error
    rows = -(-count // columns)
    if pixels.shape[:2] != (rows * height, columns * width):
        raise CorruptFileError(f"{path}: expected {rows} x {columns} images of {shape}, got {pixels.shape}")
    cells = pixels.reshape(rows, height, columns, width, channels).transpose(0, 2, 4, 1, 3)
    return np.ascontiguousarray(cells.reshape(-1, *shape)[:count])
