import hashlib
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch
from torch import nn
from toys import toy_images

from gradlab.errors import BadValueError, MissingFileError, UnknownNameError
from gradlab.images.registry import registered
from gradlab.images.store import read_split, write_split
from gradlab.networks import ARCHITECTURES, ModelCard, find_card, load_model, weights_path
from gradlab.training import (
    RECIPES,
    EpochDone,
    Progress,
    Recipe,
    Split,
    checkpoint_path,
    correct,
    find_recipe,
    loop,
    publish,
    remeasure,
    run,
)

TINY = Recipe("tiny", "alexnet", "fashion_mnist", epochs=2, learning_rate=0.002, batch_size=32, averaging=0.5)
CPU = torch.device("cpu")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store and assets of this test's own, both empty; gives the folder for checkpoints."""
    monkeypatch.setenv("GRADLAB_DATA", str(tmp_path / "store"))
    monkeypatch.setenv("GRADLAB_ASSETS", str(tmp_path / "assets"))
    return tmp_path / "runs"


@pytest.fixture
def stored(folder: Path, learnable: Callable[..., Split]) -> Path:
    """With 64 train and 50 test images in the store."""
    for name, split in (("train", learnable(64)), ("test", learnable(50, seed=1))):
        write_split("fashion_mnist", name, split.images, split.labels)
    return folder


def finish(recipe: Recipe, folder: Path, resume: bool = False) -> tuple[list[Progress | EpochDone], ModelCard]:
    *events, card = run(recipe, CPU, torch.float32, folder, resume)
    assert isinstance(card, ModelCard)
    return [event for event in events if not isinstance(event, ModelCard)], card


def test_a_run_ends_in_weights_and_their_card(stored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[nn.Module] = []

    def watched(model: nn.Module, split: Split) -> int:
        measured.append(model)
        return correct(model, split)

    monkeypatch.setattr(publish, "correct", watched)
    events, card = finish(TINY, stored)
    assert len(events) == 2 * 2 + 2
    assert card == find_card("tiny", "fashion_mnist")
    assert card.sha256 == hashlib.sha256(weights_path(card).read_bytes()).hexdigest()
    assert (card.channels, card.size, card.classes, card.epochs, card.steps) == (1, 28, 10, 2, 4)
    assert card.trained_on == "64 images of the train split"
    assert card.measured_on == "50 images of the test split"
    assert card.recipe == asdict(TINY)
    assert card.precision == "float32"
    assert card.note == (
        "The train split had 64 of the 60,000 official images. The test split had 50 of the 10,000 official images."
    )
    assert card.hardware.startswith("CPU (")
    # The accuracy is the stored file's, which is rounded to float16: the very same numbers were measured.
    model = load_model("tiny", "fashion_mnist", "cpu")
    assert card.parameters == sum(p.numel() for p in model.parameters())
    for name, value in model.state_dict().items():
        assert torch.equal(measured[0].state_dict()[name], value)
    assert card.correct == correct(model, Split(*read_split("fashion_mnist", "test"))) == card.clean_accuracy * 50
    assert abs(remeasure(card) - card.correct) <= 1  # on another device, perhaps


def test_an_interrupted_run_is_resumed_to_the_same_file(stored: Path) -> None:
    _, straight = finish(TINY, stored / "straight")
    interrupted = run(TINY, CPU, torch.float32, stored / "cut")
    for event in interrupted:
        if isinstance(event, Progress) and (event.epoch, event.step) == (1, 1):
            break
    interrupted.close()
    assert checkpoint_path(TINY, stored / "cut").name == "tiny-fashion_mnist.safetensors"
    assert checkpoint_path(TINY, stored / "cut").is_file()
    events, resumed = finish(TINY, stored / "cut", resume=True)
    assert [event.epoch for event in events] == [1, 1, 2]
    assert resumed == straight
    # A finished one has nothing left to do but its card.
    assert finish(TINY, stored / "cut", resume=True) == ([], straight)


def test_a_network_stopped_at_an_accuracy_says_so(stored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "accuracy", lambda *_: 0.5)
    _, card = finish(replace(TINY, stop_at=0.5, epochs=9), stored)
    assert card.epochs == 1
    assert "Training was stopped" in card.note
    assert "50.00%" in card.note
    assert finish(replace(TINY, stop_at=0.5, epochs=9), stored, resume=True) == ([], card)


@pytest.mark.parametrize(
    ("dataset", "sizes", "expected"),
    [
        ("cifar10", {"train": 50_000, "test": 10_000}, ""),
        ("cifar100", {"train": 40_000, "test": 10_000}, "The train split had 40,000 of the 50,000 official images."),
        ("svhn", {"train": 73_257, "test": 26_032}, ""),
        (
            "svhn",
            {"train": 8_000, "test": 2_000},
            "Both are official test images: the first 8,000 to train on, the next 2,000 to test on, but for the first "
            "of these, which is of the same photograph as the last train image; none of the 73,257 official train "
            "images was at hand.",
        ),
    ],
)
def test_a_card_says_where_its_splits_are_not_the_official_ones(
    dataset: str, sizes: dict[str, int], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publish, "stored_size", lambda name, split: sizes[split] if name == dataset else -1)
    assert publish._note(replace(TINY, dataset=dataset)) == expected


def nothing_written(folder: Path) -> bool:
    return not (folder.parent / "assets").exists() and not folder.exists()


def test_nothing_to_resume(stored: Path) -> None:
    with pytest.raises(MissingFileError, match="tiny-fashion_mnist.safetensors is missing.*without --resume"):
        finish(TINY, stored, resume=True)
    assert nothing_written(stored)


def test_a_checkpoint_of_another_recipe(stored: Path) -> None:
    finish(replace(TINY, epochs=1), stored)
    with pytest.raises(BadValueError, match="made by another recipe"):
        finish(TINY, stored, resume=True)


def test_a_data_set_that_is_not_stored(folder: Path) -> None:
    with pytest.raises(MissingFileError, match="python -m gradlab fetch fashion_mnist"):
        finish(TINY, folder)
    assert nothing_written(folder)


def test_every_recipe_is_found_under_its_names() -> None:
    assert len(RECIPES) == 9
    for (name, dataset), recipe in RECIPES.items():
        assert find_recipe(name, dataset) is recipe
        assert (recipe.name, recipe.dataset) == (name, dataset)


def test_an_architecture_without_a_recipe_is_trained_as_alexnet_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ARCHITECTURES, "mean", ARCHITECTURES["resnet9"])
    usual = RECIPES["alexnet", "svhn"]
    assert find_recipe("mean", "svhn") == replace(usual, name="mean", architecture="mean")
    with registered(toy_images()) as toy:
        found = find_recipe("resnet9", toy.key)
    usual = RECIPES["alexnet", "cifar10"]
    assert found == replace(usual, name="resnet9", architecture="resnet9", dataset=toy.key)


@pytest.mark.parametrize(("name", "dataset"), [("alexnet-paper", "svhn"), ("alexne", "cifar10")])
def test_a_recipe_that_does_not_exist(name: str, dataset: str) -> None:
    with pytest.raises(UnknownNameError, match=f"unknown recipe '{name} for {dataset}'.*alexnet for cifar10"):
        find_recipe(name, dataset)
