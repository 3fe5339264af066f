"""What is known of the splits, and results without some of their images."""

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from helpers import curve, result

import gradlab
from gradlab.errors import BadValueError, CorruptFileError
from gradlab.experiments.stored import baseline_of, condensed, load_baseline
from gradlab.images import splits
from gradlab.images.samples import sample_facts
from gradlab.images.store import read_split
from gradlab.images.table import dataset_spec
from gradlab.networks import find_card, read_cards
from gradlab.types import BoolArray, FloatArray, IntArray, Rule, SweepResult

FULL = Path(os.environ.get("GRADLAB_DATA", "nowhere"))


def of(dataset: str, images: int = 40, **how: object) -> SweepResult:
    """A result over the first images of a data set, ten classes by turns but for the first."""
    labels = (3, *(n % 10 for n in range(1, images)))
    swept = result(
        curve(Rule.SIGN, [-0.2, 0.2], [[n % 10 for n in range(images)], [0] * images], [[0] * images] * 2),
        labels=labels, planned=images,
    )  # fmt: skip
    return replace(swept, dataset=dataset, classes=dataset_spec("cifar10").classes, **how)  # type: ignore[arg-type]


@pytest.mark.parametrize(("dataset", "count"), [("cifar10", 286), ("cifar100", 891)])
def test_the_lists_are_whole(dataset: str, count: int) -> None:
    """As many as the paper counts; a test image stands there once, a train image may have several twins."""
    found = splits.twins(dataset)
    assert found is not None
    assert found.test.shape == found.train.shape == (count,)
    assert (np.diff(found.test) > 0).all()
    assert 0 <= found.test.min() <= found.test.max() < 10_000
    assert 0 <= found.train.min() <= found.train.max() < 50_000
    assert "10.3390/jimaging6060041" in found.source


def test_other_data_sets_have_no_list() -> None:
    assert splits.twins("svhn") is splits.twins("fashion_mnist") is splits.twins("photos") is None


def patches(images: np.ndarray) -> np.ndarray:
    """Each image as 8x8 means of 4x4 pixels, of mean 0 and length 1."""
    means = images.astype(np.float32).reshape(len(images), 3, 8, 4, 8, 4).mean((3, 5)).reshape(len(images), -1)
    centred = means - means.mean(axis=1, keepdims=True)
    normed: np.ndarray = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    return normed


@pytest.mark.full_data
def test_cifar10s_twins_look_alike() -> None:
    found = splits.twins("cifar10")
    assert found is not None
    (test, test_labels), (train, train_labels) = (
        (images.numpy(), labels.numpy()) for images, labels in (read_split("cifar10", s) for s in ("test", "train"))
    )
    a, b = patches(test[found.test]), patches(train[found.train])
    alike = (a * b).sum(axis=1)
    strangers = (a * np.roll(b, 1, axis=0)).sum(axis=1)
    assert np.median(alike) > 0.9 > np.quantile(strangers, 0.99)
    assert (alike > 0.5).mean() > 0.99
    assert np.array_equal(test_labels[found.test], train_labels[found.train]), "the same class, each of them"


def test_a_file_that_is_not_there_or_no_list(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GRADLAB_ASSETS", str(tmp_path))
    assert splits.twins("cifar10") is None
    assert splits.twin_mask(of("cifar10")) is None
    for text in ("{", "[]", json.dumps({"source": "x", "pairs": {"cifar10": [1, 2]}})):
        (tmp_path / "twins.json").write_text(text)
        with pytest.raises(CorruptFileError, match=r"twins\.json"):
            splits.twins("cifar10")


def test_which_images_have_a_twin() -> None:
    mask = splits.twin_mask(of("cifar10", 200))
    assert mask is not None
    assert np.flatnonzero(mask).tolist() == [31, 40, 102, 104, 131, 136, 149, 159]
    assert splits.twin_mask(of("svhn")) is None
    assert splits.twin_mask(of("cifar10", split="train")) is None
    in_turns = replace(of("cifar100"), labels=np.arange(40) % 10)
    assert splits.twin_mask(in_turns) is None, "places in another order say nothing"
    assert splits.twin_mask(of("cifar100")) is not None


def test_without_some_images_it_is_the_sweep_over_the_others() -> None:
    batch = gradlab.load_batch("cifar10", limit=24, source="sample")
    model = gradlab.load_model("alexnet", "cifar10", "cpu")
    whole = gradlab.sweep(model, batch, ["sign", "random"], [-0.02, 0.02], eight_bit=True, ssim=True)
    mask = np.arange(24) % 3 == 1
    part = gradlab.load_batch("cifar10", indices=whole.indices[~mask], source="sample")
    other = gradlab.sweep(model, part, ["sign", "random"], [-0.02, 0.02], eight_bit=True, ssim=True)
    rest = splits.without(whole, mask)
    assert (rest.images, rest.planned, rest.complete) == (16, 16, True)
    for name in ("indices", "labels", "clean_predictions", "zero_gradient"):
        np.testing.assert_array_equal(getattr(rest, name), getattr(other, name))
    for mine, theirs in zip(rest.curves, other.curves, strict=True):
        np.testing.assert_array_equal(mine.predictions, theirs.predictions)
        np.testing.assert_array_equal(mine.rounded, theirs.rounded)
        np.testing.assert_allclose(mine.level("ssim"), theirs.level("ssim"), rtol=1e-5)
        np.testing.assert_allclose(mine.level("psnr"), theirs.level("psnr"), rtol=1e-5)


def test_of_a_condensed_result_the_measures_stay() -> None:
    whole = condensed(of("cifar10"))
    rest = splits.without(whole, np.arange(40) < 10)
    assert rest.condensed
    assert rest.images == 30
    np.testing.assert_array_equal(rest.curves[0].l2, whole.curves[0].l2)
    assert rest.curves[0].predictions.shape == (2, 30)


@pytest.mark.parametrize("mask", [np.ones(40, np.bool_), np.zeros(39, np.bool_)])
def test_a_mask_that_does_not_fit(mask: BoolArray) -> None:
    with pytest.raises(BadValueError, match="a mask"):
        splits.without(of("cifar10"), mask)


def test_without_twins_it_says_so_and_is_no_draw_any_more() -> None:
    rest = splits.without_twins(of("cifar10", 200))
    assert rest.images == 192
    assert rest.draw_seed is None
    assert rest.notices == ("Left out: 8 test images that have a twin in the train split.",)
    assert splits.without_twins(rest) is rest
    mask = splits.twin_mask(rest)
    assert mask is not None
    assert not mask.any()
    assert "all images still" in splits.without_twins(condensed(of("cifar10", 200))).notices[0]
    with pytest.raises(BadValueError, match="got svhn"):
        splits.without_twins(of("svhn"))


# SVHN: one photograph on both sides of the cut, and classes that are not equally frequent


@pytest.mark.full_data
def test_the_first_test_image_shows_the_plate_of_the_last_train_image() -> None:
    """The left of one is the right of the other: at some shift no other test image is as near to it."""
    train, test = (read_split("svhn", split)[0].numpy().astype(np.float32) for split in ("train", "test"))

    def nearest(left: np.ndarray, right: np.ndarray) -> float:
        shifts = range(8, 25)
        return min(float(np.abs(left[:, :, shift:] - right[:, :, : 32 - shift]).mean()) for shift in shifts)

    others = [nearest(train[-1], test[n]) for n in range(1, 200)]
    assert nearest(train[-1], test[0]) < min(others)


def test_the_whole_split_is_without_it_and_a_draw_has_it_last() -> None:
    assert splits.shared_places("svhn", "test", 2_000) == (0,)
    assert splits.shared_places("svhn", "test", 26_032) == splits.shared_places("svhn", "train", 2_000) == ()
    assert splits.shared_places("cifar10", "test", 2_000) == ()
    whole = gradlab.load_batch("svhn", limit=None, source="sample")
    assert (len(whole), int(whole.indices.min())) == (1_999, 1)
    drawn = gradlab.load_batch("svhn", limit=2_000, source="sample").indices
    assert int(drawn[-1]) == 0
    assert sorted(drawn.tolist()) == list(range(2_000))
    for limit in (10, 500, 1_000):
        counts = gradlab.load_batch("svhn", limit=limit, source="sample", seed=3).labels.bincount()
        assert counts.max() - counts.min() <= 1, "class-balanced still"


@pytest.mark.parametrize("name", ["alexnet", "resnet9"])
def test_a_shipped_baseline_is_read_without_it(name: str) -> None:
    baseline, card = load_baseline(name, "svhn"), find_card(name, "svhn")
    assert (baseline.images, baseline.planned, baseline.complete) == (1_999, 1_999, True)
    assert 0 not in baseline.indices
    assert (baseline.clean_correct, baseline.clean_accuracy) == (card.correct, card.clean_accuracy)
    assert splits.without_shared(baseline) is baseline
    part = replace(of("svhn"), planned=2_000)
    assert splits.without_shared(part) is part, "the first images of a sweep that goes on"


def test_how_frequent_svhns_classes_are() -> None:
    labels, places = (np.array(sample_facts("svhn")[name]) for name in ("labels", "indices"))
    shares = splits.class_shares(replace(of("svhn"), draw_seed=0))
    assert shares is not None
    np.testing.assert_allclose(shares, np.bincount(labels[places > 0]) / 1_999)
    assert splits.class_shares(replace(of("svhn"), indices=np.arange(40) + 5_000)) is None, "of the official split"
    assert splits.class_shares(of("cifar10")) is None


def test_reweighted_to_the_split_a_balanced_draw_is_the_splits_accuracy() -> None:
    """Of the whole split: each class's own accuracy times its share is the accuracy."""
    baseline = load_baseline("alexnet", "svhn")
    shares = splits.class_shares(baseline)
    assert shares is not None
    right = baseline.clean_predictions == baseline.labels
    assert splits.at_class_shares(right, baseline.labels, shares) == pytest.approx(baseline.clean_accuracy)
    known: tuple[BoolArray, IntArray, FloatArray] = (
        np.array([True, True, False]),
        np.array([0, 0, 1]),
        np.array([0.9, 0.1]),
    )
    assert splits.at_class_shares(*known) == pytest.approx(0.9)


def test_what_a_balanced_draw_is() -> None:
    drawn = replace(of("svhn"), labels=np.arange(40) % 10)
    assert splits.is_balanced_draw(drawn)
    assert not splits.is_balanced_draw(replace(drawn, draw_seed=None)), "the whole split"
    assert not splits.is_balanced_draw(replace(drawn, dataset="cifar10")), "there it is the same"
    assert not splits.is_balanced_draw(replace(drawn, labels=np.arange(40) % 5)), "some classes have none"


def test_only_those_of_svhn_have_shipped_baselines_with_fewer_images_than_their_split() -> None:
    for card in read_cards():
        assert baseline_of(card).images == (1_999 if card.dataset == "svhn" else 10_000)
