"""Make the sheet of photographs, and write it into `assets/samples`.

    python -m gradlab.images.make_photographs DIR

DIR holds the originals under the names in `gradlab.images.photographs`. Of each, the largest square in the middle is
scaled to 224x224 pixels.
"""

import json
import sys
from dataclasses import asdict
from hashlib import sha256 as sha256_of_bytes
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from gradlab.images.make_samples import encode_sheet
from gradlab.images.photographs import PHOTOGRAPHS, SIZE, photographs
from gradlab.images.registry import PHOTOS
from gradlab.images.samples import sha256
from gradlab.shipped import assets_root


def make_photographs(folder: Path) -> Path:
    """Write the sheet and its facts; returns the sheet's path."""
    images = np.stack([_square(folder / one.file) for one in PHOTOGRAPHS])
    sheet, path = encode_sheet(images, len(images)), assets_root() / "samples" / f"{PHOTOS}.webp"
    facts = {
        "dataset": PHOTOS, "title": photographs().title, "split": "test", "images": len(images),
        "shape": images.shape[1:], "columns": len(images), "photographs": [asdict(one) for one in PHOTOGRAPHS],
        "made": "the largest square in the middle of each, scaled to 224x224 pixels with an antialiased bicubic filter",
        "sha256": {"file": sha256_of_bytes(sheet).hexdigest(), "pixels": sha256(images)},
    }  # fmt: skip
    path.write_bytes(sheet)
    path.with_suffix(".json").write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def _square(path: Path) -> NDArray[np.uint8]:
    """The largest square in the middle, uint8 (3, 224, 224)."""
    with Image.open(path) as picture:
        found = ImageOps.fit(picture.convert("RGB"), (SIZE, SIZE), Image.Resampling.BICUBIC)
    return np.asarray(found).transpose(2, 0, 1)


if __name__ == "__main__":
    make_photographs(Path(sys.argv[1]))
