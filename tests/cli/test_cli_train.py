"""`gradlab train`: weights and a card, and how it goes on."""

import json
from pathlib import Path

import pytest
import torch
from calling import Call

from gradlab.images.store import write_split
from gradlab.training import RECIPES


def test_train_makes_weights_and_a_card(
    call: Call, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADLAB_ASSETS", str(tmp_path / "new"))
    generator = torch.Generator().manual_seed(0)
    for split, count in (("train", 130), ("test", 20)):
        images = torch.randint(256, (count, 3, 32, 32), generator=generator, dtype=torch.uint8)
        write_split("cifar10", split, images, torch.arange(count) % 10)
    train = ("train", "--epochs", "1", "--seed", "4", "--precision", "float32", "--device", "cpu", "--json", "-")
    done = call(*train)
    (card,) = json.loads(done.out)["models"]
    assert (done.code, card["name"], card["steps"], card["trained_on"]) == (
        0,
        "alexnet",
        1,
        "130 images of the train split",
    )
    assert (card["recipe"]["epochs"], card["recipe"]["seed"]) == (1, 4)
    assert "epoch 1: loss " in done.err
    assert (folder / "runs" / "alexnet-cifar10.safetensors").is_file()
    assert (tmp_path / "new" / "weights" / "alexnet-cifar10.safetensors").is_file()
    assert json.loads(call(*train, "--resume").out)["models"] == [card]
    card, elsewhere = json.loads(call("models", "--measure", "--json", "-").out)["models"]
    assert (elsewhere["name"], elsewhere["measured"]) == ("efficientnet_lite0", None), "of images without labels"
    assert abs(card["measured"] - card["correct"]) <= 1  # on another device, perhaps
    monkeypatch.setattr("gradlab.training.RECIPES", {key: RECIPES[key] for key in list(RECIPES)[:2]})
    # The first has a checkpoint, the second begins; a name has no meaning where all are trained.
    every = call(*train, "--all", "--resume", "--model", "whatever", "--json", "cards.json")
    assert every.code == 0, every.err
    cards = json.loads((folder / "cards.json").read_text())["models"]
    assert [row["name"] for row in cards] == ["alexnet", "alexnet-paper"]
    assert cards[0]["sha256"] == card["sha256"]
    other = call(*train, "--resume", "--seed", "5")
    assert (other.code, other.out, other.err.count("\n")) == (2, "", 1)
    assert "made by another recipe" in other.err
