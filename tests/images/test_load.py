import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from gradlab.errors import BadValueError, CorruptFileError, MissingFileError, UnknownNameError
from gradlab.images.load import load_batch
from gradlab.images.samples import read_sample
from gradlab.images.status import dataset_status
from gradlab.images.store import split_path
from gradlab.images.table import DATASETS

Fill = Callable[..., tuple[Tensor, Tensor]]

# Tests check annotations at each call (pyproject.toml); a user's call is not checked, so neither is this one.
loose_load_batch: Callable[..., Any] = inspect.unwrap(load_batch)


def test_a_batch_from_the_store_is_the_stored_bytes_over_255(fill: Fill) -> None:
    images, labels = fill("cifar10", 100)
    batch = load_batch("cifar10", limit=20)
    assert (batch.source, batch.split, batch.dataset, batch.classes[3]) == ("store", "test", "cifar10", "cat")
    assert batch.images.dtype == torch.float32
    assert torch.equal(batch.images, images[batch.indices] / 255)
    assert torch.equal(batch.images.mul(255).round().byte(), images[batch.indices])
    assert torch.equal(batch.labels, labels[batch.indices])
    assert set(batch.labels.bincount().tolist()) == {2}


def test_no_limit_is_the_whole_split_in_its_order(fill: Fill) -> None:
    images, labels = fill("fashion_mnist", 60)
    batch = load_batch("fashion_mnist", limit=None)
    assert batch.indices.tolist() == list(range(60))
    assert torch.equal(batch.images, images / 255)
    assert torch.equal(batch.labels, labels)


def test_the_train_split_is_another(fill: Fill) -> None:
    images, _ = fill("cifar10", 20)
    assert not torch.equal(load_batch("cifar10", split="train", limit=None).images, images / 255)


@pytest.mark.parametrize("source", ["store", "sample"])
def test_a_smaller_draw_is_the_beginning_of_a_larger_one(source: Any, fill: Fill) -> None:
    fill("cifar10", 300)
    small, large, other = (
        load_batch("cifar10", limit=limit, seed=seed, source=source) for limit, seed in ((101, 4), (207, 4), (101, 5))
    )
    assert torch.equal(small.indices, large.indices[:101])
    assert torch.equal(small.images, large.images[:101])
    assert not torch.equal(small.indices, other.indices)


@pytest.mark.parametrize("name", DATASETS)
def test_without_the_full_set_the_sample_serves(name: str) -> None:
    batch, sample = load_batch(name), read_sample(name)
    assert batch.source == "sample"
    assert batch.images.shape == (512, *DATASETS[name].shape)
    counts = batch.labels.bincount(minlength=len(DATASETS[name].classes))
    each = 512 // len(DATASETS[name].classes)
    assert set(counts.tolist()) <= {each, each + 1}
    position = {place: k for k, place in enumerate(sample.indices.tolist())}
    chosen = [position[place] for place in batch.indices.tolist()]
    assert torch.equal(batch.images, sample.images[chosen] / 255)
    assert torch.equal(batch.labels, sample.labels[chosen])


def test_as_many_as_usual_are_all_where_there_are_fewer(fill: Fill) -> None:
    images, _ = fill("cifar10", 100)
    batch = load_batch("cifar10")
    assert sorted(batch.indices.tolist()) == list(range(100))
    assert torch.equal(batch.indices, load_batch("cifar10", limit=100).indices), "the same draw"
    assert torch.equal(batch.images, images[batch.indices] / 255)
    with pytest.raises(BadValueError, match=r"limit: expected at most 100, .* got 512"):
        load_batch("cifar10", limit=512)


def test_all_of_the_sample_can_be_had() -> None:
    assert len(load_batch("svhn", limit=2_000)) == 2_000
    assert len(load_batch("svhn", limit=None, source="sample")) == 1_999, "one is of a train image's photograph"
    assert len(load_batch("cifar10", limit=None, source="sample")) == 2_000


def test_the_sample_can_be_asked_for_beside_a_store(fill: Fill) -> None:
    fill("cifar10")
    assert load_batch("cifar10", limit=10, source="sample").source == "sample"


@pytest.mark.parametrize(
    "wish",
    [
        {"limit": 2_001},
        {"limit": 2_001, "source": "sample"},
        {"limit": None},
        {"split": "train"},
        {"split": "train", "source": "sample"},
        {"source": "store"},
        {"indices": [0]},  # in the data set, not in the sample
    ],
)
def test_more_than_the_sample_has_names_the_command(wish: dict[str, Any]) -> None:
    with pytest.raises(MissingFileError, match="python -m gradlab fetch cifar10") as caught:
        load_batch("cifar10", **wish)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("limit", [0, -1, True, False, 2.0, "10", float("nan"), np.float32(3)])
@pytest.mark.parametrize("source", ["auto", "store", "sample"])
def test_a_limit_that_makes_no_sense_is_bad(limit: Any, source: Any) -> None:
    with pytest.raises(BadValueError) as caught:
        loose_load_batch("cifar10", limit=limit, source=source)
    assert str(caught.value) == f"limit: expected an integer of at least 1, got {limit!r}"


def test_more_than_there_is_is_bad(fill: Fill) -> None:
    with pytest.raises(
        BadValueError, match="limit: expected at most 10000, all images of the cifar10 split, got 10001"
    ):
        load_batch("cifar10", limit=10_001)  # not even a fetch would help
    fill("cifar10", 100)
    with pytest.raises(BadValueError, match=r"limit: expected at most 100, .* got 101"):
        load_batch("cifar10", limit=101)
    assert len(loose_load_batch("cifar10", limit=np.int64(100))) == 100


@pytest.mark.parametrize("seed", [-1, 0.5, True, None])
def test_a_seed_that_makes_no_sense_is_bad(seed: Any) -> None:
    with pytest.raises(BadValueError, match="seed: expected an integer of at least 0, got"):
        loose_load_batch("cifar10", seed=seed)


@pytest.mark.parametrize("kind", [list, tuple, np.array, torch.tensor])
def test_indices_are_places_in_the_split_in_the_order_given(kind: Any, fill: Fill) -> None:
    images, labels = fill("cifar10", 100)
    batch = load_batch("cifar10", indices=kind([7, 99, 7]), limit=None)
    assert batch.indices.tolist() == [7, 99, 7]
    assert torch.equal(batch.images, images[[7, 99, 7]] / 255)
    assert torch.equal(batch.labels, labels[[7, 99, 7]])


def test_indices_find_images_of_the_sample() -> None:
    sample = read_sample("cifar10")
    batch = load_batch("cifar10", indices=sample.indices[[5, 3]], limit=None)
    assert torch.equal(batch.images, sample.images[[5, 3]] / 255)


@pytest.mark.parametrize("indices", [[], [[1]], [0.5], [True], "12", 3, [[1], [1, 2]]])
def test_indices_that_are_none_are_bad(indices: Any) -> None:
    with pytest.raises(BadValueError, match="indices: expected at least one integer in one dimension"):
        loose_load_batch("cifar10", indices=indices)


@pytest.mark.parametrize("place", [-1, 100])
def test_indices_past_the_store_are_bad(place: int, fill: Fill) -> None:
    fill("cifar10", 100)
    with pytest.raises(BadValueError, match=f"indices: expected integers from 0 to 99, got {place}"):
        load_batch("cifar10", indices=[place])


def test_indices_past_the_data_set_are_bad_for_the_sample() -> None:
    with pytest.raises(BadValueError, match="indices: expected integers from 0 to 9999, got 10000"):
        load_batch("cifar10", indices=[10_000])


@pytest.mark.parametrize(
    "wish",
    [{"split": "validation"}, {"source": "web"}, {"device": "abacus"}, {"name": "mnist"}],
    ids=lambda w: next(iter(w)),
)
def test_unknown_names_are_named(wish: dict[str, str]) -> None:
    with pytest.raises(UnknownNameError, match="expected one of"):
        loose_load_batch(**({"name": "cifar10"} | wish))


def test_a_broken_store_is_not_papered_over_with_the_sample(fill: Fill) -> None:
    fill("cifar10")
    split_path("cifar10", "test").write_bytes(b"broken")
    with pytest.raises(CorruptFileError):
        load_batch("cifar10")


def test_the_status_of_a_data_set(fill: Fill) -> None:
    status = dataset_status("cifar10")
    assert (status["train"], status["test"], status["sample"], status["problem"]) == (None, None, 2_000, None)
    fill("cifar10", 30)
    status = dataset_status("cifar10")
    assert (status["title"], status["shape"], status["classes"]) == ("CIFAR-10", (3, 32, 32), 10)
    assert (status["train"], status["test"], status["licence"]) == (30, 30, DATASETS["cifar10"].licence)


def test_the_status_tells_of_a_broken_file(fill: Fill, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADLAB_ASSETS", str(tmp_path))
    assert dataset_status("cifar10")["sample"] is None
    fill("cifar10", 30)
    split_path("cifar10", "train").write_bytes(b"broken")
    status = dataset_status("cifar10")
    assert status["train"] is None
    assert "train.safetensors" in str(status["problem"])


@pytest.mark.full_data
@pytest.mark.parametrize("name", DATASETS)
def test_the_real_store_serves_a_balanced_batch(name: str) -> None:
    batch = load_batch(name, limit=200)
    assert batch.source == "store"
    counts = batch.labels.bincount(minlength=len(DATASETS[name].classes))
    assert set(counts.tolist()) == {200 // len(DATASETS[name].classes)}
    assert batch.images.min() >= 0
    assert 0.9 < batch.images.max() <= 1


def test_only_a_draw_has_a_seed() -> None:
    def seed(**wanted: object) -> int | None:
        return load_batch("cifar10", source="sample", **wanted).seed

    assert seed(limit=3, seed=5) == 5
    assert seed(limit=None, seed=5) is None
    places = load_batch("cifar10", limit=1, source="sample").indices
    assert seed(indices=places, seed=5) is None
