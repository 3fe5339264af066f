from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from toys import CLASSES, SHAPE, pixels, toy_images

import gradlab
from gradlab.errors import BadValueError, MissingFileError, UnknownNameError
from gradlab.images.brought import image_set_of
from gradlab.images.registry import forget, image_set, image_sets, known_image_set, register, registered
from gradlab.images.status import dataset_status
from gradlab.images.table import DATASETS

ALWAYS = [*DATASETS, "photos"]


def test_the_data_sets_of_the_table_are_always_there() -> None:
    assert [known.key for known in image_sets()] == ALWAYS
    for name, spec in DATASETS.items():
        known = image_set(name)
        assert (known.title, known.classes, known.shape) == (spec.title, spec.classes, spec.shape)
        assert known.labelled
    assert image_set("svhn").facts.neighbours
    assert known_image_set("toy") is None
    with pytest.raises(UnknownNameError, match="^unknown data set 'toy': expected one of cifar10, "):
        image_set("toy")


def test_what_is_brought_is_known_within_its_block_only() -> None:
    with registered(toy_images()) as toy:
        assert image_set("toy") is toy
        assert [known.key for known in image_sets()] == [*ALWAYS, "toy"]
        assert dataset_status("toy") == {
            "name": "toy", "title": "Toy colours", "shape": SHAPE, "classes": 3, "train": None, "test": 12,
            "sample": None, "licence": "none needed", "problem": None,
        }  # fmt: skip
    assert known_image_set("toy") is None


def test_its_images_are_loaded_by_its_key() -> None:
    with registered(toy_images()):
        batch = gradlab.load_batch("toy", limit=6, seed=3)
        assert (batch.dataset, batch.split, batch.source, batch.seed) == ("toy", "test", "memory", 3)
        assert batch.classes == CLASSES
        assert batch.labelled
        assert torch.bincount(batch.labels).tolist() == [2, 2, 2], "class-balanced"
        assert torch.equal(batch.images, pixels()[batch.indices].float() / 255)
        assert gradlab.load_batch("toy", limit=None).indices.tolist() == list(range(12))
        assert gradlab.load_batch("toy", indices=[7, 2], source="sample").indices.tolist() == [7, 2]
        with pytest.raises(BadValueError, match="at most 12, all images of the toy split, got 13"):
            gradlab.load_batch("toy", limit=13)
        with pytest.raises(BadValueError, match="integers from 0 to 11, got 12"):
            gradlab.load_batch("toy", indices=[12])
        with pytest.raises(MissingFileError, match="test split of toy, its only one, got train"):
            gradlab.load_batch("toy", split="train")


def test_labels_may_be_unknown() -> None:
    with registered(toy_images(labelled=False)) as toy:
        assert not toy.labelled
        batch = gradlab.load_batch("toy", limit=5)
        assert not batch.labelled
        assert batch.labels.tolist() == [-1] * 5
        assert sorted(gradlab.load_batch("toy", limit=12).indices.tolist()) == list(range(12))


def test_of_some_labels_the_known_ones_are_drawn_evenly() -> None:
    labels = torch.tensor([0, -1, -1, 1, -1, -1, 0, -1, -1, 1, -1, -1])
    with registered(image_set_of("toy", pixels(), labels, classes=CLASSES)) as toy:
        assert (toy.title, toy.labelled) == ("toy", False)
        drawn = gradlab.load_batch("toy", limit=6).labels.tolist()
        assert sorted(drawn) == [-1, -1, 0, 0, 1, 1]


def test_floats_stay_what_they_are() -> None:
    images = torch.rand(2, 1, 5, 7, generator=torch.Generator().manual_seed(1))
    with registered(image_set_of("grey", images.numpy(), np.array([1, 0]), classes=("a", "b"))) as grey:
        assert grey.shape == (1, 5, 7)
        assert torch.equal(gradlab.load_batch("grey", limit=None).images, images)


@pytest.mark.parametrize(
    ("images", "labels", "said"),
    [
        (pixels()[:0], None, "at least one image"),
        (pixels()[0], None, "at least one image"),
        (pixels().float(), None, r"images in \[0, 1\]"),
        (pixels(), [0] * 11, "12 whole numbers as labels"),
        (pixels(), [3] * 12, "labels from 0 to 2, got 3 to 3"),
        (pixels(), [-2] * 12, "labels from 0 to 2, got -2 to -2"),
    ],
)
def test_what_does_not_fit_is_refused(images: object, labels: object, said: str) -> None:
    with pytest.raises(BadValueError, match=said):
        image_set_of("toy", images, labels, classes=CLASSES)


@pytest.mark.parametrize("key", ["cifar10", "", "a b", "../toy", "x" * 65, "-toy"])
def test_a_key_is_its_own_and_fits_into_a_link(key: str) -> None:
    with pytest.raises(BadValueError, match="expected a key"):
        register(toy_images(key))
    assert len(image_sets()) == len(ALWAYS)


def test_a_key_that_is_taken_stays_whose_it_is() -> None:
    with registered(toy_images()) as toy:
        with pytest.raises(BadValueError, match="'toy', which is taken"):
            register(toy_images())
        assert image_set("toy") is toy
    forget("toy")  # once more: nothing happens


def test_many_threads_may_bring_and_read_at_once() -> None:
    def bring(n: int) -> bool:
        with registered(toy_images(f"toy{n}")) as mine:
            return image_set(mine.key) is mine and mine.key in {known.key for known in image_sets()}

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(bring, range(64)))
    assert [known.key for known in image_sets()] == ALWAYS
