import os
import pickle  # noqa: TID251  a pickle that must never be read
import urllib.error
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import numpy as np
import pytest
import torch
import torchvision
from torch import Tensor

from gradlab.errors import CorruptFileError, MissingFileError, UnknownNameError
from gradlab.images.fetch import fetch
from gradlab.images.store import is_stored, read_split, split_path
from gradlab.images.table import DATASETS

Fill = Callable[..., tuple[Tensor, Tensor]]


@pytest.fixture
def torchvision_stub(monkeypatch: pytest.MonkeyPatch, random_split: Fill, small_spec: Callable[[str], None]) -> Any:
    """Stand-ins for torchvision's classes, with 30 train and 20 test images in each one's own layout."""
    calls: list[tuple[Path, bool]] = []

    def stand_in(name: str) -> Callable[..., SimpleNamespace]:
        def make(root: Path, download: bool, train: bool = False, split: str = "") -> SimpleNamespace:
            calls.append((root, download))
            train = train or split == "train"
            images, labels = random_split(name, 30 if train else 20, seed=int(train))
            if name == "fashion_mnist":
                return SimpleNamespace(data=images[:, 0], targets=labels)
            if name == "svhn":
                return SimpleNamespace(data=images.numpy(), labels=labels.numpy())
            return SimpleNamespace(data=images.numpy().transpose(0, 2, 3, 1), targets=labels.tolist())

        return make

    for name, spec in list(DATASETS.items()):
        small_spec(name)
        monkeypatch.setattr(torchvision.datasets, spec.torchvision_class, stand_in(name))
    monkeypatch.setattr("importlib.util.find_spec", lambda module: object())
    return calls


@pytest.mark.parametrize("name", DATASETS)
def test_each_layout_comes_out_the_same(name: str, torchvision_stub: Any, random_split: Fill, tmp_path: Path) -> None:
    folder = fetch(name, tmp_path, progress=False)
    assert sorted(path.name for path in folder.iterdir()) == ["test.safetensors", "train.safetensors"]
    for split, count in (("train", 30), ("test", 20)):
        images, labels = random_split(name, count, seed=int(split == "train"))
        assert torch.equal(read_split(name, split)[0], images)
        assert torch.equal(read_split(name, split)[1], labels)
    assert torchvision_stub == [(tmp_path, False)] * 2


def test_without_a_folder_it_downloads_into_the_store_once(torchvision_stub: Any, store: Path) -> None:
    fetch("cifar10", progress=False)
    fetch("cifar10", progress=False)  # whole and official: nothing to do
    assert torchvision_stub == [(store / "torchvision", True)] * 2


def test_a_store_of_another_size_is_replaced(torchvision_stub: Any, fill: Fill) -> None:
    fill("svhn", 50)
    fetch("svhn", progress=False)
    assert len(read_split("svhn", "train")[0]) == 30


def test_a_broken_store_is_replaced(torchvision_stub: Any, fill: Fill) -> None:
    fill("svhn", 20)
    split_path("svhn", "train").write_bytes(b"broken")
    fetch("svhn", progress=False)
    assert len(read_split("svhn", "train")[0]) == 30


@pytest.mark.parametrize("progress", [True, False])
def test_the_progress_bar_is_on_stderr_and_can_be_silenced(
    progress: bool, torchvision_stub: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    fetch("cifar10", tmp_path, progress=progress)
    out, err = capfd.readouterr()
    assert out == ""
    assert ("CIFAR-10 train" in err) == progress


@pytest.mark.parametrize("before", [False, True], ids=["empty store", "filled store"])
def test_an_interruption_changes_nothing(
    before: bool, torchvision_stub: Any, fill: Fill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if before:
        fill("cifar10", 40)
    from gradlab.images import store as module

    save, written = module.save_file, []

    def interrupt(tensors: dict[str, Tensor], path: Path) -> None:
        if written:
            path.write_bytes(b"half a split")
            raise KeyboardInterrupt
        written.append(path)
        save(tensors, path)

    monkeypatch.setattr(module, "save_file", interrupt)
    with pytest.raises(KeyboardInterrupt):
        fetch("cifar10", tmp_path, progress=False)
    assert written
    assert is_stored("cifar10") == before
    files = sorted(path.name for path in split_path("cifar10", "test").parent.iterdir())
    assert files == (["test.safetensors", "train.safetensors"] if before else [])
    if before:
        assert len(read_split("cifar10", "test")[0]) == 40


def test_between_the_two_renames_the_set_counts_as_absent(
    torchvision_stub: Any, fill: Fill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill("cifar10", 40)
    replace, renamed = os.replace, []

    def interrupt(source: Path, target: Path) -> None:
        if renamed:
            raise KeyboardInterrupt
        renamed.append(target)
        replace(source, target)

    monkeypatch.setattr("gradlab.images.store.os.replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        fetch("cifar10", tmp_path, progress=False)
    assert not is_stored("cifar10")
    assert [path for path in split_path("cifar10", "test").parent.iterdir() if path.suffix == ".tmp"] == []


def test_a_set_of_the_wrong_size_is_corrupt(
    torchvision_stub: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = torchvision.datasets.CIFAR10(tmp_path, download=False)
    short = SimpleNamespace(data=whole.data[:19], targets=whole.targets[:19])
    monkeypatch.setattr(torchvision.datasets, "CIFAR10", lambda *args, **options: short)
    with pytest.raises(CorruptFileError, match="expected 30 train images of cifar10, got 19"):
        fetch("cifar10", tmp_path, progress=False)
    assert not is_stored("cifar10")


@pytest.mark.parametrize("name", DATASETS)
def test_without_a_network_one_line_says_what_to_do(
    name: str, store: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def dead(*args: object, **options: object) -> NoReturn:
        raise urllib.error.URLError("Temporary failure in name resolution")

    monkeypatch.setattr("importlib.util.find_spec", lambda module: object())
    monkeypatch.setattr("urllib.request.urlopen", dead)
    with pytest.raises(MissingFileError) as caught:
        fetch(name, progress=False)
    message = str(caught.value)
    assert "\n" not in message
    assert DATASETS[name].download_host in message
    assert str(store / "torchvision") in message
    assert "Temporary failure in name resolution" in message
    assert f"python -m gradlab fetch {name} --from DIR" in message
    assert not is_stored(name)


@pytest.mark.parametrize("name", DATASETS)
def test_a_folder_without_the_data_set_is_missing(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda module: object())
    with pytest.raises(MissingFileError) as caught:
        fetch(name, tmp_path / "nowhere", progress=False)
    assert f"expected {DATASETS[name].torchvision_path}" in str(caught.value)
    assert str(tmp_path / "nowhere") in str(caught.value)


class Trap:
    """Unpickling it creates a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("name", ["cifar10", "cifar100"])
def test_a_pickle_that_is_not_the_official_one_is_never_unpickled(name: str, tmp_path: Path) -> None:
    theirs, sprung = getattr(torchvision.datasets, DATASETS[name].torchvision_class), tmp_path / "sprung"
    folder = tmp_path / theirs.base_folder
    folder.mkdir()
    for file, _ in [*theirs.train_list, *theirs.test_list, (theirs.meta["filename"], "")]:
        (folder / file).write_bytes(pickle.dumps(Trap(sprung)))
    with pytest.raises(CorruptFileError, match="expected the official files with their checksums"):
        fetch(name, tmp_path, progress=False)
    assert not sprung.exists()
    pickle.loads((folder / file).read_bytes())  # noqa: S301  the trap does work
    assert sprung.exists()


def test_svhn_files_that_are_not_the_official_ones_are_corrupt(tmp_path: Path) -> None:
    pytest.importorskip("scipy")
    for split in ("train", "test"):
        (tmp_path / f"{split}_32x32.mat").write_bytes(b"no matrix")
    with pytest.raises(CorruptFileError, match="official files with their checksums"):
        fetch("svhn", tmp_path, progress=False)


def test_svhn_without_scipy_says_so_before_any_download(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda module: None)
    with pytest.raises(MissingFileError, match="pip install scipy"):
        fetch("svhn", progress=False)


def test_fashion_mnist_files_are_checked_though_torchvision_does_not(tmp_path: Path) -> None:
    raw = tmp_path / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    for prefix, count in (("train", 60_000), ("t10k", 10_000)):
        pixels, labels = np.zeros((2, 28, 28), np.uint8), np.zeros(2, np.uint8)
        header = np.array([0x803, count, 28, 28], ">i4").tobytes()
        (raw / f"{prefix}-images-idx3-ubyte").write_bytes(header + pixels.tobytes())
        (raw / f"{prefix}-labels-idx1-ubyte").write_bytes(header[:8] + labels.tobytes())
    with pytest.raises(CorruptFileError, match="train-images-idx3-ubyte: expected sha256 c59f468a"):
        fetch("fashion_mnist", tmp_path, progress=False)


def test_fashion_mnist_as_old_pickles_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    processed = tmp_path / "FashionMNIST" / "processed"
    processed.mkdir(parents=True)
    for file in ("training.pt", "test.pt"):
        (processed / file).write_bytes(b"a pickle")
    monkeypatch.setattr("torch.load", lambda *args, **options: pytest.fail("a pickle was read"))
    with pytest.raises(CorruptFileError, match="move this folder of old pickles away"):
        fetch("fashion_mnist", tmp_path, progress=False)


def test_an_unknown_name_is_named() -> None:
    with pytest.raises(UnknownNameError):
        fetch("mnist")


@pytest.mark.full_data
@pytest.mark.parametrize("name", ["cifar10", "fashion_mnist"])
def test_a_real_torchvision_folder_gives_the_store_bit_for_bit(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Path(os.environ["GRADLAB_DATA"]) / "torchvision"
    if not (source / DATASETS[name].torchvision_path).is_dir():
        pytest.skip(f"needs {source / DATASETS[name].torchvision_path}")
    expected = {split: read_split(name, split) for split in ("train", "test")}
    monkeypatch.setenv("GRADLAB_DATA", str(tmp_path))
    fetch(name, source, progress=False)
    for split, (images, labels) in expected.items():
        assert torch.equal(read_split(name, split)[0], images)
        assert torch.equal(read_split(name, split)[1], labels)
