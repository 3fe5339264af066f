from collections.abc import Callable
from pathlib import Path

import platformdirs
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from gradlab.errors import BadValueError, CorruptFileError, MissingFileError, UnknownNameError
from gradlab.images.store import is_stored, read_split, split_path, store_root, stored_size, write_split

Fill = Callable[..., tuple[Tensor, Tensor]]


def test_the_root_is_the_variable_else_the_users_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GRADLAB_DATA", str(tmp_path))
    assert store_root() == tmp_path
    monkeypatch.setenv("GRADLAB_DATA", "")
    assert store_root() == platformdirs.user_cache_path("gradlab")


@pytest.mark.parametrize("name", ["cifar10", "fashion_mnist"])
def test_what_is_written_is_read(name: str, fill: Fill) -> None:
    images, labels = fill(name, 40)
    read_images, read_labels = read_split(name, "test")
    assert torch.equal(read_images, images)
    assert torch.equal(read_labels, labels)
    assert stored_size(name, "test") == 40


def test_a_split_alone_is_no_data_set(random_split: Callable[..., tuple[Tensor, Tensor]]) -> None:
    write_split("cifar10", "test", *random_split("cifar10", 10))
    assert not is_stored("cifar10")
    with pytest.raises(MissingFileError, match="python -m gradlab fetch cifar10"):
        read_split("cifar10", "test")


def test_an_unknown_split_is_named() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown split 'validation'.*train, test"):
        split_path("cifar10", "validation")


@pytest.mark.parametrize("content", [b"", b"not safetensors", b"\xff" * 64])
def test_a_broken_file_is_corrupt(content: bytes, fill: Fill) -> None:
    fill("cifar10")
    split_path("cifar10", "test").write_bytes(content)
    with pytest.raises(CorruptFileError, match=r"test\.safetensors.*python -m gradlab fetch cifar10"):
        read_split("cifar10", "test")
    with pytest.raises(CorruptFileError):
        stored_size("cifar10", "test")


def test_a_truncated_file_is_corrupt(fill: Fill) -> None:
    fill("cifar10")
    path = split_path("cifar10", "test")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(CorruptFileError):
        read_split("cifar10", "test")


GOOD = {"images": torch.zeros(10, 3, 32, 32, dtype=torch.uint8), "labels": torch.arange(10)}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            {"images": torch.zeros(10, 3, 32, 32)},
            r"expected images uint8 \(N, 3, 32, 32\), got float32 \(10, 3, 32, 32\)",
        ),
        ({"images": torch.zeros(10, 1, 28, 28, dtype=torch.uint8)}, r"got uint8 \(10, 1, 28, 28\)"),
        ({"images": torch.zeros(0, 3, 32, 32, dtype=torch.uint8)}, r"got uint8 \(0, 3, 32, 32\)"),
        ({"labels": torch.arange(10, dtype=torch.int32)}, r"expected labels int64 \(10,\), got int32"),
        ({"labels": torch.arange(9)}, r"got int64 \(9,\)"),
        ({"labels": torch.arange(1, 11)}, "expected labels from 0 to 9, got 1 to 10"),
        ({"labels": torch.arange(-1, 9)}, "got -1 to 8"),
    ],
)
def test_wrong_tensors_are_corrupt_to_a_reader_and_bad_to_a_writer(
    wrong: dict[str, Tensor], message: str, fill: Fill
) -> None:
    fill("cifar10")
    tensors = GOOD | wrong
    with pytest.raises(BadValueError, match=message):
        write_split("cifar10", "test", tensors["images"], tensors["labels"])
    save_file(tensors, split_path("cifar10", "test"))
    with pytest.raises(CorruptFileError, match=message):
        read_split("cifar10", "test")


def test_a_missing_tensor_is_corrupt(fill: Fill) -> None:
    fill("cifar10")
    save_file({"pixels": GOOD["images"]}, split_path("cifar10", "test"))
    with pytest.raises(CorruptFileError):
        read_split("cifar10", "test")
    with pytest.raises(CorruptFileError):
        stored_size("cifar10", "test")


def test_a_failed_write_keeps_the_old_file_and_leaves_no_other(
    fill: Fill, random_split: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    images, _ = fill("cifar10")
    before = sorted(split_path("cifar10", "test").parent.iterdir())

    def half_way(tensors: object, path: Path) -> None:
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr("gradlab.images.store.save_file", half_way)
    with pytest.raises(KeyboardInterrupt):
        write_split("cifar10", "test", *random_split("cifar10", 10))
    assert sorted(split_path("cifar10", "test").parent.iterdir()) == before
    assert torch.equal(read_split("cifar10", "test")[0], images)
