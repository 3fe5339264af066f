"""An empty store of its own for each test here, unless it is about the whole data sets."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from gradlab.images.store import is_stored, write_split
from gradlab.images.table import DATASETS, dataset_spec

Split = tuple[Tensor, Tensor]


@pytest.fixture(autouse=True)
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path | None:
    """The store's root: empty, or for `full_data` the real one (None here), skipping what it lacks."""
    if request.node.get_closest_marker("full_data"):
        # Without a name it is about what `full_data` promises by itself.
        name = request.node.callspec.params["name"] if hasattr(request.node, "callspec") else ""
        if name and not is_stored(name):
            pytest.skip(f"needs {name}: $GRADLAB_DATA has no train and test split of it")
        return None
    monkeypatch.setenv("GRADLAB_DATA", str(tmp_path / "store"))
    return tmp_path / "store"


@pytest.fixture
def random_split() -> Callable[..., Split]:
    """Images and labels that look like a data set's, equally many of each class unless `labels` says otherwise."""

    def make(name: str, count: int, labels: list[int] | None = None, seed: int = 0) -> Split:
        spec = dataset_spec(name)
        generator = torch.Generator().manual_seed(seed)
        images = torch.randint(0, 256, (count, *spec.shape), generator=generator, dtype=torch.uint8)
        return images, torch.tensor(labels) if labels else torch.arange(count) % len(spec.classes)

    return make


@pytest.fixture
def fill(random_split: Callable[..., Split]) -> Callable[..., Split]:
    """Put a small data set into the store; gives its test split."""

    def write(name: str, count: int = 100, labels: list[int] | None = None) -> Split:
        write_split(name, "train", *random_split(name, count, seed=1))
        write_split(name, "test", *random_split(name, count, labels))
        return random_split(name, count, labels)

    return write


@pytest.fixture
def small_spec(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Pretend that a data set has 30 train and 20 test images."""

    def shrink(name: str) -> None:
        monkeypatch.setitem(DATASETS, name, replace(DATASETS[name], sizes={"train": 30, "test": 20}))

    return shrink
