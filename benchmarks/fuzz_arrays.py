"""Damaged files of images and lists: what `gradlab.load_folder` makes of thousands of them.

    python -m benchmarks.fuzz_arrays --files 10000

Each is a small npz, safetensors or CSV file, damaged as `benchmarks.fuzz_pictures` damages pictures. Reading one may
give images or a `GradlabError`, and nothing else; it may not take longer than `fuzzing.SECONDS`, nor the process more
memory than `MEGABYTES` above what it began with.
"""

import io
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from safetensors.numpy import save

import gradlab
from benchmarks.fuzz_pictures import damaged
from benchmarks.fuzzing import Findings, fuzz_with, main
from gradlab.errors import GradlabError

MEGABYTES = 300


def whole_files() -> dict[str, list[bytes]]:
    """By their ending."""
    chance = np.random.default_rng(0)
    images, labels = chance.integers(0, 256, (3, 8, 8, 3), np.uint8), np.array([0, 1, 2])
    archives = []
    kinds: tuple[tuple[Any, dict[str, Any]], ...] = (
        (np.savez, {"images": images, "labels": labels}), (np.savez_compressed, {"x_test": images, "y_test": labels}),
        (np.savez, {"data": images / 255, "labels": labels, "classes": np.array(["ant", "bee", "cow"])}),
    )  # fmt: skip
    for write, entries in kinds:
        write(file := io.BytesIO(), **entries)
        archives.append(file.getvalue())
    tensors = [save({"images": images, "labels": labels}), save({"images": images.astype(np.float32) / 255})]
    lists = [b"file,label\n0.png,ant\n0.png,bee\n", "path;class\n0.png;f\u00e4\n".encode(), b"0.png\n", b'"0.png"\tx\n']
    return {".npz": archives, ".safetensors": tensors, ".csv": lists}


def fuzz(seeds: range) -> Findings:
    """Read the damaged file of each seed."""
    whole, files = Counter[str](), whole_files()
    with tempfile.TemporaryDirectory() as folder:
        Image.new("RGB", (8, 8)).save(Path(folder) / "0.png")
        for ending, wholes in files.items():  # whole ones, once: what is loaded for the first time takes its time
            for k, content in enumerate(wholes):
                (Path(folder) / f"{k}{ending}").write_bytes(content)
                whole[f"whole {_outcome(Path(folder) / f'{k}{ending}')}"] += 1

        def written(seed: int) -> Path:
            ending = list(files)[seed % 3]
            path = Path(folder) / f"data{ending}"
            path.write_bytes(damaged(files[ending], seed))
            return path

        read = fuzz_with(written, lambda path: f"{path.suffix[1:]} {_outcome(path)}", seeds)
    read.outcomes.update(whole)
    return read


def _outcome(path: Path) -> str:
    try:
        images = gradlab.load_folder(path, 8, classes=("ant", "bee", "cow"))
    except GradlabError as error:
        return "fault: several lines" if "\n" in str(error) else "refused"
    except BaseException as error:
        return f"fault: {error!r}"
    return "read" if len(images.batch()) else "fault: nothing"


if __name__ == "__main__":
    main(fuzz, MEGABYTES, __doc__)
