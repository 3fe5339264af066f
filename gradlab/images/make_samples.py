"""Cut the embedded samples from the store, and write them into `assets/samples`.

    python -m gradlab.images.make_samples [NAME ...]

The draw is seeded and the sheet lossless, so the same store gives the same pixels again.
"""

import io
import json
import sys
from hashlib import sha256 as sha256_of_bytes
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from tqdm import tqdm

from gradlab.errors import GradlabError
from gradlab.images.draw import balanced_order
from gradlab.images.samples import sample_paths, sha256
from gradlab.images.store import read_split
from gradlab.images.table import DATASETS, DatasetSpec, dataset_spec

COUNT = 2_000
COLUMNS = 50
SEED = 0
EFFORT = {"quality": 100, "method": 6}  # of the lossless coder: slow and small

_TURNS_NOTE = (
    "drawn from the 10,000 official test images; an index is a place in a test split that goes through class 0 to 99 "
    "by turns, which is not the official order, so it is no official index"
)
_SVHN_NOTE = (
    "all of the 2,000 held-out images of the first 10,000 official test images, of which the other 8,000 (official "
    "indices 0 to 7999) serve as the train split; the official train split is not used; an index is a place among "
    "these 2,000, which are official indices 8000 to 9999; classes are as frequent as they come"
)

_MIT = (
    "Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated "
    'documentation files (the "Software"), to deal in the Software without restriction, including without limitation '
    "the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and "
    "to permit persons to whom the Software is furnished to do so, subject to the following conditions: The above "
    "copyright notice and this permission notice shall be included in all copies or substantial portions of the "
    'Software. THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT '
    "LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT "
    "SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION "
    "OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER "
    "DEALINGS IN THE SOFTWARE."
)
_LICENCE_TEXTS = {"fashion_mnist": _MIT}  # the MIT licence travels with every copy


def make_sample(name: str, count: int = COUNT) -> Path:
    """Cut one sample from the stored test split and write its sheet and its JSON.

    Args:
        name: the data set.
        count: how many images; equally many of each class, as far as possible.

    Returns:
        The sheet's path.

    Raises:
        UnknownNameError: if there is no such data set.
        MissingFileError: if it is not in the store.
        CorruptFileError: if the stored file is broken.
    """
    spec, (sheet_path, facts_path) = dataset_spec(name), sample_paths(name)
    images, all_labels = read_split(name, "test")
    indices = balanced_order(all_labels.numpy(), SEED)[:count]
    indices = indices[np.lexsort((indices, all_labels.numpy()[indices]))]  # by class: a sheet that a person can read
    chosen, labels = images[indices], all_labels.numpy()[indices]
    sheet = encode_sheet(chosen.numpy(), COLUMNS)
    facts = _facts(spec, chosen, labels, indices, sheet) | _note(spec, all_labels.numpy())
    sheet_path.parent.mkdir(parents=True, exist_ok=True)
    sheet_path.write_bytes(sheet)
    facts_path.write_text(_json(facts, {"labels": labels, "indices": indices}), encoding="utf-8")
    return sheet_path


def encode_sheet(images: NDArray[np.uint8], columns: int) -> bytes:
    """The sheet of images (N, C, H, W), as lossless WebP. Cells after the last image are black."""
    rows, shape = -(-len(images) // columns), images.shape[1:]
    cells = np.zeros((rows * columns, *shape), dtype=np.uint8)
    cells[: len(images)] = images
    channels, height, width = shape
    grid = cells.reshape(rows, columns, *shape).transpose(0, 3, 1, 4, 2)
    pixels = grid.reshape(rows * height, columns * width, channels)
    buffer = io.BytesIO()
    rgb = np.broadcast_to(pixels, (*pixels.shape[:2], 3))  # WebP has no grey: three equal channels cost next to nothing
    Image.fromarray(np.ascontiguousarray(rgb)).save(buffer, "WEBP", lossless=True, **EFFORT)
    return buffer.getvalue()


def _note(spec: DatasetSpec, labels: NDArray[np.int64]) -> dict[str, Any]:
    """What the store's test split is, told from its labels: the official one, or a stand-in.

    `official_offset` plus an index is the official index; None where the official order is not known.
    """
    if spec.name == "svhn" and len(labels) == 2_000:
        return {"split_note": _SVHN_NOTE, "official_offset": 8_000}
    if spec.name == "cifar100" and np.array_equal(labels[:100], np.arange(100)):
        return {"split_note": _TURNS_NOTE, "official_offset": None}
    official = f"drawn from the {len(labels):,} official test images; an index is a place in the official order"
    return {"split_note": official, "official_offset": 0}


def _facts(
    spec: DatasetSpec, images: Tensor, labels: NDArray[np.int64], indices: NDArray[np.int64], sheet: bytes
) -> dict[str, Any]:
    """What there is to say about a sample, except its labels and indices."""
    return {
        "dataset": spec.name,
        "title": spec.title,
        "split": "test",
        "images": len(images),
        "shape": spec.shape,
        "columns": COLUMNS,
        "classes": spec.classes,
        "licence": spec.licence,
        "licence_text": _LICENCE_TEXTS.get(spec.name),
        "citation": spec.citation,
        "url": spec.url,
        "order_note": "images are sorted by label, then by index; sha256.pixels is of their uint8 (N, C, H, W) bytes, "
        "sha256.labels and sha256.indices of int64 little-endian bytes, sha256.file of the sheet",
        "sha256": {
            "file": sha256_of_bytes(sheet).hexdigest(),
            "pixels": sha256(images.numpy()),
            "labels": sha256(labels),
            "indices": sha256(indices),
        },
    }


def _json(facts: dict[str, Any], columns: dict[str, NDArray[np.int64]]) -> str:
    """Facts one a line, then each column on one line, or the file would have 4,000 of them."""
    tail = ",\n".join(f' "{key}": {json.dumps(column.tolist())}' for key, column in columns.items())
    return json.dumps(facts, indent=1, ensure_ascii=False).removesuffix("\n}") + ",\n" + tail + "\n}\n"


def main(names: list[str]) -> int:
    """Make the named samples, or all of them.

    Returns:
        The exit code: 0, or 2 with one line on stderr.
    """
    try:
        for name in tqdm(names or list(DATASETS), unit="sample"):
            make_sample(name)
    except GradlabError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
