"""Files of arrays: the usual ones are read to the last bit, and those that lie are refused in a line."""

import json
import struct
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file

from gradlab.errors import BadValueError, CorruptFileError, GradlabError, MissingFileError
from gradlab.images import arrays
from gradlab.images.arrays import read_arrays

CHANCE = np.random.default_rng(0)
NHWC = CHANCE.integers(0, 256, (5, 6, 7, 3), np.uint8)
NCHW = torch.from_numpy(NHWC).permute(0, 3, 1, 2)
GREY = torch.from_numpy(NHWC[..., :1]).permute(0, 3, 1, 2)
LABELS = np.array([0, 1, 2, 1, 0])


def npz(folder: Path, **entries: Any) -> Path:
    np.savez_compressed(folder / "a.npz", **entries)
    return folder / "a.npz"


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ({"images": NHWC, "labels": LABELS}, NCHW),
        ({"images": NCHW.numpy(), "labels": LABELS.astype(np.uint8)}, NCHW),
        ({"x_train": NHWC[:1], "y_train": LABELS[:1], "x_test": NHWC, "y_test": LABELS[:, None]}, NCHW),
        ({"X": NHWC, "Y": LABELS.astype(">i2")}, NCHW),
        ({"test_images": NHWC[..., 0], "test_labels": LABELS, "labels": LABELS[::-1]}, GREY),
        ({"Data": NHWC[..., :1], "fine_labels": LABELS}, GREY),
        ({"arr_0": NHWC.astype(np.int64), "arr_1": LABELS}, NCHW),
        ({"images": NHWC.astype(np.uint16), "label": LABELS}, NCHW),
        ({"images": NHWC / 255, "labels": LABELS}, NCHW),
        ({"images": NHWC.astype(np.float32) / 255, "labels": LABELS.astype(np.uint32)}, NCHW),
        ({"images": np.asfortranarray(NHWC), "labels": LABELS, "other": np.array([{}], object)}, NCHW),
    ],
)
def test_what_is_handed_around_is_read(tmp_path: Path, entries: dict[str, Any], expected: torch.Tensor) -> None:
    images, labels, classes = read_arrays(npz(tmp_path, **entries))
    assert images.dtype == torch.uint8
    assert torch.equal(images, expected)
    assert labels.tolist() == LABELS.tolist()
    assert classes == ()


def test_rows_of_numbers(tmp_path: Path) -> None:
    planes = CHANCE.integers(0, 256, (4, 3072), np.uint8)
    images, labels, _ = read_arrays(npz(tmp_path, data=planes))
    assert torch.equal(images, torch.from_numpy(planes).reshape(4, 3, 32, 32))
    assert labels.tolist() == [-1] * 4
    assert read_arrays(npz(tmp_path, x=planes[:, :784]))[0].shape == (4, 1, 28, 28)


def test_floats_that_are_no_bytes_stay_what_they_are(tmp_path: Path) -> None:
    values = CHANCE.random((3, 1, 4, 4)).astype(np.float32)
    images, _, _ = read_arrays(npz(tmp_path, images=values))
    assert torch.equal(images, torch.from_numpy(values))
    assert read_arrays(npz(tmp_path, images=values.astype(np.float16)))[0].dtype == torch.float32


def test_names_of_classes(tmp_path: Path) -> None:
    path = npz(tmp_path, images=NHWC, labels=LABELS, classes=["cat", "<b>dog</b>\n", "x" * 200])
    assert read_arrays(path)[2] == ("cat", "<b>dog</b>", "x" * 77 + "…")
    with pytest.raises(BadValueError, match="each once, got 2"):
        read_arrays(npz(tmp_path, images=NHWC, classes=["cat", "cat"]))
    with pytest.raises(BadValueError, match="as text"):
        read_arrays(npz(tmp_path, images=NHWC, classes=[1, 2]))
    with pytest.raises(BadValueError, match="labels from 0 to 1, or -1, got 0 to 2"):
        read_arrays(npz(tmp_path, images=NHWC, labels=LABELS, classes=["cat", "dog"]))


def test_safetensors(tmp_path: Path) -> None:
    for images in (NCHW.contiguous(), NCHW.float().div(255), NCHW.half().div(255)):
        save_file({"images": images.contiguous(), "labels": torch.from_numpy(LABELS)}, tmp_path / "a.safetensors")
        found, labels, _ = read_arrays(tmp_path / "a.safetensors")
        assert (found.shape, labels.tolist()) == (NCHW.shape, LABELS.tolist())
        assert torch.equal(found, NCHW) or images.dtype == torch.half


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ({"pictures": NHWC}, "expected images called images, x_test, .*, got pictures"),
        ({}, "got nothing"),
        ({"images": NHWC[..., :2]}, r"one channel or three, got \(5, 6, 7, 2\)"),
        ({"images": NHWC[None]}, "one channel or three"),
        ({"images": NHWC[:0]}, "one channel or three"),
        ({"images": NHWC[:, 0, :, 0]}, "one channel or three"),
        ({"images": np.float64(1)}, "one channel or three"),
        ({"images": NHWC / 1.0}, r"floats in \[0, 1\], got some from 0 to 255: divide them by 255"),
        ({"images": NHWC / 255 - 0.5}, r"got some from -0.5 to 0.5$"),
        ({"images": np.where(NHWC > 250, np.nan, NHWC / 255)}, "that are NaN"),
        ({"images": np.where(NHWC > 250, np.inf, NHWC / 255)}, r"floats in \[0, 1\]"),
        ({"images": NHWC.astype(np.int32) - 1}, "whole numbers from -1 to 254"),
        ({"images": NHWC.astype(np.int32) * 2}, "whole numbers from 0 to 510"),
        ({"images": NHWC > 3}, "expected numbers as images, got bool"),
        ({"images": NHWC * 1j}, "expected numbers as images, got complex128"),
        ({"images": NHWC.astype(str)}, "expected numbers as images"),
        ({"images": np.array([[1], "x"], object)}, "objects, which can run code"),
        ({"images": NHWC, "labels": LABELS[:4]}, "expected 5 whole numbers as labels, got torch.int64 .4,."),
        ({"images": NHWC, "labels": LABELS / 2}, "expected 5 whole numbers as labels"),
        ({"images": NHWC, "labels": np.eye(5)}, "expected 5 whole numbers as labels"),
        ({"images": NHWC, "labels": LABELS - 2}, "labels from 0 to 99,999, or -1, got -2 to 0"),
        ({"images": NHWC, "labels": LABELS * 10**12}, "labels from 0 to 99,999"),
        ({"images": NHWC, "labels": np.array(list("abcab"), object)}, "objects"),
        ({"images": NHWC, "labels": np.array(list("abcab"))}, "expected numbers as labels"),
    ],
)
def test_what_is_refused(tmp_path: Path, entries: dict[str, Any], said: str) -> None:
    with pytest.raises(BadValueError, match=said) as caught:
        read_arrays(npz(tmp_path, **entries))
    assert "\n" not in str(caught.value)


def forged(folder: Path, shape: tuple[int, ...], content: bytes = b"", descr: str = "|u1", extra: str = "") -> Path:
    """An npz whose array claims a shape."""
    header = f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {shape!r}, {extra}}}".encode()
    magic = b"\x93NUMPY\x02\x00" + struct.pack("<I", len(header) + 1) + header + b"\n"
    with zipfile.ZipFile(folder / "a.npz", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("images.npy", magic + content)
    return folder / "a.npz"


@pytest.mark.parametrize(
    ("shape", "content", "more"),
    [
        ((10**12,), b"", {}), ((10**6, 1000, 1000, 3), b"x" * 999, {}), ((10**400, 3, 3), b"", {}),
        ((-1, 3, 3), b"", {}), ((2, 3, 3), b"x" * 17, {}), ((2, 3, 3), b"x" * 19, {}),
        ((1, 2, 2), b"x" * 32, {"descr": "|O"}), ((1, 2, 2), b"x" * 4, {"descr": "nonsense"}),
        ((1, 2, 2), b"x" * 4, {"extra": "'a': " + "[" * 20_000}),
        ((1, 2, 2), b"x" * 4, {"extra": "'more': 1"}),
    ],
)  # fmt: skip
def test_an_array_that_claims_more_than_it_has(
    tmp_path: Path, shape: tuple[int, ...], content: bytes, more: dict[str, str]
) -> None:
    tracemalloc.start()
    with pytest.raises(GradlabError) as caught:
        read_arrays(forged(tmp_path, shape, content, **more))
    assert tracemalloc.get_traced_memory()[1] < 8 * 2**20
    tracemalloc.stop()
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 1000


def test_a_small_file_with_much_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it claims, it has: thirty million zeros in some 30 kB."""
    path = npz(tmp_path, images=np.zeros((1000, 100, 100, 3), np.uint8))
    assert path.stat().st_size < 40_000
    monkeypatch.setattr(arrays, "MOST_BYTES", 2**24)
    tracemalloc.start()
    with pytest.raises(BadValueError, match=r"expected at most 16 MB of images, got \(1000, 100, 100, 3\), 28\.6 MB"):
        read_arrays(path)
    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()


@pytest.mark.parametrize(
    "content",
    [
        b"", b"PK", b"\x00" * 8, struct.pack("<Q", 2**63), struct.pack("<Q", 10) + b"{" * 10,
        struct.pack("<Q", 100_000_001) + b" " * 100,
        *(struct.pack("<Q", len(text)) + text for text in (
            json.dumps({"images": {"dtype": "U8", "shape": [10**6, 10**6], "data_offsets": [0, 10**12]}}).encode(),
            json.dumps({"images": {"dtype": "U8", "shape": [2**63, 2**63], "data_offsets": [0, 0]}}).encode(),
            json.dumps({"images": {"dtype": "X8", "shape": [0], "data_offsets": [0, 0]}}).encode(),
            json.dumps({"images": {"dtype": "U8", "shape": [-1], "data_offsets": [0, 0]}}).encode(),
            json.dumps({"__metadata__": {"a": 1}}).encode(), b"[]", b'{"images": ' + b"[" * 10**5,
        )),
    ],
)  # fmt: skip
@pytest.mark.parametrize("suffix", [".safetensors", ".npz"])
def test_files_that_are_none_of_these(tmp_path: Path, content: bytes, suffix: str) -> None:
    (tmp_path / f"a{suffix}").write_bytes(content)
    with pytest.raises(CorruptFileError, match="^.*expected (arrays|a safetensors file), got") as caught:
        read_arrays(tmp_path / f"a{suffix}")
    assert "\n" not in str(caught.value)


def test_there_has_to_be_a_file(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="got none at"):
        read_arrays(tmp_path / "a.npz")


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=6), cut=st.floats(0, 1)
)
@pytest.mark.parametrize("kind", ["npz", "safetensors"])
def test_a_mutated_file_is_read_or_refused(
    tmp_path: Path, kind: str, changes: list[tuple[int, int]], cut: float
) -> None:
    path = tmp_path / f"a.{kind}"
    if kind == "npz":
        np.savez(path, images=NHWC, labels=LABELS)
    else:
        save_file({"images": NCHW.contiguous(), "labels": torch.from_numpy(LABELS)}, path)
    content = bytearray(path.read_bytes())
    for place, value in changes:
        content[place % len(content)] = value
    path.write_bytes(content[: int(len(content) * max(cut, 0.2) + 0.5)] if cut < 0.5 else content)
    said = ""
    try:
        images, labels, _ = read_arrays(path)
    except GradlabError as error:
        said = str(error)
    assert "\n" not in said
    assert said or len(images) == len(labels)
