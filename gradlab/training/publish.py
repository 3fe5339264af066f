"""From a recipe to a file in `assets/weights` and its card: what `python -m gradlab train` does."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import torch

from gradlab.device import describe_device
from gradlab.errors import MissingFileError
from gradlab.images.registry import image_set
from gradlab.images.splits import shared_places
from gradlab.images.store import read_split, stored_size
from gradlab.networks import ModelCard, build, half, load_model, save_weights, weights_path, write_card
from gradlab.training.loop import EpochDone, Progress, Split, Training, correct, train
from gradlab.training.recipes import Recipe
from gradlab.types import UNKNOWN

_OF_SVHNS_TEST = {"train": 8_000, "test": 2_000}  # the splits that the embedded sample of SVHN belongs to, see its JSON


def checkpoint_path(recipe: Recipe, folder: Path) -> Path:
    """Where the checkpoint of a recipe is kept."""
    return folder / f"{recipe.name}-{recipe.dataset}.safetensors"


def run(
    recipe: Recipe, device: torch.device, precision: torch.dtype, folder: Path, resume: bool = False
) -> Iterator[Progress | EpochDone | ModelCard]:
    """Train by a recipe, with a checkpoint after each epoch, and put the weights and their card into `assets/`.

    Args:
        recipe: what to train, and how.
        device: where.
        precision: of the forward and backward passes.
        folder: where the checkpoint is kept.
        resume: go on from the checkpoint in `folder`.

    Yields:
        What the loop yields, and the model card at the end.

    Raises:
        MissingFileError: when the data set is not in the local store, or there is no checkpoint to resume.
        BadValueError: when the checkpoint is of another recipe.
    """
    images, labels = read_split(recipe.dataset, "train")
    train_split = Split(images[: recipe.images], labels[: recipe.images])
    test_split = _test_split(recipe.dataset)
    classes = len(image_set(recipe.dataset).classes)
    training = Training(recipe, train_split, classes, device)
    path = checkpoint_path(recipe, folder)
    if resume:
        if not path.is_file():
            raise MissingFileError(f"{path} is missing: expected a checkpoint to resume; train without --resume")
        training.restore(path)
    for event in train(training, train_split, test_split, precision):
        if isinstance(event, EpochDone):
            training.save(path)
        yield event
    yield publish(training, train_split, test_split, classes, str(precision).removeprefix("torch."))


def publish(training: Training, train_split: Split, test_split: Split, classes: int, precision: str) -> ModelCard:
    """Store the averaged weights as float16 and write the card, with the accuracy of the *stored* file in float32."""
    recipe = training.recipe
    device = next(training.model.parameters()).device
    _, channels, size, _ = train_split.images.shape
    card = ModelCard(
        name=recipe.name, dataset=recipe.dataset, architecture=recipe.architecture,
        channels=channels, size=size, classes=classes,
        parameters=sum(p.numel() for p in training.model.parameters()),
        sha256="", clean_accuracy=0.0, correct=0,
        measured_on=f"{len(test_split.labels):,} images of the test split",
        trained_on=f"{len(train_split.labels):,} images of the train split",
        recipe=asdict(recipe), epochs=training.epoch, steps=training.steps,
        precision=precision, hardware=describe_device(str(device)), note=_note(recipe), fitted=_fitted(recipe),
    )  # fmt: skip
    state = {name: half(value) for name, value in training.average.module.state_dict().items()}
    right = correct(build(card, state).to(device), test_split)
    sha256 = save_weights(state, weights_path(card))
    final = replace(card, sha256=sha256, correct=right, clean_accuracy=right / len(test_split.labels))
    write_card(final)
    return final


def remeasure(card: ModelCard) -> int | None:
    """How many images of the full test split a network gets right, here and now, in float32.

    None where the labels are unknown, or where the images are not bytes.

    Raises:
        MissingFileError: when the full test split is not in the local store.
    """
    split = _test_split(card.dataset)
    if split.images.dtype != torch.uint8 or bool((split.labels == UNKNOWN).any()):
        return None
    return correct(load_model(card.name, card.dataset), split)


def _test_split(dataset: str) -> Split:
    """Without images of the same photograph as a train image."""
    found = image_set(dataset).read("test", "store", True)
    images, labels = found.images, found.labels
    shared = shared_places(dataset, "test", len(labels))
    if not shared:
        return Split(images, labels)
    kept = [place for place in range(len(labels)) if place not in shared]
    return Split(images[kept], labels[kept])


def _note(recipe: Recipe) -> str:
    """What a reader of the card should know beyond the recipe: why training ended, and what the splits were."""
    stopped = (
        ""
        if recipe.stop_at is None
        else f"Training was stopped when the accuracy on the test split came to {recipe.stop_at:.2%}: chosen on the "
        "test split, so that it is the network of the paper's abstract as near as it can be told."
    )
    return " ".join(filter(None, (stopped, _splits_note(recipe.dataset))))


def _fitted(recipe: Recipe) -> str:
    """Which figures of the network are fitted to the test images: those of a recipe that stops by them."""
    if recipe.stop_at is None:
        return ""
    return (
        "clean accuracy and accuracies under steps: recipe chosen among some thirty, and the end of training, on test "
        "images"
    )


def _splits_note(dataset: str) -> str:
    """How the store's splits differ from the official ones; empty where they have as many images."""
    official = image_set(dataset).sizes
    here = {split: stored_size(dataset, split) for split in official}
    if here == official:
        return ""
    if dataset == "svhn" and here == _OF_SVHNS_TEST:
        return (
            f"Both are official test images: the first {here['train']:,} to train on, the next {here['test']:,} to "
            "test on, but for the first of these, which is of the same photograph as the last train image; none of the "
            f"{official['train']:,} official train images was at hand."
        )
    return " ".join(
        f"The {split} split had {count:,} of the {official[split]:,} official images."
        for split, count in here.items()
        if count != official[split]
    )
